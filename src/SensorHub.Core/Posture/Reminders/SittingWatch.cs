namespace SensorHub.Core.Posture.Reminders;

/// <summary>
/// Time of sitting without a break. Only walking makes a break, for <see cref="ReminderOptions.Break"/> in all, with pauses of standing and
/// short ones of sitting between. Standing up for less, or without a walk, adds nothing and ends nothing: the trials that found an effect had
/// people walk. What was not seen for as long as a break takes may have been one: the time begins anew.
/// </summary>
internal sealed class SittingWatch(ReminderOptions options)
{
    private TimeSpan _walked;
    private TimeSpan _satSinceWalk;
    private TimeSpan _unseen;
    private TimeSpan _next = options.SittingLong;

    public TimeSpan Sitting { get; private set; }

    /// <param name="phase">Unknown where it was not seen.</param>
    /// <param name="duration">Since the estimate before.</param>
    /// <param name="quiet">No reminder is wanted now.</param>
    public (bool Remind, bool Break) Update(Phase phase, TimeSpan duration, bool quiet)
    {
        _unseen = phase == Phase.Unknown ? _unseen + duration : TimeSpan.Zero;
        if (_unseen >= options.SittingGap)
            Begin();
        if (phase == Phase.Walking)
        {
            (_walked, _satSinceWalk) = (_walked + duration, TimeSpan.Zero);
            if (_walked < options.Break || Sitting == TimeSpan.Zero)
                return default;
            Begin();
            return (false, true);
        }
        if (phase is not (Phase.Sitting or Phase.Slouching))
            return default;
        Sitting += duration;
        _satSinceWalk += duration;
        if (_satSinceWalk >= options.BreakPause)
            _walked = TimeSpan.Zero;
        if (quiet || Sitting < _next)
            return default;
        _next = Sitting + options.SittingAgain;
        return (true, false);
    }

    private void Begin() => (Sitting, _walked, _satSinceWalk, _next) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, options.SittingLong);
}

using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Reminders;

/// <summary>
/// Bouts of slouching, and when to remind of one. A bout begins at the posterior change that enters, and ends where it has been below the
/// one that leaves for a while: corrected; or where it cannot be seen for as long: walking, lying, rolling, bending, not worn, a gap. It
/// is reminded of when it has been held long enough, and again after the quiet time while it lasts; at most so often an hour.
/// </summary>
internal sealed class SlouchWatch(ReminderOptions options)
{
    private readonly Queue<Timestamp> _reminders = new();
    private Timestamp? _since;
    private Timestamp? _better;
    private Timestamp? _unseen;
    private Timestamp? _last;
    private Timestamp? _reminded;

    /// <summary>Whether the person trains: <see cref="ReminderOptions.TrainingHold"/> from now on.</summary>
    public bool Training { get; set; } = options.Training;

    /// <summary>How long the bout has lasted; zero outside of one.</summary>
    public TimeSpan Bout { get; private set; }

    /// <summary>Slumped at this moment.</summary>
    public bool IsSlouched => _since is not null && _better is null && _unseen is null;

    /// <param name="time">Of the estimate.</param>
    /// <param name="posterior">° from neutral; null when it cannot be seen.</param>
    /// <param name="sits">Otherwise stands.</param>
    /// <param name="quiet">No reminder is wanted now.</param>
    public SlouchNews Update(Timestamp time, double? posterior, bool sits, bool quiet)
    {
        var gap = time - _last > options.SlouchGap;
        _last = time;
        if (gap)
            End();
        if (posterior is not { } degrees)
        {
            _unseen ??= time;
            if (time - _unseen >= options.Leave)
                End();
            return default;
        }
        _unseen = null;

        var (enter, leave) = sits ? (options.SittingEnter, options.SittingLeave) : (options.StandingEnter, options.StandingLeave);
        if (_since is null && degrees >= enter)
            _since = time;
        if (_since is not { } since)
            return default;

        _better = degrees < leave ? _better ?? time : null;
        if (time - _better >= options.Leave)
        {
            var corrected = _reminded is { } reminded ? _better - reminded : null;
            End();
            return new SlouchNews(false, corrected);
        }
        Bout = (_better ?? time) - since;
        var hold = Training ? options.TrainingHold : sits ? options.SittingHold : options.StandingHold;
        if (quiet || _better is not null || Bout < hold || !MayRemind(time))
            return default;
        _reminders.Enqueue(time);
        _reminded ??= time;
        return new SlouchNews(true, null);
    }

    private bool MayRemind(Timestamp time)
    {
        while (_reminders.TryPeek(out var oldest) && time - oldest >= TimeSpan.FromHours(1))
            _reminders.Dequeue();
        return _reminders.Count < options.MostPerHour && (_reminders.Count == 0 || time - _reminders.Last() >= options.Quiet);
    }

    private void End() => (_since, _better, _reminded, Bout) = (null, null, null, TimeSpan.Zero);
}

/// <param name="Remind">Now is the time for a reminder.</param>
/// <param name="Corrected">A reminded bout has ended upright: so long after the reminder.</param>
internal readonly record struct SlouchNews(bool Remind, TimeSpan? Corrected);

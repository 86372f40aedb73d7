using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Reminders;

/// <summary>
/// What a clip's estimates say over minutes: a <see cref="Cue"/> to sit or stand up straight, one to walk a little, and
/// <see cref="PostureTotals"/> for each minute. Reminders, no treatment. Before a calibration nothing is known to slouch from, and before the
/// lower element's nothing to sit from: the totals then hold walking, lying, rolling and unknown. What it gives is a function of the calls in
/// their order.
/// </summary>
/// <param name="sensor">The clip.</param>
/// <param name="options">Null = defaults.</param>
/// <exception cref="UserException">An option is out of its range.</exception>
public sealed class PostureReminders(Slug sensor, ReminderOptions? options = null)
{
    private readonly ReminderOptions _options = Constants.Check(options ?? new ReminderOptions());
    private readonly SittingNeutral _neutral = new(options ?? new ReminderOptions());
    private readonly SlouchWatch _slouch = new(options ?? new ReminderOptions());
    private readonly SittingWatch _sitting = new(options ?? new ReminderOptions());
    private readonly Queue<Timestamp> _attached = new();
    private PostureTotals? _minute;
    private Timestamp? _last;
    private Timestamp? _quietUntil;
    private bool _off;

    /// <summary>No reminders from <paramref name="at"/> on, for so long. What they would be about is counted on.</summary>
    public void Snooze(Timestamp at, TimeSpan duration) => _quietUntil = at + duration;

    /// <summary>Takes what the wear detector says of the same clip.</summary>
    public void Update(WearState state) => _off = state.Sensor == sensor ? state.Wear == Wearing.Off : _off;

    /// <summary>Takes the next estimate of the clip; gives what is to be said by now, and the minute that it ended.</summary>
    public IReadOnlyList<Feature> Update(PostureEstimate estimate)
    {
        while (_attached.TryPeek(out var at) && at <= estimate.Time)
        {
            _attached.Dequeue();
            _neutral.Forget();
        }

        var features = new List<Feature>();
        var time = estimate.Time;
        var passed = _last is { } last ? time - last : TimeSpan.Zero;
        var seen = passed <= _options.LongestStep ? passed : TimeSpan.Zero;
        if (_minute is { } minute && MinuteOf(minute.Time) != MinuteOf(time))
            features.Add(Close());
        _minute ??= new PostureTotals { Time = time, Sensor = sensor };
        _last = time;

        var quiet = time < _quietUntil;
        var phase = _off ? Phase.Unknown : estimate.Phase;
        var posterior = _neutral.Posterior(estimate);
        var sits = phase is Phase.Sitting or Phase.Slouching;
        var news = _slouch.Update(time, _off || estimate.Calibration is null ? null : posterior, sits, quiet);
        if (passed > seen)
            _sitting.Update(Phase.Unknown, passed, quiet);
        var (walk, pause) = _sitting.Update(phase, seen, quiet);
        Count(phase, seen, news, pause);
        if (news.Remind)
            features.Add(Remind(time, CueCode.Slouching, posterior, sits ? _options.SittingEnter : _options.StandingEnter));
        if (walk)
            features.Add(Remind(time, CueCode.SittingLong, _sitting.Sitting.TotalSeconds, _options.SittingLong.TotalSeconds));
        return features;
    }

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        switch (marker)
        {
            case Marker.ClipAttached:
                _attached.Enqueue(at);
                break;
            case Marker.Snoozed snoozed:
                Snooze(at, snoozed.Duration);
                break;
            case Marker.RemindersSet set:
                _slouch.Training = set.Mode == ReminderMode.Training;
                break;
            case Marker.SitCalibration sit:
                _neutral.Expect(at, sit.Duration);
                break;
            case Marker.SessionEnded when _minute is not null:
                return [Close()];
            default:
                break;
        }
        return [];
    }

    private static long MinuteOf(Timestamp time) => Math.DivRem(time.UnixNanoseconds, 60_000_000_000).Quotient;

    private PostureTotals Close()
    {
        var minute = _minute! with { SittingWithoutBreak = _sitting.Sitting };
        _minute = null;
        return minute;
    }

    private void Count(Phase phase, TimeSpan seen, SlouchNews news, bool pause)
    {
        var m = _minute!;
        _minute = (_off ? m with { NotWorn = m.NotWorn + seen } : phase switch
        {
            Phase.Standing => m with { Standing = m.Standing + seen },
            Phase.Sitting or Phase.Slouching => m with { Sitting = m.Sitting + seen },
            Phase.Lying => m with { Lying = m.Lying + seen },
            Phase.Walking => m with { Walking = m.Walking + seen },
            Phase.Rolling => m with { Rolling = m.Rolling + seen },
            Phase.Bending => m with { Bending = m.Bending + seen },
            _ => m with { Unknown = m.Unknown + seen },
        }) with
        {
            Slouched = _slouch.IsSlouched ? m.Slouched + seen : m.Slouched,
            LongestSlouch = _slouch.Bout > m.LongestSlouch ? _slouch.Bout : m.LongestSlouch,
            Reminders = m.Reminders + (news.Remind ? 1 : 0),
            Corrections = m.Corrections + (news.Corrected is null ? 0 : 1),
            TimeToCorrect = m.TimeToCorrect + (news.Corrected ?? TimeSpan.Zero),
            Breaks = m.Breaks + (pause ? 1 : 0),
        };
    }

    private Cue Remind(Timestamp time, CueCode code, double? value, double limit) =>
        new() { Time = time, Sensor = sensor, Code = code, Level = CueLevel.Remind, Value = value, Limit = limit };
}

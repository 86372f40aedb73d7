using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Reminders;

/// <summary>
/// How far posterior the person is, ° from neutral: the flattening of the lumbar spine, or with the lower element alone the pelvis rolled
/// back. Standing is held against the calibrated stand; sitting against the person's own upright sitting, once they have shown it, and
/// until then against what people do on average.
/// </summary>
internal sealed class SittingNeutral(ReminderOptions options)
{
    private readonly Queue<(Timestamp From, Timestamp To)> _windows = new();
    private double? _own;
    private double _sum;
    private int _count;
    private TimeSpan _seen;
    private Timestamp? _last;

    public void Expect(Timestamp at, TimeSpan duration) => _windows.Enqueue((at, at + duration));

    public void Forget()
    {
        _windows.Clear();
        _own = null;
    }

    /// <summary>Null while it is not known, or while the person neither sits nor stands.</summary>
    public double? Posterior(PostureEstimate estimate)
    {
        var twoElements = estimate.TrunkRotation is not null;
        if ((twoElements ? estimate.LordosisChange : estimate.PelvicRotation) is not { } change || estimate.Quality == Quality.NotObservable && twoElements)
            return null;
        var posterior = -change.Value;
        Learn(estimate.Time, posterior);
        return estimate.Phase switch
        {
            Phase.Standing => posterior,
            Phase.Sitting or Phase.Slouching => posterior - (_own ?? (twoElements ? options.SittingFlexion : options.SittingRotation)),
            _ => null,
        };
    }

    private void Learn(Timestamp time, double posterior)
    {
        if (!_windows.TryPeek(out var window) || time < window.From)
            return;
        if (time <= window.To)
        {
            _sum += posterior;
            _count++;
            _seen += _last is { } last && time - last <= options.LongestStep ? time - last : TimeSpan.Zero;
            _last = time;
            return;
        }
        if (_count > 0 && _seen >= options.SittingCoverage * (window.To - window.From))
            _own = _sum / _count;
        _windows.Dequeue();
        (_sum, _count, _seen, _last) = (0, 0, TimeSpan.Zero, null);
    }
}

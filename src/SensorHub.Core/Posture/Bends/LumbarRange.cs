using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Bends;

/// <summary>
/// L_max, the person's own range of lumbar flexion: the median of the largest flexions in the calibration bends of this attachment.
/// </summary>
internal sealed class LumbarRange(BendOptions options)
{
    private readonly List<(Timestamp From, Timestamp To)> _windows = [];
    private readonly List<Measured> _bends = [];
    private Timestamp? _window;

    /// <summary>°; null before a calibration bend.</summary>
    public Measured? Maximum { get; private set; }

    public void Expect(Timestamp at, Marker.BendCalibration marker) => _windows.Add((at, at + marker.Duration));

    public bool IsCalibrating(Timestamp time) => _windows.Exists(w => time >= w.From && time <= w.To);

    /// <summary>From how far both elements turned forward in the bends of a calibration made earlier; the turns were largest together.</summary>
    public void Take(PostureCalibration given)
    {
        if (given is { Upper: { BendDepth: { } upper } u, Lower: { BendDepth: { } lower } l } && upper - lower > 0)
            Maximum = new Measured(upper - lower, double.Hypot(u.Standing.StandardUncertainty, l.Standing.StandardUncertainty));
    }

    public void Forget()
    {
        _windows.Clear();
        _bends.Clear();
        Maximum = null;
    }

    public void Learn(Timestamp start, BendRhythm bend)
    {
        var window = _windows.FindIndex(w => start >= w.From && start <= w.To);
        if (window < 0 || bend.Deepest.T.Value < options.CalibrationDepth || bend.Lumbar.Value <= 0)
            return;
        if (_window != _windows[window].From)
            _bends.Clear();
        _window = _windows[window].From;
        _bends.Add(bend.Lumbar);
        Maximum = _bends.OrderBy(b => b.Value).ElementAt((_bends.Count - 1) / 2);
    }

    /// <summary>LF% = 100 · L / L_max, and its uncertainty.</summary>
    public Measured? Percent(Measured lumbar) => Maximum is not { } maximum ? null : new Measured(
        100 * lumbar.Value / maximum.Value,
        100 * double.Hypot(lumbar.StandardUncertainty, lumbar.Value / maximum.Value * maximum.StandardUncertainty) / maximum.Value);
}

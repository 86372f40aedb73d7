using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>One element of the clip: its filter, and its sagittal inclination in degrees.</summary>
internal sealed class ElementTrack(PostureOptions options, OrientationOptions? orientation)
{
    private readonly OrientationFilter _filter = new(orientation);
    private readonly double _axisLimit = Math.Sin(double.DegreesToRadians(options.FlexionAxisLimit));
    private Timestamp? _fastUntil;
    private double _squaredRate;

    /// <summary>The inclination in the calibrated stand, °; null before one.</summary>
    public Measured? Standing { get; set; }

    /// <summary>Root mean square of the angular rate, °/s.</summary>
    public double RateRms => Math.Sqrt(_squaredRate);

    public void Update(in ImuSample sample)
    {
        var dt = _filter.Current is { } last ? Math.Max(0, (sample.Time - last.Time).TotalSeconds) : 0;
        var rate = double.RadiansToDegrees(_filter.Update(sample).AngularRate.Norm);
        var weight = 1 - Math.Exp(-dt / options.Phases.WalkTimeConstant.TotalSeconds);
        _squaredRate += weight * (rate * rate - _squaredRate);
        if (rate >= options.OneElementRate)
            _fastUntil = sample.Time;
    }

    /// <summary>Age of the newest sample; null before the first and when it is too old to say anything.</summary>
    public TimeSpan? Age(Timestamp time) =>
        _filter.Current is { } current && time - current.Time <= options.OldestSample ? time - current.Time : null;

    /// <summary>The unit vector that points up, element frame; null without a recent sample.</summary>
    public Vector3D? Up(Timestamp time) => Age(time) is null ? null : _filter.Current!.Value.UpAt(time);

    /// <summary>
    /// Inclination φ = atan2(up_z, up_x), °, forward lean positive; null without a recent sample, or when the flexion axis Y is too
    /// near the vertical. The direction's uncertainty counts more the less of gravity lies in the sagittal plane.
    /// </summary>
    public Measured? Inclination(Timestamp time)
    {
        if (Up(time) is not { } up || Math.Abs(up.Y) > _axisLimit)
            return null;
        var gravity = _filter.Current!.Value.InclinationUncertainty.Degrees / Math.Sqrt(1 - up.Y * up.Y);
        return new Measured(
            double.RadiansToDegrees(Math.Atan2(up.Z, up.X)),
            Math.Sqrt(gravity * gravity + options.SkinUncertainty * options.SkinUncertainty));
    }

    /// <summary>Change of inclination from the calibrated stand, °; null when either is not known.</summary>
    public Measured? Change(Measured? inclination) =>
        inclination is { } now && Standing is { } then ? Difference(now, then) : null;

    /// <summary>No fast motion for a while.</summary>
    public bool IsQuiet(Timestamp time) => !(time - _fastUntil < options.OneElementQuiet);

    /// <summary>a − b in (−180, 180], of independent angles.</summary>
    public static Measured Difference(Measured a, Measured b) => new(
        Angle.FromDegrees(a.Value - b.Value).Wrapped().Degrees,
        Math.Sqrt(a.StandardUncertainty * a.StandardUncertainty + b.StandardUncertainty * b.StandardUncertainty));
}

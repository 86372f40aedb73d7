using SensorHub.Core.Orientation;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>One element of the clip: its filter, how it lies on the body, and its sagittal inclination in degrees.</summary>
internal sealed class ElementTrack(PostureOptions options, OrientationOptions? orientation)
{
    /// <summary>
    /// Standard uncertainty of one component of a direction whose 2u holds 95 % of its errors: these are Rayleigh distributed
    /// (2u = 2.448σ), those of a component normal.
    /// </summary>
    private const double Component = 2 / 2.448;

    private readonly OrientationFilter _filter = new(orientation ?? OrientationOptions.OnBody);
    private readonly double _axisLimit = Math.Sin(double.DegreesToRadians(options.FlexionAxisLimit));
    private Timestamp? _fastUntil;

    /// <summary>How it lies on the body; null before a calibration: then its axes are taken as those of the body.</summary>
    public ElementCalibration? Calibration { get; set; }

    /// <summary>Steps, sitting down and standing up.</summary>
    public VerticalMotion Vertical { get; } = new(options.Phases);

    public OrientationEstimate Update(in ImuSample sample)
    {
        var estimate = _filter.Update(sample);
        var rate = double.RadiansToDegrees(estimate.AngularRate.Norm);
        Vertical.Update(sample.Time, Vector3D.Dot(estimate.Up, sample.SpecificForce), rate);
        if (rate >= options.OneElementRate)
            _fastUntil = sample.Time;
        return estimate;
    }

    /// <summary>Age of the newest sample; null before the first and when it is too old to say anything.</summary>
    public TimeSpan? Age(Timestamp time) =>
        _filter.Current is { } current && time - current.Time <= options.OldestSample ? time - current.Time : null;

    /// <summary>The unit vector that points up, segment frame; null without a recent sample.</summary>
    public Vector3D? Up(Timestamp time) =>
        Age(time) is null ? null : (Calibration?.Alignment ?? Rotation.Identity).Rotate(_filter.Current!.Value.UpAt(time));

    /// <summary>
    /// Inclination φ = atan2(up_z, up_x), ° from vertical, forward lean positive; null without a recent sample, or when the flexion
    /// axis Y is too near the vertical. Uncertain by gravity, the accelerometer's offset and skin over bone; the slope of the
    /// skin where the plate sits is part of it.
    /// </summary>
    /// <param name="time">Now.</param>
    /// <param name="flexion">Lumbar flexion since the stand, °; null = not known, then as much as this element has turned.</param>
    public Measured? Inclination(Timestamp time, double? flexion = null)
    {
        if (Sagittal(time) is not { } sagittal)
            return null;
        return sagittal with { StandardUncertainty = Norm(sagittal.StandardUncertainty, options.OffsetUncertainty, Skin(flexion ?? Turned(time) ?? 0)) };
    }

    /// <summary>
    /// Change of inclination from a reference held earlier in this attachment, °; null when either is not known. The
    /// accelerometer's offset drops out as far as the element is held the same way.
    /// </summary>
    /// <param name="time">Now.</param>
    /// <param name="reference">Inclination then, uncertain by gravity alone.</param>
    /// <param name="flexion">Lumbar flexion since then, °; null = not known, then as much as this element has turned.</param>
    public Measured? Change(Timestamp time, Measured? reference, double? flexion = null)
    {
        if (reference is not { } then || Sagittal(time) is not { } now)
            return null;
        var change = Wrap(now.Value - then.Value);
        var turned = 2 * Math.Sin(0.5 * double.DegreesToRadians(change)); // how far apart two unit vectors are at this angle
        return new Measured(
            change, Norm(now.StandardUncertainty, Component * then.StandardUncertainty, options.OffsetUncertainty * turned, Skin(flexion ?? change)));
    }

    /// <summary>By how much it has turned forward since the stand, °; null when either is not known.</summary>
    public double? Turned(Timestamp time) =>
        Calibration is { } c && Sagittal(time) is { } now ? Wrap(now.Value - c.Standing.Value) : null;

    /// <summary>No fast motion for a while.</summary>
    public bool IsQuiet(Timestamp time) => !(time - _fastUntil < options.OneElementQuiet);

    /// <summary>a − b, of angles in degrees whose errors are independent, in (−180, 180].</summary>
    public static Measured Difference(Measured a, Measured b) => new(Wrap(a.Value - b.Value), Norm(a.StandardUncertainty, b.StandardUncertainty));

    /// <summary>The inclination with the uncertainty that gravity leaves in the sagittal plane: the more, the less of gravity lies in it.</summary>
    private Measured? Sagittal(Timestamp time)
    {
        if (Up(time) is not { } up || Math.Abs(up.Y) > _axisLimit)
            return null;
        var current = _filter.Current!.Value;
        var age = (time - current.Time).TotalSeconds;
        var gravity = Norm(Component * current.InclinationUncertainty.Degrees, 0.5 * options.BridgeAcceleration * age * age);
        return new Measured(SegmentFrame.Inclination(up), gravity / Math.Sqrt(1 - up.Y * up.Y));
    }

    /// <summary>Skin over bone: a little always, and a share of the lumbar flexion that stretches it.</summary>
    private double Skin(double flexion) => Norm(options.SkinUncertainty, options.SkinShare * flexion);

    private static double Wrap(double degrees) => Angle.FromDegrees(degrees).Wrapped().Degrees;

    private static double Norm(params ReadOnlySpan<double> parts)
    {
        var squares = 0.0;
        foreach (var part in parts)
            squares += part * part;
        return Math.Sqrt(squares);
    }
}

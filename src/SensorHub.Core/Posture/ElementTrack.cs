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

    private readonly OrientationFilter _filter = new(orientation);
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
    /// axis Y is too near the vertical. Uncertain by gravity, by how the plate sits on the back, and by skin over bone.
    /// </summary>
    public Measured? Inclination(Timestamp time)
    {
        if (Sagittal(time) is not { } sagittal)
            return null;
        var skin = Calibration is { } c ? Skin(Wrap(sagittal.Value - c.Standing.Value)) : options.SkinUncertainty;
        return sagittal with { StandardUncertainty = Norm(sagittal.StandardUncertainty, options.PlacingUncertainty, skin) };
    }

    /// <summary>
    /// Change of inclination from a reference held earlier in this attachment, °; null when either is not known. What is constant
    /// drops out: how the plate sits, and the accelerometer's offset as far as the element is held the same way.
    /// </summary>
    /// <param name="time">Now.</param>
    /// <param name="reference">Inclination then, uncertain by gravity alone.</param>
    public Measured? Change(Timestamp time, Measured? reference)
    {
        if (reference is not { } then || Sagittal(time) is not { } now)
            return null;
        var change = Wrap(now.Value - then.Value);
        var (random, offset) = Split(now.StandardUncertainty);
        var (randomThen, offsetThen) = Split(Component * then.StandardUncertainty);
        var turned = 2 * Math.Sin(0.5 * double.DegreesToRadians(change)); // |e(φ) − e(0)| of a unit vector
        return new Measured(change, Norm(random, randomThen, Math.Max(offset, offsetThen) * turned, Skin(change)));
    }

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

    /// <summary>Motion of the skin over bone since the stand: a little always, and a share of the turn.</summary>
    private double Skin(double change) => Norm(options.SkinUncertainty, options.SkinShare * change);

    /// <summary>A gravity uncertainty as its changing part, and the part that the accelerometer's offset makes.</summary>
    private (double Random, double Offset) Split(double uncertainty)
    {
        var offset = Math.Min(uncertainty, Component * options.OffsetUncertainty);
        return (Math.Sqrt(uncertainty * uncertainty - offset * offset), offset);
    }

    private static double Wrap(double degrees) => Angle.FromDegrees(degrees).Wrapped().Degrees;

    private static double Norm(params ReadOnlySpan<double> parts)
    {
        var squares = 0.0;
        foreach (var part in parts)
            squares += part * part;
        return Math.Sqrt(squares);
    }
}

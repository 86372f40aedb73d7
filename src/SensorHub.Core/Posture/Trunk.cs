using System.Collections.Immutable;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>The elements of one clip, and what they show of the trunk at any time between their samples.</summary>
internal sealed class Trunk
{
    private readonly Slug _sensor;
    private readonly PostureOptions _options;
    private readonly ImmutableArray<ElementRole> _elements;
    private readonly ElementTrack[] _tracks;
    private readonly ElementTrack? _lower;
    private readonly ElementTrack? _upper;
    private readonly PhaseClassifier _phases;
    private PostureCalibration? _calibration;
    private bool _hasShifted;

    public Trunk(Slug sensor, ImmutableArray<ElementRole> elements, PostureOptions options, OrientationOptions? orientation)
    {
        _sensor = sensor;
        _options = options;
        _elements = elements;
        _tracks = [.. elements.Select(_ => new ElementTrack(options, orientation))];
        _lower = Find(ElementRole.Lower);
        _upper = Find(ElementRole.Upper);
        _phases = new PhaseClassifier(options.Phases);

        ElementTrack? Find(ElementRole role) => elements.IndexOf(role) is >= 0 and var i ? _tracks[i] : null;
    }

    /// <summary>When the roller was last pressed.</summary>
    public Timestamp? Contact { get; set; }

    /// <summary>From now on estimates rest on this calibration; null = on none.</summary>
    public void Calibrate(PostureCalibration? calibration)
    {
        _calibration = calibration;
        _hasShifted = false;
        for (var i = 0; i < _tracks.Length; i++)
            _tracks[i].Calibration = calibration?.Of(_elements[i]);
    }

    /// <summary>The calibration no longer fits; there is no better one yet.</summary>
    public void Doubt() => _hasShifted = true;

    public OrientationEstimate Update(int element, in ImuSample sample) => _tracks[element].Update(sample);

    /// <summary>Whether any element was heard of lately enough to say something.</summary>
    public bool IsKnown(Timestamp time) => Array.Exists(_tracks, track => track.Age(time) is not null);

    /// <summary>Lumbar flexion in the calibrated sitting, °; null before one and with one element.</summary>
    private double? SittingFlexion() =>
        _lower?.Calibration is { Sitting: { } pelvis } lower && _upper?.Calibration is { Sitting: { } chest } upper
            ? chest.Value - upper.Standing.Value - (pelvis.Value - lower.Standing.Value)
            : null;

    /// <summary>The posture at a time not before the newest sample. Times follow each other.</summary>
    public PostureEstimate Estimate(Timestamp time)
    {
        var flexion = _upper?.Turned(time) - _lower?.Turned(time);
        var pelvic = _lower?.Inclination(time, flexion);
        var upper = _upper?.Inclination(time, flexion);
        var pelvicRotation = _lower?.Change(time, _lower.Calibration?.Standing, flexion);
        var trunkRotation = _upper?.Change(time, _upper.Calibration?.Standing, flexion);
        var twoElements = _lower is not null && _upper is not null;
        Measured? lordosis = pelvic is { } p && upper is { } u ? ElementTrack.Difference(p, u) : null;
        Measured? twoElementChange = pelvicRotation is { } pr && trunkRotation is { } tr ? ElementTrack.Difference(pr, tr) : null;

        var trunk = _upper ?? _lower ?? _tracks[0];
        var vertical = (_lower ?? trunk).Vertical;
        var phase = _phases.Update(new PhaseInput
        {
            Time = time,
            TrunkUp = trunk.Up(time),
            PelvicRotation = pelvicRotation?.Value,
            TrunkFlexion = trunkRotation?.Value,
            LumbarFlexion = -twoElementChange?.Value,
            SittingFlexion = SittingFlexion(),
            StepRms = vertical.StepRms,
            HeightChange = vertical.HeightChange,
            RollerContact = Contact,
        });
        var change = twoElements ? twoElementChange : OneElementChange(time, phase);

        return new PostureEstimate
        {
            Time = time,
            Sensor = _sensor,
            PelvicInclination = pelvic,
            UpperInclination = upper,
            Lordosis = lordosis,
            LordosisChange = change,
            LumbarFlexion = twoElementChange is { } c ? c with { Value = 0 - c.Value } : null,
            PelvicRotation = pelvicRotation,
            TrunkRotation = trunkRotation,
            Phase = phase,
            Method = twoElements ? "two-element-gravity" : "one-element-change",
            Quality = Judge(time, observable: twoElements || change is not null || _calibration is null),
            Calibration = _calibration?.Id,
            CalibrationAge = time - _calibration?.Time,
            Attachment = _calibration?.Attachment ?? default,
            Mounting = (_calibration?.Lower ?? _calibration?.Upper)?.Mounting ?? Mounting.Unclear,
        };
    }

    /// <summary>
    /// What the pelvis alone tells of lordosis, if the chest is upright: its change, while the person stands, or sits, as in the
    /// calibration, near it and still. u² = (Δφ · u_k)² + k² · u_Δφ².
    /// </summary>
    private Measured? OneElementChange(Timestamp time, Phase phase)
    {
        if (_lower?.Calibration is not { } calibration)
            return null;
        var (reference, spread) = phase switch
        {
            Phase.Standing => (calibration.Standing, _options.OneElementSlopeUncertainty),
            Phase.Sitting or Phase.Slouching => (calibration.Sitting, _options.OneElementSlopeUncertaintySitting),
            _ => ((Measured?)null, 0.0),
        };
        if (_lower.Change(time, reference) is not { } change || Math.Abs(change.Value) > _options.OneElementRange || !_lower.IsQuiet(time))
            return null;
        var k = _options.OneElementSlope;
        return new Measured(k * change.Value, double.Hypot(change.Value * spread, k * change.StandardUncertainty));
    }

    private Quality Judge(Timestamp time, bool observable)
    {
        var quality = !observable ? Quality.NotObservable : _calibration is null || _hasShifted ? Quality.Degraded : Quality.Good;
        foreach (var track in _tracks)
        {
            var (age, inclination) = (track.Age(time), track.Inclination(time));
            if (age is not null && inclination is null)
                return Quality.NotObservable;
            if (quality == Quality.Good && (!(age < _options.FreshSample) || !(inclination?.StandardUncertainty < _options.DegradedUncertainty)))
                quality = Quality.Degraded;
        }
        return quality;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture;

/// <summary>
/// The trunk's posture from the packets of one clip, in the sagittal plane and from gravity alone: lordosis is the
/// difference of two inclinations, so heading and its drift play no part. Estimates come on a grid of sample time, 25 a
/// second; what they say is a function of the calls in their order. <see cref="Feature.Session"/> and
/// <see cref="Feature.Subject"/> are the caller's to set.
/// </summary>
public sealed class PostureEstimator
{
    private readonly Slug _sensor;
    private readonly PostureOptions _options;
    private readonly ImmutableArray<ElementRole> _elements;
    private readonly ElementTrack[] _tracks;
    private readonly ElementTrack? _lower;
    private readonly ElementTrack? _upper;
    private readonly PhaseClassifier _phases;
    private readonly SampleMerge<(int Track, ImuSample Sample)> _merge;
    private readonly Queue<(Timestamp At, TimeSpan Duration)> _stands = new();

    private StandWindow[] _stand = [];
    private string? _calibration;
    private Timestamp? _next;
    private Timestamp? _contact;

    /// <param name="sensor">The clip.</param>
    /// <param name="elements">The elements that its descriptor names: <see cref="ElementRole.Lower"/>, <see cref="ElementRole.Upper"/> or both.</param>
    /// <param name="options">Null = defaults.</param>
    /// <param name="orientation">Of the filters; null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public PostureEstimator(Slug sensor, ImmutableArray<ElementRole> elements, PostureOptions? options = null, OrientationOptions? orientation = null)
    {
        _sensor = sensor;
        _options = Constants.Check(options ?? new PostureOptions());
        _elements = elements;
        _tracks = [.. elements.Select(_ => new ElementTrack(_options, orientation))];
        _lower = Find(ElementRole.Lower);
        _upper = Find(ElementRole.Upper);
        _phases = new PhaseClassifier(_options.Phases);
        _merge = new SampleMerge<(int, ImuSample)>(elements.Length, _options.Patience);

        ElementTrack? Find(ElementRole role) => elements.IndexOf(role) is var i and >= 0 ? _tracks[i] : null;
    }

    /// <summary>Takes the samples of one frame of either element; gives what became certain by it, oldest first: <see cref="PostureEstimate"/>, <see cref="CalibrationResult"/>, <see cref="Cue"/>.</summary>
    public IReadOnlyList<Feature> Update(ImuPacket packet)
    {
        var track = _elements.IndexOf(packet.Element);
        if (track < 0)
            return [];
        foreach (var sample in packet.Samples)
            _merge.Add(track, sample.Time, (track, sample));
        return TakeMerged(drain: false);
    }

    /// <summary>Takes what the roller says, for <see cref="Phase.Rolling"/>.</summary>
    public void Update(RollingEstimate roller) => _contact = roller.InContact ? roller.Time : _contact;

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>; it holds from that sample time on.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        if (marker is Marker.StandCalibration stand)
            _stands.Enqueue((at, stand.Duration));
        return marker is Marker.SessionEnded ? TakeMerged(drain: true) : [];
    }

    private List<PostureEstimate> TakeMerged(bool drain)
    {
        var estimates = new List<PostureEstimate>();
        while (_merge.TryTake(out var merged, drain))
        {
            var (track, sample) = merged;
            EstimateUntil(sample.Time, estimates);
            if (_stands.TryPeek(out var stand) && stand.At <= sample.Time)
            {
                _stands.Dequeue();
                _stand = [.. _tracks.Select(_ => new StandWindow(stand.At, stand.Duration, _options))];
            }
            _tracks[track].Update(sample);
            if (_stand.Length > 0)
                Calibrate(track, sample.Time);
        }
        return estimates;
    }

    private void Calibrate(int track, Timestamp time)
    {
        if (_tracks[track].Inclination(time) is { } inclination)
            _stand[track].Add(time, inclination);
        if (time <= _stand[track].End)
            return;

        var means = _stand.Select(window => window.Result()).ToArray();
        if (Array.TrueForAll(means, mean => mean is not null))
        {
            for (var i = 0; i < means.Length; i++)
                _tracks[i].Standing = means[i];
            _calibration = (_stand[0].Start.UnixNanoseconds / 1_000_000).ToString("x", CultureInfo.InvariantCulture);
        }
        _stand = [];
    }

    /// <summary>Estimates for each point of the grid before this time. All samples up to it have been taken, so far as they came.</summary>
    private void EstimateUntil(Timestamp time, List<PostureEstimate> estimates)
    {
        _next ??= time.CeilingTo(_options.Period);
        while (_next is { } next && next < time)
        {
            if (!Array.Exists(_tracks, track => track.Age(next) is not null))
            {
                // A gap: nothing is said about it.
                _next = time.CeilingTo(_options.Period);
                break;
            }
            estimates.Add(Estimate(next));
            _next = next + _options.Period;
        }
    }

    private PostureEstimate Estimate(Timestamp time)
    {
        var pelvic = _lower?.Inclination(time);
        var upper = _upper?.Inclination(time);
        var pelvicRotation = _lower?.Change(pelvic);
        var trunkFlexion = _upper?.Change(upper);
        var twoElements = _lower is not null && _upper is not null;
        Measured? lordosis = pelvic is { } p && upper is { } u ? ElementTrack.Difference(p, u) : null;
        Measured? twoElementChange = pelvicRotation is { } pr && trunkFlexion is { } tf ? ElementTrack.Difference(pr, tf) : null;

        var trunk = _upper ?? _lower ?? _tracks[0];
        var phase = _phases.Update(new PhaseInput(
            time, trunk.Up(time), pelvicRotation?.Value, trunkFlexion?.Value, -twoElementChange?.Value, trunk.RateRms, _contact));
        var change = twoElements ? twoElementChange : OneElementChange(time, pelvicRotation, phase);

        return new PostureEstimate
        {
            Time = time,
            Sensor = _sensor,
            PelvicInclination = pelvic,
            UpperInclination = upper,
            Lordosis = lordosis,
            LordosisChange = change,
            PelvicRotation = pelvicRotation,
            TrunkRotation = trunkFlexion,
            Phase = phase,
            Method = twoElements ? "two-element-gravity" : "one-element-change",
            Quality = Judge(time, observable: twoElements || change is not null || _calibration is null),
            Calibration = _calibration,
        };
    }

    /// <summary>
    /// What the pelvis alone tells of lordosis: its change, while the person stands as in the calibration, near it and still.
    /// u² = (Δφ · u_k)² + k² · u_Δφ².
    /// </summary>
    private Measured? OneElementChange(Timestamp time, Measured? pelvicRotation, Phase phase)
    {
        if (_lower is null || pelvicRotation is not { } rotation || phase != Phase.Standing
            || Math.Abs(rotation.Value) > _options.OneElementRange || !_lower.IsQuiet(time))
            return null;
        var k = _options.OneElementSlope;
        return new Measured(
            k * rotation.Value,
            double.Hypot(rotation.Value * _options.OneElementSlopeUncertainty, k * rotation.StandardUncertainty));
    }

    private Quality Judge(Timestamp time, bool observable)
    {
        var quality = observable ? Quality.Good : Quality.NotObservable;
        foreach (var track in _tracks)
        {
            var (age, inclination) = (track.Age(time), track.Inclination(time));
            if (age is not null && inclination is null)
                return Quality.NotObservable;
            if (quality == Quality.Good && (_calibration is null || !(age < _options.FreshSample) || !(inclination?.StandardUncertainty < _options.DegradedUncertainty)))
                quality = Quality.Degraded;
        }
        return quality;
    }
}

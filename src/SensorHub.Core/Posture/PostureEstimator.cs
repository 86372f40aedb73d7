using System.Collections.Immutable;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

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
    private readonly Trunk _trunk;
    private readonly Calibrator _calibrator;
    private readonly ShiftWatch _shifts;
    private readonly SampleMerge<(int Element, ImuSample Sample)> _merge;
    private readonly Queue<(Timestamp At, Marker Marker)> _markers = new();
    private Timestamp? _next;

    /// <param name="sensor">The clip.</param>
    /// <param name="elements">The elements that its descriptor names: <see cref="ElementRole.Lower"/>, <see cref="ElementRole.Upper"/> or both.</param>
    /// <param name="options">Null = defaults.</param>
    /// <param name="orientation">Of the filters; null = <see cref="OrientationOptions.OnBody"/>.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public PostureEstimator(Slug sensor, ImmutableArray<ElementRole> elements, PostureOptions? options = null, OrientationOptions? orientation = null)
    {
        _sensor = sensor;
        _options = Constants.Check(options ?? new PostureOptions());
        var alignment = Constants.Check(_options.Alignment);
        _elements = elements;
        _trunk = new Trunk(sensor, elements, _options, orientation);
        _calibrator = new Calibrator(sensor, elements, alignment);
        _shifts = new ShiftWatch(alignment);
        _merge = new SampleMerge<(int, ImuSample)>(elements.Length, _options.Patience);
    }

    /// <summary>The calibration that holds now; null = none. To be kept, and given back by <see cref="Marker.CalibrationGiven"/>.</summary>
    public PostureCalibration? Calibration => _calibrator.Current;

    /// <summary>
    /// Takes the samples of one frame of either element; gives what became certain by it, oldest first:
    /// <see cref="PostureEstimate"/>, <see cref="CalibrationResult"/>, <see cref="Cue"/>.
    /// </summary>
    public IReadOnlyList<Feature> Update(ImuPacket packet)
    {
        var element = _elements.IndexOf(packet.Element);
        if (element < 0)
            return [];
        foreach (var sample in packet.Samples)
            _merge.Add(element, sample.Time, (element, sample));
        return TakeMerged(drain: false);
    }

    /// <summary>Takes what the roller says, for <see cref="Phase.Rolling"/>.</summary>
    public void Update(RollingEstimate roller) => _trunk.Contact = roller.InContact ? roller.Time : _trunk.Contact;

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>; it holds from that sample time on.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        _markers.Enqueue((at, marker));
        if (marker is not Marker.SessionEnded)
            return [];
        var features = TakeMerged(drain: true);
        TakeMarkers(new Timestamp(long.MaxValue), features); // no sample will come whose time they wait for
        return features;
    }

    private List<Feature> TakeMerged(bool drain)
    {
        var features = new List<Feature>();
        while (_merge.TryTake(out var merged, drain))
        {
            var (element, sample) = merged;
            EstimateUntil(sample.Time, features);
            TakeMarkers(sample.Time, features);
            var estimate = _trunk.Update(element, sample);
            Calibrate(_calibrator.Update(element, estimate), features);
            if (_shifts.Update(_elements[element] == ElementRole.Upper, estimate) is { } shift)
            {
                _trunk.Doubt();
                features.Add(shift.Cue(estimate.Time, _sensor));
            }
        }
        return features;
    }

    private void TakeMarkers(Timestamp until, List<Feature> features)
    {
        while (_markers.TryPeek(out var next) && next.At <= until)
        {
            _markers.Dequeue();
            Calibrate(_calibrator.Mark(next.At, next.Marker), features);
        }
    }

    private void Calibrate(IReadOnlyList<Feature> results, List<Feature> features)
    {
        if (results.Count == 0)
            return;
        features.AddRange(results);
        if (results.OfType<CalibrationResult>().Any(result => result.Accepted || result.Step == CalibrationStep.Ended))
        {
            _trunk.Calibrate(_calibrator.Current);
            _shifts.Begin(_calibrator.Current);
        }
    }

    /// <summary>Estimates for each point of the grid before this time. All samples up to it have been taken, so far as they came.</summary>
    private void EstimateUntil(Timestamp time, List<Feature> features)
    {
        _next ??= time.CeilingTo(_options.Period);
        while (_next is { } next && next < time)
        {
            if (!_trunk.IsKnown(next))
            {
                // A gap: nothing is said about it.
                _next = time.CeilingTo(_options.Period);
                break;
            }
            features.Add(_trunk.Estimate(next));
            _next = next + _options.Period;
        }
    }
}

using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Rolling from the packets of one roller: a <see cref="RollingEstimate"/> on a grid of sample time, 25 a second; each <see cref="Stroke"/>
/// and <see cref="Dwell"/> at its end; a <see cref="RollingSet"/> with the <see cref="RollingDose"/> so far once it has
/// ended; a <see cref="Cue"/> when there is something to say. What they say is a function of the calls in their order.
/// <see cref="Feature.Session"/> and <see cref="Feature.Subject"/> are the caller's to set. Without load cells the roller counts as
/// in contact while it rolls: a roller that is pushed over the floor by hand cannot be told from one under a leg, nor a hold from
/// a rest. Force and pressure are then modelled or null, and everything is <see cref="Quality.Degraded"/>.
/// </summary>
public sealed class RollingEstimator
{
    private const int Imu = 0;
    private const int Load = 1;

    private readonly RollingOptions _options;
    private readonly bool _hasLoad;
    private readonly RollerTracker _tracker;
    private readonly SampleMerge<(ImuSample? Imu, LoadSample? Load)> _merge;
    private readonly Queue<(Timestamp At, Marker Marker)> _markers = new();
    private Timestamp? _next;

    /// <param name="sensor">The roller.</param>
    /// <param name="roller">Its body, from the descriptor.</param>
    /// <param name="options">Null = defaults.</param>
    /// <param name="radius">The radius it rolls on, where it has been measured; null = 3 ± 3 % less than that of its body.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public RollingEstimator(Slug sensor, RollerGeometry roller, RollingOptions? options = null, RadiusCalibration? radius = null)
    {
        _options = Constants.Check(options ?? new RollingOptions());
        if (_options.ContactOff > _options.ContactOn)
            throw new UserException(FormattableString.Invariant($"RollingOptions.ContactOff is {_options.ContactOff} N; it takes at most ContactOn, {_options.ContactOn} N."));
        _hasLoad = roller.Arrangement != LoadArrangement.None;
        _tracker = new RollerTracker(sensor, roller, _options, radius);
        _merge = new SampleMerge<(ImuSample?, LoadSample?)>(_hasLoad ? 2 : 1, _options.Patience);
    }

    /// <summary>Takes the samples of one frame of the core's IMU; gives the features that became certain by it, oldest first.</summary>
    public IReadOnlyList<Feature> Update(ImuPacket packet)
    {
        foreach (var sample in packet.Samples)
            _merge.Add(Imu, sample.Time, (sample, null));
        return TakeMerged(drain: false);
    }

    /// <summary>Takes the samples of one frame of the load cells.</summary>
    public IReadOnlyList<Feature> Update(LoadPacket packet)
    {
        if (!_hasLoad)
            return [];
        foreach (var sample in packet.Samples)
            _merge.Add(Load, sample.Time, (null, sample));
        return TakeMerged(drain: false);
    }

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>; it holds from that sample time on.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        _markers.Enqueue((at, marker));
        if (marker is not Marker.SessionEnded)
            return [];
        var features = TakeMerged(drain: true);
        while (_markers.TryDequeue(out var last))
            _tracker.Apply(last.At, last.Marker, features);
        return features;
    }

    private List<Feature> TakeMerged(bool drain)
    {
        var features = new List<Feature>();
        while (_merge.TryTake(out var merged, drain))
        {
            var time = merged.Imu?.Time ?? merged.Load!.Value.Time;
            while (_markers.TryPeek(out var marker) && marker.At <= time)
            {
                EstimateUntil(marker.At, features);
                _markers.Dequeue();
                _tracker.Apply(marker.At, marker.Marker, features);
            }
            EstimateUntil(time, features);
            if (merged.Imu is { } imu)
                _tracker.Take(imu, features);
            if (merged.Load is { } load)
                _tracker.Take(load, features);
        }
        return features;
    }

    /// <summary>Estimates for each point of the grid before this time. All samples up to it have been taken, so far as they came.</summary>
    private void EstimateUntil(Timestamp time, List<Feature> features)
    {
        _next ??= time.CeilingTo(_options.Period);
        while (_next is { } next && next < time)
        {
            if (!(next - _tracker.Newest <= _options.OldestSample))
            {
                // A gap: nothing is said about it.
                _next = time.CeilingTo(_options.Period);
                break;
            }
            features.Add(_tracker.Estimate(next));
            _next = next + _options.Period;
        }
    }
}

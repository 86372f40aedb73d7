using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Rolling from the packets of one roller: <see cref="RollingEstimate"/> on a grid of sample time, 25 a second, and a
/// <see cref="Stroke"/> at the end of each. What they say is a function of the calls in their order.
/// <see cref="Feature.Session"/> and <see cref="Feature.Subject"/> are the caller's to set.
/// </summary>
public sealed class RollingEstimator(Slug sensor, RollerGeometry? roller)
{
    private readonly SampleMerge<(ImuSample? Imu, LoadSample? Load)> _merge = new(2, TimeSpan.FromMilliseconds(250));
    private readonly Queue<(Timestamp At, Marker Marker)> _markers = new();

    public Slug Sensor => sensor;

    public RollerGeometry? Roller => roller;

    /// <summary>Takes the samples of one frame of the core's IMU; gives the features that became certain by it, oldest first.</summary>
    public IReadOnlyList<Feature> Update(ImuPacket packet)
    {
        foreach (var sample in packet.Samples)
            _merge.Add(0, sample.Time, (sample, null));
        return [];
    }

    /// <summary>Takes the samples of one frame of the load cells.</summary>
    public IReadOnlyList<Feature> Update(LoadPacket packet)
    {
        foreach (var sample in packet.Samples)
            _merge.Add(1, sample.Time, (null, sample));
        return [];
    }

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>; it holds from that sample time on.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        _markers.Enqueue((at, marker));
        return [];
    }
}

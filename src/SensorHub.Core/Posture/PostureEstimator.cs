using System.Collections.Immutable;
using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture;

/// <summary>
/// The trunk's posture from the packets of one clip. Estimates come on a grid of sample time, 25 a second; what they
/// say is a function of the calls in their order. <see cref="Feature.Session"/> and <see cref="Feature.Subject"/> are
/// the caller's to set.
/// </summary>
public sealed class PostureEstimator(Slug sensor, ImmutableArray<ElementRole> elements)
{
    private readonly SampleMerge<(ElementRole Element, ImuSample Sample)> _merge = new(elements.Length, TimeSpan.FromMilliseconds(250));
    private readonly Queue<(Timestamp At, Marker Marker)> _markers = new();
    private Timestamp? _lastContact;

    public Slug Sensor => sensor;

    /// <summary>Takes the samples of one frame of either element; gives the estimates that became certain by it, oldest first.</summary>
    public IReadOnlyList<PostureEstimate> Update(ImuPacket packet)
    {
        foreach (var sample in packet.Samples)
            _merge.Add(elements.IndexOf(packet.Element), sample.Time, (packet.Element, sample));
        return [];
    }

    /// <summary>Takes what the roller says, for <see cref="Phase.Rolling"/>.</summary>
    public void Update(RollingEstimate roller) => _lastContact = roller.InContact ? roller.Time : _lastContact;

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>; it holds from that sample time on.</summary>
    public IReadOnlyList<PostureEstimate> Mark(Timestamp at, Marker marker)
    {
        _markers.Enqueue((at, marker));
        return [];
    }
}

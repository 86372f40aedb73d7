using System.Reactive.Linq;
using SensorHub.Core.Orientation;

namespace SensorHub.Pipelines;

public static class OrientationOperators
{
    /// <summary>
    /// How the element is held, an estimate for each sample, an array for each packet. The packets are those of one
    /// element. Each subscription starts a filter of its own; hot or cold, and ending, as <paramref name="packets"/>.
    /// </summary>
    public static IObservable<OrientationEstimate[]> Orientation(this IObservable<ImuPacket> packets, OrientationOptions? options = null) =>
        Observable.Defer(() =>
        {
            var filter = new OrientationFilter(options);
            return packets.Select(packet => packet.Samples.Select(sample => filter.Update(sample)).ToArray());
        });
}

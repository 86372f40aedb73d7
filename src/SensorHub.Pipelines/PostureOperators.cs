using System.Collections.Immutable;
using System.Reactive.Linq;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines;

public static class PostureOperators
{
    /// <summary>
    /// The posture that one clip shows, 25 estimates a second of sample time; what is not the clip's or a marker is
    /// passed over. Each subscription starts an estimator of its own; hot or cold, and ending, as <paramref name="stamped"/>.
    /// For the phase of rolling as well, see <see cref="FeatureOperators.Features"/>.
    /// </summary>
    public static IObservable<PostureEstimate> Posture(
        this IObservable<Stamped> stamped, Slug clip, ImmutableArray<ElementRole> elements, PostureOptions? options = null) =>
        Observable.Defer(() =>
        {
            var estimator = new PostureEstimator(clip, elements, options);
            return stamped.SelectMany(item => item switch
            {
                Stamped.Imu { Packet: var packet } when packet.Sensor == clip => estimator.Update(packet),
                Stamped.Marked marked => estimator.Mark(marked.At, marked.Marker),
                _ => [],
            }).OfType<PostureEstimate>();
        });
}

using System.Reactive.Linq;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines;

public static class RollingOperators
{
    /// <summary>
    /// What one roller shows: <see cref="RollingEstimate"/> 25 times a second of sample time, and each
    /// <see cref="Stroke"/>; what is not the roller's or a marker is passed over. Each subscription starts an estimator of
    /// its own; hot or cold, and ending, as <paramref name="stamped"/>.
    /// </summary>
    public static IObservable<Feature> Rolling(this IObservable<Stamped> stamped, Slug roller, RollerGeometry geometry, RollingOptions? options = null) =>
        Observable.Defer(() =>
        {
            var estimator = new RollingEstimator(roller, geometry, options);
            return stamped.SelectMany(item => item switch
            {
                Stamped.Imu { Packet: var packet } when packet.Sensor == roller => estimator.Update(packet),
                Stamped.Load { Packet: var packet } when packet.Sensor == roller => estimator.Update(packet),
                Stamped.Marked marked => estimator.Mark(marked.At, marked.Marker),
                _ => [],
            });
        });
}

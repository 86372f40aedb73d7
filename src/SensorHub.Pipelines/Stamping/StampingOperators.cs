using System.Reactive.Linq;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

public static class StampingOperators
{
    /// <summary>
    /// Stamps each record's samples and notices gaps and health, by a <see cref="Stamper"/> of each subscription's own.
    /// Hot or cold as <paramref name="records"/> is; gives what a record brings before the next record is taken; ends
    /// and fails with <paramref name="records"/>, never by a record's content.
    /// </summary>
    public static IObservable<Stamped> Stamp(this IObservable<SensorRecord> records, SampleClockOptions? options = null) =>
        Observable.Defer(() =>
        {
            var stamper = new Stamper(options);
            return records.SelectMany(stamper.Update);
        });
}

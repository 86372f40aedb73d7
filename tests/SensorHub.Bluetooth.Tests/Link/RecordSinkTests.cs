using SensorHub.Bluetooth.Link;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class RecordSinkTests
{
    [Fact]
    public void Records_of_several_threads_come_one_at_a_time_and_never_earlier_than_the_one_before()
    {
        var records = new List<SensorRecord>();
        var inside = 0;
        var sink = new RecordSink(new HubClock(TimeProvider.System), record =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inside));
            records.Add(record);
            Interlocked.Decrement(ref inside);
        });
        Parallel.For(0, 4, thread =>
        {
            var sensor = Slug.Parse(FormattableString.Invariant($"clip-{thread}"));
            for (var i = 0; i < 2000; i++)
                sink.Add(at => new SensorRecord.Link(at, sensor, LinkState.Connecting, ""));
        });
        Assert.Equal(8000, records.Count);
        Assert.All(records.Zip(records.Skip(1)), pair => Assert.True(pair.First.At <= pair.Second.At));
    }
}

using SensorHub.Bluetooth.Virtual;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Virtual;

public sealed class SimulatedSessionTests
{
    [Fact]
    public void Records_come_in_the_order_of_their_stamps()
    {
        var records = Play(new SimulationOptions());

        Assert.True(records.Count > 10_000);
        for (var i = 1; i < records.Count; i++)
            Assert.True(records[i - 1].At <= records[i].At);
    }

    private static List<SensorRecord> Play(SimulationOptions options)
    {
        var records = new List<SensorRecord>();
        new SimulatedSession(options).Run(records.Add, TestContext.Current.CancellationToken);
        return records;
    }
}

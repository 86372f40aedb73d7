using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Pipelines.Tests;

/// <summary>A roller and a clip knocked together: both feel each knock in the same instant, so the truth is a difference of 0.</summary>
public class SimulatedKnockTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 15)]
    [InlineData(2, 50)]
    [InlineData(3, 7.5)]
    [InlineData(4, 30)]
    public void Knocking_roller_and_clip_together_shows_that_their_clocks_are_in_step(int seed, double intervalMs)
    {
        var options = new SimulationOptions { Scenario = Scenario.Knock, Seed = seed };
        var session = new SimulatedSession(options with { Radio = options.Radio with { ConnectionInterval = TimeSpan.FromMilliseconds(intervalMs) } });
        var records = new List<SensorRecord>();
        session.Run(records.Add);

        var live = Checked(records);
        output.WriteLine(live.Message);
        Assert.Equal(SyncVerdict.InStep, live.Verdict);
        Assert.InRange(live.Knocks, 4, 8);
        Assert.InRange(live.Difference!.Value.TotalMilliseconds, -10, 10);
        Assert.InRange(live.Uncertainty!.Value.TotalMilliseconds, 0.1, 3);

        // What was recorded says the same.
        Assert.Equal(live, Checked([.. records.Select(r => RecordCodec.Decode(RecordCodec.Encode(r))!)]));
    }

    private static SyncChecked Checked(List<SensorRecord> records)
    {
        var pipeline = new FeaturePipeline();
        return Assert.Single(records.SelectMany(pipeline.Update).OfType<SyncChecked>());
    }
}

using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core.Posture;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Tests;

/// <summary>How old estimates are when they are made: from the sample's time to the arrival of the frame that made them certain, on the simulated radio.</summary>
public sealed class LatencyTests
{
    [Fact]
    public void Live_estimates_of_both_sensors_are_made_within_a_tenth_of_a_second()
    {
        var pipeline = new FeaturePipeline();
        var ages = new Dictionary<string, List<double>> { ["rolling"] = [], ["posture"] = [] };
        new SimulatedSession(new SimulationOptions { Scenario = Scenario.Hamstrings, Seed = 7 }).Run(record =>
        {
            foreach (var feature in pipeline.Update(record))
                if (feature is RollingEstimate or PostureEstimate)
                    ages[feature is RollingEstimate ? "rolling" : "posture"].Add((record.At - feature.Time).TotalMilliseconds);
        }, TestContext.Current.CancellationToken);
        foreach (var (kind, all) in ages)
        {
            all.Sort();
            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{kind}: p50 {all[all.Count / 2]:0} ms, p95 {all[all.Count * 95 / 100]:0} ms of {all.Count}"));
            Assert.InRange(all[all.Count * 95 / 100], 0, 100);
        }
    }
}

using System.Buffers;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.History;

namespace SensorHub.EndToEnd.Tests;

/// <summary>Samples that come late, from a recording to the rows of the store.</summary>
public sealed class LateSamplesTests(ITestOutputHelper output)
{
    [Fact]
    public async Task After_an_outage_that_the_ring_buffer_filled_the_store_has_the_strokes_of_a_radio_that_loses_nothing()
    {
        var lossless = new List<SensorRecord>();
        new SimulatedSession(new SimulationOptions { Seed = 7, Radio = new RadioOptions { NotificationLoss = 0 } }).Run(lossless.Add);
        var whole = new FeaturePipeline() is var pipeline ? lossless.SelectMany(pipeline.Update).OfType<Stroke>().ToList() : [];
        var start = lossless[0].At;
        var data = HubProgram.NewFolder();
        using var recorder = new Recorder(Path.Combine(data, "made"), Assert.Fail);
        foreach (var record in lossless.Select(Late).OrderBy(r => r.At))
            recorder.OnNext(record);

        var (exitCode, _, errors) = await HubProgram.RunAsync("replay", recorder.Folder!, "--mqtt-port", "0", "--data", data);
        Assert.True(exitCode == 0, string.Join('\n', errors));

        var history = new SqliteHistory(Path.Combine(data, "store.db"));
        var strokes = (await RowsAsync("stroke", "number", "finality")).Select(r => (r.Values[0].AsInteger(), r.Values[1].AsString())).ToList();
        Assert.Equal(whole.Select(s => (long)s.Number), strokes.Select(s => s.Item1));
        Assert.Contains(strokes, s => s.Item2 == "final");
        var posture = await RowsAsync("posture", "finality");
        output.WriteLine(string.Join(", ", posture.GroupBy(r => r.Values[0].AsString()).Select(g => $"posture {g.Key}: {g.Count()}")));
        Assert.Contains(posture, r => r.Values[0].AsString() == "final");
        Assert.DoesNotContain(await RowsAsync("cue", "finality"), r => r.Values[0].AsString() != "live");
        Assert.All(await RowsAsync("gap", "state", "samples_lost"), r => Assert.Equal(("recovered", 0L), (r.Values[0].AsString(), r.Values[1].AsInteger())));

        async Task<List<HistoryRow>> RowsAsync(string measurement, params string[] fields)
        {
            var query = new HistoryQuery(measurement, fields, start, start + TimeSpan.FromHours(1));
            return [.. (await history.QueryAsync(query, TestContext.Current.CancellationToken)).SelectMany(s => s.Rows).OrderBy(r => r.Time)];
        }

        // Both sensors are away from second 70 to 82, and give what they kept from second 83 on.
        SensorRecord Late(SensorRecord record)
        {
            if (record is not SensorRecord.Frame frame || (frame.At - start).TotalSeconds is < 70 or >= 82)
                return record;
            var bytes = frame.Bytes.ToArray();
            bytes[2] |= (byte)FrameFlags.Backlog;
            return frame with { At = start + TimeSpan.FromSeconds(83 + ((frame.At - start).TotalSeconds - 70) / 4), Bytes = bytes };
        }
    }

    [Fact]
    public void Two_features_overwrite_each_other_in_the_store_exactly_when_their_keys_are_equal()
    {
        var messages = new HubMessages(Slug.Parse("home"));
        var points = new Dictionary<FeatureKey, string>();
        var keys = new Dictionary<string, FeatureKey>();
        foreach (var scenario in new[] { Scenario.Hamstrings, Scenario.Bends, Scenario.Protocol })
        {
            var pipeline = new FeaturePipeline();
            new SimulatedSession(new SimulationOptions { Scenario = scenario, Radio = new RadioOptions { NotificationLoss = 0.02 } }).Run(record =>
            {
                foreach (var feature in pipeline.Update(record))
                {
                    var message = messages.Write(feature);
                    var point = PointReader.Read(message.Topic, message.Payload.ToArray()).Point!;
                    var id = $"{point.Measurement.Name} {point.Time} {string.Join(',', point.Tags.ToArray())}";
                    var key = FeatureKey.Of(feature);
                    Assert.Equal(points.TryAdd(key, id) ? id : points[key], id);
                    Assert.Equal(keys.TryAdd(id, key) ? key : keys[id], key);
                }
            });
        }
        output.WriteLine($"{points.Count} points of {points.Keys.Select(k => k.Kind).Distinct().Count()} kinds");
        Assert.True(points.Keys.Select(k => k.Kind).Distinct().Count() >= 10);
    }
}

using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.History;
using SensorHub.Storage.Influx;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>
/// A simulated hamstring session of more than three minutes through the whole path, as a person would run it: bytes on a
/// virtual radio → recording → estimates → MQTT → InfluxDB. What the database says is held against what really happened.
/// </summary>
public sealed class SimulatedSessionTests
{
    private const int Seed = 7;

    [Fact]
    public async Task Through_the_embedded_broker_InfluxDB_holds_what_the_person_did() => await AgreesAsync(HubProgram.NewFolder());

    [Fact]
    public async Task Through_mosquitto_InfluxDB_holds_what_the_person_did()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var data = HubProgram.NewFolder();
        await File.WriteAllTextAsync(
            Path.Combine(data, "sensorhub.json"),
            $$"""{ "Mqtt": { "Host": "127.0.0.1", "Port": {{mosquitto.Port}}, "User": "{{MosquittoServer.User}}", "Password": "{{MosquittoServer.Password}}" } }""",
            TestContext.Current.CancellationToken);
        await AgreesAsync(data);
    }

    private static async Task AgreesAsync(string data)
    {
        await using var influx = await InfluxServer.StartAsync(database: null);
        var recordings = HubProgram.NewFolder();
        string[] broker = File.Exists(Path.Combine(data, "sensorhub.json")) ? [] : ["--mqtt-port", "0"];

        await SucceedsAsync("simulate", "hamstrings", "--seed", $"{Seed}", "--out", recordings);
        await SucceedsAsync(["replay", Path.Combine(recordings, $"hamstrings-{Seed}"), "--influx", influx.Url.ToString(), "--data", data, .. broker]);

        var truth = new SimulatedSession(new SimulationOptions { Scenario = Scenario.Hamstrings, Seed = Seed }).Truth;
        using var history = new InfluxHistory(new InfluxOptions { Url = influx.Url, Profile = InfluxProfile.V1, Database = "sensorhub" }, TimeProvider.System);

        Task<List<HistoryRow>> Rows(string measurement, params string[] fields) => RowsAsync(history, measurement, truth, fields);

        var strokes = await Rows("stroke", "number", "length_m");
        Assert.Equal(truth.Strokes.Count, strokes.Count);
        Assert.Equal(truth.Strokes.Select(s => (long)s.Number), strokes.Select(r => r.Values[0].AsInteger()).Order());

        var rolling = await Rows("rolling", "contact_s", "strokes");
        var contact = rolling.Max(r => r.Values[0].AsDouble());
        Assert.InRange(contact, truth.ContactTime.TotalSeconds - 0.2, truth.ContactTime.TotalSeconds + 0.2);
        Assert.Equal(truth.Strokes.Count, rolling.Max(r => r.Values[1].AsInteger()));

        var posture = await Rows("posture", "lordosis_deg");
        Assert.True(posture.Count > 4000, $"{posture.Count} estimates of lordosis in more than three minutes at 25 Hz");
        var rmse = Math.Sqrt(posture.Average(r => Math.Pow(r.Values[0].AsDouble() - truth.At(r.Time).Lordosis.Degrees, 2)));
        Assert.InRange(rmse, 0, 3);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{strokes.Count} strokes; contact {contact:0.00} s, true {truth.ContactTime.TotalSeconds:0.00} s; lordosis {rmse:0.00}° RMSE over {posture.Count} estimates");
    }

    private static async Task SucceedsAsync(params string[] arguments)
    {
        var (exitCode, _, errors) = await HubProgram.RunAsync(arguments);
        Assert.True(exitCode == 0, string.Join('\n', errors));
    }

    private static async Task<List<HistoryRow>> RowsAsync(InfluxHistory history, string measurement, GroundTruth truth, string[] fields)
    {
        var query = new HistoryQuery(measurement, fields, truth.Start - TimeSpan.FromSeconds(1), truth.End + TimeSpan.FromSeconds(2));
        return [.. from series in await history.QueryAsync(query, TestContext.Current.CancellationToken)
                   from row in series.Rows
                   where row.Values.All(v => v.HasValue)
                   orderby row.Time
                   select row];
    }
}

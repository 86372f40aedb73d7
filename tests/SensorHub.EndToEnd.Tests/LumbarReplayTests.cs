using SensorHub.Core.Timing;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Storage.Influx;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A recording of real sensors through the whole path: CSV → virtual clip → frames → estimates → MQTT → both databases.</summary>
public sealed class LumbarReplayTests
{
    private static readonly Timestamp Start = Timestamp.Parse("2026-01-01T00:00:00Z");

    [Fact]
    public async Task Standing_to_sitting_is_28_degrees_in_SQLite_and_in_InfluxDB_alike()
    {
        var recording = Require.Recording("lumbar/fullbody_hip_lowerback_upperback.csv.gz");
        await using var influx = await InfluxServer.StartAsync(database: null);
        var data = HubProgram.NewFolder();

        var (exitCode, _, errors) = await HubProgram.RunAsync(
            "replay", recording, "--lower", "hip", "--upper", "lower_back", "--stand", "0:4", "--speed", "max",
            "--influx", influx.Url.ToString(), "--mqtt-port", "0", "--data", data);
        Assert.True(exitCode == 0, string.Join('\n', errors));
        Assert.Empty(errors);

        var query = new HistoryQuery("posture", ["pelvic_inclination_deg", "upper_inclination_deg"], Start, Start + TimeSpan.FromSeconds(101));
        var fromSqlite = await ReadAsync(new SqliteHistory(Path.Combine(data, "store.db")), query);
        using var influxHistory = new InfluxHistory(new InfluxOptions { Url = influx.Url, Profile = InfluxProfile.V1, Database = "sensorhub" }, TimeProvider.System);
        var fromInflux = await ReadAsync(influxHistory, query);

        Assert.True(fromSqlite.Count > 2400, $"{fromSqlite.Count} rows of 100 s at 25 Hz");
        Assert.Equal(fromSqlite, fromInflux);

        // Hip is the lower element: (upper − lower) is (lower_back − hip).
        var change = Mean(fromSqlite, 12, 39) - Mean(fromSqlite, 0, 4);
        Assert.InRange(Math.Abs(change), 28.1 - 1.5, 28.1 + 1.5);
        TestContext.Current.TestOutputHelper?.WriteLine($"{change:0.00}° from standing to sitting, {fromSqlite.Count} rows in each store");
    }

    private static async Task<List<(double Seconds, double Lower, double Upper)>> ReadAsync(IHistory history, HistoryQuery query)
    {
        var series = Assert.Single(await history.QueryAsync(query, TestContext.Current.CancellationToken));
        return [.. from row in series.Rows
                   where row.Values.All(v => v.HasValue)
                   select ((row.Time - Start).TotalSeconds, row.Values[0].AsDouble(), row.Values[1].AsDouble())];
    }

    private static double Mean(List<(double Seconds, double Lower, double Upper)> rows, double from, double to) =>
        rows.Where(r => r.Seconds >= from && r.Seconds < to).Average(r => r.Upper - r.Lower);
}

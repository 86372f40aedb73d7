using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SensorHub.Core.Timing;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Schema;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>dashboards/influxdb/*.iql on a real InfluxDB 1.x.</summary>
public sealed partial class InfluxRetentionTests(Servers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Policies_and_queries_are_made_and_there_is_one_for_each_measurement_that_is_rolled_up()
    {
        var (server, options, _) = await PreparedAsync([]);

        var policies = (await AskAsync(server, options, $"SHOW RETENTION POLICIES ON \"{options.Database}\"")).Single()["values"]!.AsArray().Select(p => ((string)p![0]!, (string)p[1]!));
        var queries = (await AskAsync(server, options, "SHOW CONTINUOUS QUERIES")).Single(s => (string)s["name"]! == options.Database)["values"]!.AsArray().Select(q => (string)q![0]!);

        Assert.Contains(("seconds", $"{new RetentionOptions().SecondsDays * 24}h0m0s"), policies);
        Assert.Contains(("minutes", "0s"), policies);
        Assert.Equal(StorageSchema.Current.Measurements.Where(m => m.Rollups).SelectMany(m => new[] { $"{m.Name}_minutes", $"{m.Name}_seconds" }).Order(StringComparer.Ordinal), queries.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("seconds", "posture_1s", 1)]
    [InlineData("minutes", "posture_1min", 60)]
    public async Task What_a_continuous_query_selects_is_what_the_points_give(string policy, string measurement, int seconds)
    {
        var points = Points.Series(5_000).Concat(Points.Series(3_000, "p2")).Select((p, i) => Finality(p, i % 7 == 0 ? "superseded" : "live")).ToList();
        var (server, options, statements) = await PreparedAsync(points);
        var query = Selection().Match(statements.Single(s => s.Contains($"\"{measurement}\"", StringComparison.Ordinal))).Groups[1].Value;
        // What the server does at its time, said now: the same query for a range.
        var range = string.Create(CultureInfo.InvariantCulture, $" AND time >= {Points.Start.UnixNanoseconds} AND time < {(Points.Start + TimeSpan.FromHours(1)).UnixNanoseconds} GROUP BY");
        await AskAsync(server, options, query.Replace(" GROUP BY", range, StringComparison.Ordinal));

        var series = await AskAsync(server, options, $"SELECT mean_lordosis_deg, min_lordosis_deg, max_lordosis_deg, count_lordosis_deg, last_phase FROM \"{policy}\".\"{measurement}\" GROUP BY subject");
        var expected = points.Where(p => p["finality"].AsString() != "superseded").GroupBy(p => (Subject: p.Tags[p.Measurement.IndexOfTag("subject")], Start: p.Time.UnixNanoseconds / (seconds * 1_000_000_000L) * seconds * 1_000_000_000L))
            .ToDictionary(w => w.Key, w => w.Select(p => p["lordosis_deg"].AsDouble()).ToList());

        Assert.Equal(expected.Count, series.Sum(s => s["values"]!.AsArray().Count));
        foreach (var one in series)
            foreach (var row in one["values"]!.AsArray())
            {
                var values = expected[((string)one["tags"]!["subject"]!, (long)row![0]!)];
                Assert.Equal(values.Average(), (double)row[1]!, 1e-9);
                Assert.Equal((values.Min(), values.Max(), (long)values.Count, "standing"), ((double)row[2]!, (double)row[3]!, (long)row[4]!, (string)row[5]!));
            }
    }

    [Fact]
    public async Task The_daily_deletion_takes_old_points_and_leaves_new_ones_events_and_roll_ups()
    {
        var now = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        var stroke = new Point(StorageSchema.Current["stroke"], now - TimeSpan.FromDays(200));
        stroke["length_m"] = 0.3;
        var (server, options, _) = await PreparedAsync([Points.Posture(now - TimeSpan.FromDays(91), 1), Points.Posture(now - TimeSpan.FromDays(89), 2), stroke]);
        await AskAsync(server, options, "SELECT mean(*) INTO \"minutes\".\"posture_1min\" FROM \"posture\" GROUP BY time(1m), *");

        await AskAsync(server, options, Script("retention-daily.iql", options.Database));

        Assert.Equal(2.0, (double)(await AskAsync(server, options, "SELECT lordosis_deg FROM posture")).Single()["values"]!.AsArray().Single()![1]!);
        Assert.Single((await AskAsync(server, options, "SELECT length_m FROM stroke")).Single()["values"]!.AsArray());
        Assert.Equal(2, (await AskAsync(server, options, "SELECT mean_lordosis_deg FROM \"minutes\".\"posture_1min\"")).Single()["values"]!.AsArray().Count);
    }

    private static Point Finality(Point point, string finality)
    {
        point["finality"] = finality;
        return point;
    }

    private async Task<(InfluxServer Server, InfluxOptions Options, List<string> Statements)> PreparedAsync(IReadOnlyList<Point> points)
    {
        var (server, options) = (await servers.InfluxAsync(), await servers.V1Async());
        var statements = Statements("retention.iql", options.Database);
        await AskAsync(server, options, Script("retention.iql", options.Database)); // whole, comments and all, as influx -execute gives it
        await using var output = new InfluxOutput(options, TimeProvider.System);
        foreach (var batch in points.Chunk(output.BatchSize))
            Assert.Empty((await output.WriteAsync(batch, Token)).Rejected);
        return (server, options, statements);
    }

    private static List<string> Statements(string file, string database) =>
        [.. Script(file, database).Split('\n').Where(l => l.Length > 0 && !l.StartsWith("--", StringComparison.Ordinal)).Select(l => l.TrimEnd(';'))];

    /// <summary>With another database's name than in the file.</summary>
    private static string Script(string file, string database) =>
        File.ReadAllText(Repository.PathOf("dashboards", "influxdb", file)).Replace("\"sensorhub\"", $"\"{database}\"", StringComparison.Ordinal);

    private static async Task<List<JsonNode>> AskAsync(InfluxServer server, InfluxOptions options, string query)
    {
        var results = JsonNode.Parse(await server.QueryAsync(query, options.Database))!["results"]!.AsArray();
        Assert.All(results, result => Assert.True(result!["error"] is null, $"{result["error"]}: {query}"));
        return [.. (results[0]!["series"] as JsonArray ?? []).Select(s => s!)];
    }

    [GeneratedRegex("BEGIN (.*) END")]
    private static partial Regex Selection();
}

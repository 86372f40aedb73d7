using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.Influx;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>What is asked of InfluxDB 2 and 3 to delete a person, against an endpoint that is no database. InfluxDB 1: ErasureTests of the whole program.</summary>
public class SubjectSeriesTests
{
    private const string Measurements = """{"results":[{"series":[{"name":"measurements","columns":["name"],"values":[["posture"],["sensor_health"]]}]}]}""";
    private const string Nothing = """{"results":[{}]}""";

    private static readonly Slug Subject = Slug.Parse("p17");
    private static readonly Slug[] Sessions = [Slug.Parse("monday")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task V2_deletes_by_the_tags_of_the_person_and_by_the_time_of_what_sensors_said_in_their_sessions()
    {
        await using var server = await FakeInflux.StartAsync(r => r.Target == "/query"
            ? new(200, Asked(r).StartsWith("SHOW MEASUREMENTS", StringComparison.Ordinal) ? Measurements
                : Asked(r).Contains("GROUP BY", StringComparison.Ordinal)
                    ? """{"results":[{"series":[{"name":"sensor_health","tags":{"hub":"home","sensor":"clip-1"},"columns":["time","session"],"values":[[1000,"monday"],[5000,"monday"]]}]}]}""" : Nothing)
            : new(204));
        using var series = new SubjectSeries(Options(server, InfluxProfile.V2), Slug.Parse("home"), TimeProvider.System);

        await series.DeleteAsync(Subject, spans: null, Sessions, Token);

        Assert.Equal(
            [
                ("1970-01-01T00:00:00.000001000Z", "1970-01-01T00:00:00.000005000Z", "_measurement=\"sensor_health\" AND hub=\"home\" AND sensor=\"clip-1\""),
                ("1970-01-01T00:00:00.000000000Z", "2200-01-01T00:00:00.000000000Z", "subject=\"p17\" AND hub=\"home\""),
            ],
            server.Requests.Where(r => r.Target == "/api/v2/delete?org=o&bucket=my%20db").Select(r => JsonSerializer.Deserialize<Dictionary<string, string>>(r.Body)!).Select(b => (b["start"], b["stop"], b["predicate"])));
    }

    [Fact]
    public async Task V3_deletes_nothing_says_so_and_what_has_to_be_done()
    {
        await using var server = await FakeInflux.StartAsync(r => new(200, Asked(r).StartsWith("SHOW TAG VALUES", StringComparison.Ordinal)
            ? """{"results":[{"series":[{"name":"posture","columns":["key","value"],"values":[["subject","p17"]]}]}]}""" : Nothing));
        using var series = new SubjectSeries(Options(server, InfluxProfile.V3), default, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<OutputException>(() => series.DeleteAsync(Subject, spans: null, Sessions, Token));

        Assert.Contains("InfluxDB 3 Core deletes no rows. If the database holds nobody else, drop it (influxdb3 delete database my db", refused.Message, StringComparison.Ordinal);
        Assert.All(server.Requests, r => Assert.Equal("/query", r.Target));
        Assert.Equal("a tag value", await series.FirstLeftAsync(Subject, whole: true, Sessions, Token));
    }

    [Fact]
    public async Task V3_of_which_the_database_was_dropped_is_done()
    {
        await using var server = await FakeInflux.StartAsync(_ => new(200, """{"results":[{"error":"database not found: my db"}]}"""));
        using var series = new SubjectSeries(Options(server, InfluxProfile.V3), default, TimeProvider.System);
        await series.DeleteAsync(Subject, spans: null, Sessions, Token);
        Assert.Null(await series.FirstLeftAsync(Subject, whole: true, Sessions, Token));
    }

    [Fact]
    public async Task A_refusal_to_delete_is_said()
    {
        await using var server = await FakeInflux.StartAsync(r => r.Target == "/query" ? new(200, Nothing) : new(403, """{"code":"forbidden","message":"insufficient permissions"}"""));
        using var series = new SubjectSeries(Options(server, InfluxProfile.V2), default, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<OutputException>(() => series.DeleteAsync(Subject, spans: null, Sessions, Token));
        Assert.Contains("insufficient permissions", refused.Message, StringComparison.Ordinal);
    }

    private static string Asked(FakeInflux.Request request) =>
        Uri.UnescapeDataString(request.Body.Split('&').First(p => p.StartsWith("q=", StringComparison.Ordinal))[2..].Replace('+', ' '));

    private static InfluxOptions Options(FakeInflux server, InfluxProfile profile) => new() { Url = server.Url, Profile = profile, Database = "my db", Organization = "o", Token = "t" };
}

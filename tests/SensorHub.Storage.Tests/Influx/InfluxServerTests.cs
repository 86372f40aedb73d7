using System.Globalization;
using System.Text.Json;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Schema;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>Against a real InfluxDB 1.x: directly by profile v1, and by profile v2 through nginx.</summary>
public class InfluxServerTests(Servers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(InfluxProfile.V1)]
    [InlineData(InfluxProfile.V2)]
    public async Task Sixty_thousand_points_are_stored_and_writing_them_again_changes_nothing(InfluxProfile profile)
    {
        var options = await OptionsAsync(profile);
        await using var output = new InfluxOutput(options, TimeProvider.System);
        var points = Points.Series(60_000);

        for (var pass = 0; pass < 2; pass++)
        {
            var report = await output.WriteAsync(points, Token);

            Assert.Equal((60_000, 0), (report.Stored, report.Rejected.Count));
            Assert.Equal(60_000, await CountAsync(options, "lordosis_deg"));
        }
        Assert.Equal(24, output.Requests);
    }

    [Theory]
    [InlineData(InfluxProfile.V1)]
    [InlineData(InfluxProfile.V2)]
    public async Task A_field_type_conflict_rejects_its_point_alone(InfluxProfile profile)
    {
        var options = await OptionsAsync(profile);
        await using var output = new InfluxOutput(options, TimeProvider.System);
        await output.WriteAsync(Points.Series(1), Token); // from now on lordosis_deg is a float
        var points = Points.Series(1000);
        var wrong = new[] { 17, 500, 999 }.Select(i => points[i].Time).ToList();
        foreach (var time in wrong)
            points[points.FindIndex(p => p.Time == time)] = Points.WrongType(time);

        var report = await output.WriteAsync(points, Token);

        Assert.Equal(997, report.Stored);
        Assert.Equal(wrong, report.Rejected.Select(r => r.Point.Time).Order());
        Assert.All(report.Rejected, r => Assert.Equal("field-type-conflict", r.Reason));
        Assert.Equal(997, await CountAsync(options, "lordosis_deg"));
    }

    [Fact]
    public async Task A_batch_that_is_bad_throughout_is_rejected_at_once()
    {
        var options = await servers.V1Async();
        await using var output = new InfluxOutput(options, TimeProvider.System);
        await output.WriteAsync(Points.Series(1), Token);
        var before = output.Requests;

        var report = await output.WriteAsync([.. Enumerable.Range(1, 1000).Select(i => Points.WrongType(Points.Start + TimeSpan.FromSeconds(i)))], Token);

        Assert.Equal((0, 1000), (report.Stored, report.Rejected.Count));
        Assert.Equal(1, output.Requests - before);
    }

    [Fact]
    public async Task A_line_that_the_server_cannot_parse_rejects_its_point_alone()
    {
        var options = await servers.V1Async();
        await using var output = new InfluxOutput(options, TimeProvider.System);
        var points = Points.Series(100);
        var outside = new Core.Timing.Timestamp(long.MinValue); // InfluxDB's range begins two nanoseconds later
        points[42] = Points.Posture(outside, 1);

        var report = await output.WriteAsync(points, Token);

        Assert.Equal(99, report.Stored);
        Assert.Equal(("unparsable", outside), (Assert.Single(report.Rejected).Reason, report.Rejected[0].Point.Time));
    }

    [Fact]
    public async Task Text_of_all_kinds_comes_back_as_it_was()
    {
        var options = await servers.V1Async();
        await using var output = new InfluxOutput(options, TimeProvider.System);
        string[] texts = ["plain", "größe 🙂 中", "a,b=c d", "say \"hi\"", "C:\\x\\", "two\nlines", "'; DROP MEASUREMENT posture", "\\\"", ""];
        var points = texts.Select((text, i) =>
        {
            var point = Points.Posture(Points.Start + TimeSpan.FromSeconds(i), i, subject: text is "" || !SensorHub.Storage.LineProtocol.Escaping.FitsTag(text) ? "p1" : text);
            point["calibration"] = text;
            return point;
        }).ToList();

        var report = await output.WriteAsync(points, Token);

        Assert.Equal((texts.Length, 0), (report.Stored, report.Rejected.Count));
        var stored = await ValuesAsync(options, "SELECT calibration, subject FROM posture");
        Assert.Equal(texts, stored.Select(row => row[1].GetString()!));
        Assert.Equal(points.Select(p => p.Tags[p.Measurement.IndexOfTag("subject")]), stored.Select(row => row[2].GetString()));
    }

    [Fact]
    public async Task Numbers_at_the_ends_of_their_ranges_come_back_as_they_were()
    {
        var options = await servers.V1Async();
        await using var output = new InfluxOutput(options, TimeProvider.System);
        double[] floats = [0, double.MaxValue, double.MinValue, double.Epsilon, 1e-5, 1e20, 0.1 + 0.2, -31.25];
        long[] integers = [0, long.MaxValue, long.MinValue, 1];

        await output.WriteAsync([.. floats.Select((f, i) => Points.Rolling(Points.Start + TimeSpan.FromSeconds(i), integers[i % integers.Length], i % 2 == 0, f))], Token);

        var stored = await ValuesAsync(options, "SELECT force_n, strokes, contact FROM rolling");
        Assert.Equal(floats, stored.Select(row => row[1].GetDouble()));
        Assert.Equal(floats.Select((_, i) => integers[i % integers.Length]), stored.Select(row => row[2].GetInt64()));
        Assert.Equal(floats.Select((_, i) => i % 2 == 0), stored.Select(row => row[3].GetBoolean()));
    }

    [Fact]
    public async Task A_wrong_password_and_a_missing_right_say_what_to_do()
    {
        await using var server = await InfluxServer.StartAsync(authentication: true);
        await server.QueryAsync("CREATE USER reader WITH PASSWORD 'r'");
        var right = new InfluxOptions { Url = server.Url, Profile = InfluxProfile.V1, Database = "sensorhub", User = InfluxServer.User, Password = InfluxServer.Password };

        await using (var output = new InfluxOutput(right, TimeProvider.System))
            Assert.Equal(1, (await output.WriteAsync(Points.Series(1), Token)).Stored);
        var wrong = await FailureAsync(right with { Password = "wrong" });
        var missing = await FailureAsync(right with { User = null, Password = null });
        var reader = await FailureAsync(right with { User = "reader", Password = "r" });

        Assert.Equal((OutputFault.Misconfigured, OutputFault.Misconfigured, OutputFault.Misconfigured), (wrong.Fault, missing.Fault, reader.Fault));
        Assert.Contains("refuses the password of user 'admin'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("it has no credentials", missing.Message, StringComparison.Ordinal);
        Assert.Contains("does not allow user 'reader'", reader.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_and_a_wrong_organization_say_what_to_do()
    {
        var right = await servers.V2Async();

        var token = await FailureAsync(right with { Token = "wrong" });
        var organization = await FailureAsync(right with { Organization = "nobody" });
        var bucket = await FailureAsync(right with { Database = "nowhere" });

        Assert.Contains("refuses the token (401", token.Message, StringComparison.Ordinal);
        Assert.Contains("organization 'nobody'", organization.Message, StringComparison.Ordinal);
        Assert.Contains("bucket 'nowhere'", bucket.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_is_named_or_created_if_allowed()
    {
        var missing = await servers.V1Async() with { Database = "not \"there\" yet" };

        var failure = await FailureAsync(missing);
        await using var output = new InfluxOutput(missing with { CreateDatabase = true }, TimeProvider.System);
        var report = await output.WriteAsync(Points.Series(3), Token);

        Assert.Contains("has no database 'not \"there\" yet'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, report.Stored);
        Assert.Equal(3, await CountAsync(missing, "lordosis_deg"));
    }

    [Fact]
    public async Task A_server_that_is_down_is_unavailable_and_takes_points_when_it_is_up_again()
    {
        await using var server = await InfluxServer.StartAsync();
        await using var output = new InfluxOutput(new InfluxOptions { Url = server.Url, Profile = InfluxProfile.V1, Database = "sensorhub" }, TimeProvider.System);
        await output.CheckAsync(Token);
        await server.StopAsync();

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(10), Token));
        await server.StartAgainAsync();
        var report = await output.WriteAsync(Points.Series(10), Token);

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
        Assert.Equal($"No InfluxDB listens at {server.Url}: start it, or check the address.", failure.Message);
        Assert.Equal(10, report.Stored);
    }

    [Fact]
    public async Task A_body_over_the_servers_limit_is_halved()
    {
        await using var server = await InfluxServer.StartAsync(maxBodySize: 2_000);
        var options = new InfluxOptions { Url = server.Url, Profile = InfluxProfile.V1, Database = "sensorhub" };
        await using var output = new InfluxOutput(options, TimeProvider.System);

        var report = await output.WriteAsync(Points.Series(1_000), Token);

        Assert.Equal((1_000, 0), (report.Stored, report.Rejected.Count));
        Assert.True(output.Requests > 1);
        using var answer = JsonDocument.Parse(await server.QueryAsync("SELECT count(lordosis_deg) FROM posture", "sensorhub"));
        Assert.Equal(1_000, Values(answer)[0][1].GetInt64());
    }

    [Fact]
    public async Task Fields_of_one_series_and_time_merge_and_the_last_value_wins()
    {
        var options = await servers.V1Async();
        await using var output = new InfluxOutput(options, TimeProvider.System);

        await output.WriteAsync([Points.Rolling(Points.Start, 1, false, 10), Points.Rolling(Points.Start, 2, true)], Token);

        var row = Assert.Single(await ValuesAsync(options, "SELECT force_n, strokes, contact FROM rolling"));
        Assert.Equal((10.0, 2L, true), (row[1].GetDouble(), row[2].GetInt64(), row[3].GetBoolean()));
    }

    private async Task<InfluxOptions> OptionsAsync(InfluxProfile profile) => profile == InfluxProfile.V1 ? await servers.V1Async() : await servers.V2Async();

    private static async Task<OutputException> FailureAsync(InfluxOptions options)
    {
        await using var output = new InfluxOutput(options, TimeProvider.System);
        return await Assert.ThrowsAsync<OutputException>(() => output.CheckAsync(Token));
    }

    private async Task<long> CountAsync(InfluxOptions options, string field) =>
        (await ValuesAsync(options, string.Create(CultureInfo.InvariantCulture, $"SELECT count({field}) FROM posture")))[0][1].GetInt64();

    private async Task<List<JsonElement>> ValuesAsync(InfluxOptions options, string query)
    {
        using var answer = JsonDocument.Parse(await (await servers.InfluxAsync()).QueryAsync(query, options.Database));
        return Values(answer);
    }

    private static List<JsonElement> Values(JsonDocument answer) =>
        [.. answer.RootElement.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values").EnumerateArray().Select(v => v.Clone())];
}

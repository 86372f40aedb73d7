using System.Globalization;
using System.Text.Json;
using SensorHub.Core.Timing;
using SensorHub.Storage.Influx;
using SensorHub.Storage.LineProtocol;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>
/// What an output does with each answer of an InfluxDB, whichever client it writes with: against a real 1.x server (by profile v2 through nginx), and
/// against an endpoint that answers as a healthy server does not.
/// </summary>
public abstract class InfluxOutputContract(Servers servers, InfluxProfile profile)
{
    private static readonly FakeInflux.Answer Ok = new(204);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract InfluxOutput Open(InfluxOptions options);

    [Fact]
    public async Task Sixty_thousand_points_are_stored_and_writing_them_again_changes_nothing()
    {
        var options = await OptionsAsync();
        await using var output = Open(options);
        var points = Points.Series(60_000);

        for (var pass = 0; pass < 2; pass++)
        {
            var report = await output.WriteAsync(points, Token);

            Assert.Equal((60_000, 0), (report.Stored, report.Rejected.Count));
            Assert.Equal(60_000, await CountAsync(options, "lordosis_deg"));
        }
        Assert.Equal(24, output.Requests);
    }

    [Fact]
    public async Task A_field_type_conflict_rejects_its_point_alone()
    {
        var options = await OptionsAsync();
        await using var output = Open(options);
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
        var options = await OptionsAsync();
        await using var output = Open(options);
        await output.WriteAsync(Points.Series(1), Token);
        var before = output.Requests;

        var report = await output.WriteAsync([.. Enumerable.Range(1, 1000).Select(i => Points.WrongType(Points.Start + TimeSpan.FromSeconds(i)))], Token);

        Assert.Equal((0, 1000), (report.Stored, report.Rejected.Count));
        Assert.Equal(1, output.Requests - before);
    }

    [Fact]
    public async Task A_line_that_the_server_cannot_parse_rejects_its_point_alone()
    {
        var options = await OptionsAsync();
        await using var output = Open(options);
        var points = Points.Series(100);
        var outside = new Timestamp(long.MinValue); // InfluxDB's range begins two nanoseconds later
        points[42] = Points.Posture(outside, 1);

        var report = await output.WriteAsync(points, Token);

        Assert.Equal(99, report.Stored);
        Assert.Equal(("unparsable", outside), (Assert.Single(report.Rejected).Reason, report.Rejected[0].Point.Time));
    }

    [Fact]
    public async Task Text_of_all_kinds_comes_back_as_it_was()
    {
        var options = await OptionsAsync();
        await using var output = Open(options);
        string[] texts = ["plain", "größe 🙂 中", "a,b=c d", "say \"hi\"", "C:\\x\\", "two\nlines", "'; DROP MEASUREMENT posture", "\\\"", ""];
        var points = texts.Select((text, i) =>
        {
            var point = Points.Posture(Points.Start + TimeSpan.FromSeconds(i), i, subject: text is "" || !Escaping.FitsTag(text) ? "p1" : text);
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
        var options = await OptionsAsync();
        await using var output = Open(options);
        double[] floats = [0, double.MaxValue, double.MinValue, double.Epsilon, 1e-5, 1e20, 0.1 + 0.2, -31.25];
        long[] integers = [0, long.MaxValue, long.MinValue, 1];

        await output.WriteAsync([.. floats.Select((f, i) => Points.Rolling(Points.Start + TimeSpan.FromSeconds(i), integers[i % integers.Length], i % 2 == 0, f))], Token);

        var stored = await ValuesAsync(options, "SELECT force_n, strokes, contact FROM rolling");
        Assert.Equal(floats, stored.Select(row => row[1].GetDouble()));
        Assert.Equal(floats.Select((_, i) => integers[i % integers.Length]), stored.Select(row => row[2].GetInt64()));
        Assert.Equal(floats.Select((_, i) => i % 2 == 0), stored.Select(row => row[3].GetBoolean()));
    }

    [Fact]
    public async Task A_body_over_the_servers_limit_is_halved()
    {
        await using var server = await InfluxServer.StartAsync(maxBodySize: 2_000);
        await using var proxy = profile == InfluxProfile.V2 ? await InfluxV2Proxy.StartAsync(server) : null;
        await using var output = Open(OptionsOf(proxy?.Url ?? server.Url));

        var report = await output.WriteAsync(Points.Series(1_000), Token);

        Assert.Equal((1_000, 0), (report.Stored, report.Rejected.Count));
        Assert.True(output.Requests > 1);
        using var answer = JsonDocument.Parse(await server.QueryAsync("SELECT count(lordosis_deg) FROM posture", "sensorhub"));
        Assert.Equal(1_000, Values(answer)[0][1].GetInt64());
    }

    [Fact]
    public async Task Fields_of_one_series_and_time_merge_and_the_last_value_wins()
    {
        var options = await OptionsAsync();
        await using var output = Open(options);

        await output.WriteAsync([Points.Rolling(Points.Start, 1, false, 10), Points.Rolling(Points.Start, 2, true)], Token);

        var row = Assert.Single(await ValuesAsync(options, "SELECT force_n, strokes, contact FROM rolling"));
        Assert.Equal((10.0, 2L, true), (row[1].GetDouble(), row[2].GetInt64(), row[3].GetBoolean()));
    }

    [Fact]
    public async Task A_bad_line_that_the_server_does_not_name_is_found_by_halving()
    {
        var bad = Points.Start + TimeSpan.FromMilliseconds(40 * 617);
        await using var server = await FakeInflux.StartAsync(r => r.Lines.Any(l => l.Time == bad.UnixNanoseconds) ? new(400, """{"error":"partial write"}""") : Ok);
        await using var output = Open(OptionsOf(server.Url));

        var report = await output.WriteAsync(Points.Series(1000), Token);

        Assert.Equal(999, report.Stored);
        Assert.Equal(bad, Assert.Single(report.Rejected).Point.Time);
        Assert.InRange(output.Requests, 1, 2 * 10 + 1);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_halved_until_it_fits()
    {
        await using var server = await FakeInflux.StartAsync(r => r.Lines.Count > 100 ? new(413) : Ok);
        await using var output = Open(OptionsOf(server.Url));

        var report = await output.WriteAsync(Points.Series(350), Token);

        Assert.Equal(350, report.Stored);
        Assert.All(server.Requests.Where(r => r.Lines.Count <= 100), r => Assert.InRange(r.Lines.Count, 50, 100));
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, null, null)]
    [InlineData(500, null, null)]
    [InlineData(502, "3", 3)]
    public async Task An_overloaded_or_failing_server_is_unavailable_for_as_long_as_it_asks(int status, string? retryAfter, int? seconds)
    {
        await using var server = await FakeInflux.StartAsync(_ => new(status, """{"error":"busy"}""", retryAfter));
        await using var output = Open(OptionsOf(server.Url));

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(1), Token));

        Assert.Equal((OutputFault.Unavailable, (double?)seconds), (failure.Fault, failure.RetryAfter?.TotalSeconds));
        Assert.Contains("busy", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_asks_to_wait_until_a_date_is_unavailable()
    {
        await using var server = await FakeInflux.StartAsync(_ => new(503, """{"error":"busy"}""", "Wed, 21 Oct 2026 07:28:00 GMT"));
        await using var output = Open(OptionsOf(server.Url));

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(1), Token));

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(301)]
    public async Task A_refusal_that_no_retry_mends_says_what_to_do(int status)
    {
        await using var server = await FakeInflux.StartAsync(_ => new(status, """{"code":"x","message":"no"}"""));
        await using var output = Open(OptionsOf(server.Url) with { Token = "t", User = "u", Password = "p" });

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(1), Token));

        Assert.Equal(OutputFault.Misconfigured, failure.Fault);
        Assert.Matches(@"^InfluxDB at http://127\.0\.0\.1:\d+/ .*: (check|grant) .*\.$|: grant it\.$", failure.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_unavailable()
    {
        using var never = new CancellationTokenSource();
        await using var server = await FakeInflux.StartAsync(_ =>
        {
            never.Token.WaitHandle.WaitOne();
            return Ok;
        });
        await using var output = Open(OptionsOf(server.Url) with { Timeout = TimeSpan.FromSeconds(1) });

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(1), Token));
        await never.CancelAsync();

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
        Assert.Contains("did not answer within 1 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_never_stand_in_an_address_a_message_or_the_options_of_a_log()
    {
        await using var server = await FakeInflux.StartAsync(_ => new(401, """{"error":"authorization failed"}"""));
        await using var output = Open(OptionsOf(server.Url) with { User = "writer", Password = "s3cret", Token = "s3cret" });

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(1), Token));

        Assert.DoesNotContain("s3cret", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", output.Name + server.Requests.Single().Target, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", OptionsOf(server.Url) with { User = "w", Password = "s3cret", Token = "s3cret" } + "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_down_is_unavailable_and_takes_points_when_it_is_up_again()
    {
        await using var server = await InfluxServer.StartAsync();
        await using var proxy = profile == InfluxProfile.V2 ? await InfluxV2Proxy.StartAsync(server) : null;
        await using var output = Open(OptionsOf(proxy?.Url ?? server.Url));
        await output.CheckAsync(Token);
        await server.StopAsync();

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(10), Token));
        await server.StartAgainAsync();
        var report = await output.WriteAsync(Points.Series(10), Token);

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
        Assert.Equal(10, report.Stored);
    }

    [Fact]
    public async Task An_address_where_nothing_listens_is_named()
    {
        var nowhere = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        await using var output = Open(OptionsOf(nowhere));

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.CheckAsync(Token));

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
        Assert.Equal($"No InfluxDB listens at {nowhere}: start it, or check the address.", failure.Message);
    }

    [Fact]
    public async Task A_write_that_is_cancelled_ends_as_cancelled()
    {
        using var never = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var server = await FakeInflux.StartAsync(_ =>
        {
            stop.Cancel();
            never.Token.WaitHandle.WaitOne();
            return Ok;
        });
        await using var output = Open(OptionsOf(server.Url));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => output.WriteAsync(Points.Series(1), stop.Token));
        await never.CancelAsync();
    }

    [Fact]
    public async Task A_number_that_is_not_finite_a_point_without_fields_and_an_unfit_tag_are_found_before_sending()
    {
        var options = await OptionsAsync();
        await using var output = Open(options);
        var points = Points.Series(3);
        points[0]["lordosis_deg"] = double.NaN; // phase and quality stay
        points[1] = new Point(points[1].Measurement, points[1].Time).WithTag("hub", "home");
        points[2] = Points.Posture(points[2].Time, 1, subject: "two\nlines");

        var report = await output.WriteAsync(points, Token);

        Assert.Equal((1, 1L), (report.Stored, output.NotFinite));
        Assert.Equal(["no-field", "unfit-tag"], report.Rejected.Select(r => r.Reason));
    }

    [Fact]
    public async Task Lines_and_credentials_arrive_as_the_documentation_of_the_interface_says()
    {
        await using var server = await FakeInflux.StartAsync(_ => Ok);
        await using var output = Open(OptionsOf(server.Url) with { User = "writer", Password = "s3cret", Token = "t0ken" });
        var point = Points.Posture(Points.Start, 31.25);

        await output.WriteAsync([point], Token);

        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "gzip"), (request.Method, request.ContentEncoding));
        Assert.Equal(profile == InfluxProfile.V2 ? "Token t0ken" : "Basic d3JpdGVyOnMzY3JldA==", request.Authorization);
        var line = Assert.Single(request.Lines);
        Assert.Equal(("posture", Points.Start.UnixNanoseconds, 31.25), (line.Measurement, line.Time, line.Fields["lordosis_deg"]));
        Assert.Equal(["hub", "method", "sensor", "subject"], line.Tags.Select(t => t.Key));
    }

    /// <summary>A database of the test's own on the shared server.</summary>
    private async Task<InfluxOptions> OptionsAsync() => profile == InfluxProfile.V1 ? await servers.V1Async() : await servers.V2Async();

    private InfluxOptions OptionsOf(Uri url) => profile == InfluxProfile.V1
        ? new InfluxOptions { Url = url, Profile = profile, Database = "sensorhub" }
        : new InfluxOptions { Url = url, Profile = profile, Database = "sensorhub", Organization = InfluxV2Proxy.Organization, Token = InfluxV2Proxy.Token };

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

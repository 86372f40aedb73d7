using SensorHub.Storage.Influx;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>What is sent and how answers are understood, against an endpoint that is no database. Real servers: InfluxServerTests.</summary>
public class WriteProtocolTests
{
    private static readonly FakeInflux.Answer Ok = new(204);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task V1_names_database_precision_and_user_as_its_documentation_says()
    {
        await using var server = await FakeInflux.StartAsync(_ => Ok);
        await using var output = new InfluxOutput(Options(server, InfluxProfile.V1) with { User = "writer", Password = "s3cret" }, TimeProvider.System);

        await output.WriteAsync(Points.Series(2), Token);

        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/write?db=my%20db&precision=ns", "Basic d3JpdGVyOnMzY3JldA=="), (request.Method, request.Target, request.Authorization));
        Assert.Equal(("text/plain; charset=utf-8", "gzip"), (request.ContentType, request.ContentEncoding));
        Assert.Equal(2, request.Lines.Count);
    }

    [Fact]
    public async Task V2_names_organization_bucket_precision_and_token_as_its_documentation_says()
    {
        await using var server = await FakeInflux.StartAsync(_ => Ok);
        await using var output = new InfluxOutput(Options(server, InfluxProfile.V2) with { Organization = "a clinic", Token = "t0ken" }, TimeProvider.System);

        await output.WriteAsync(Points.Series(2), Token);

        var request = Assert.Single(server.Requests);
        Assert.Equal(("/api/v2/write?org=a%20clinic&bucket=my%20db&precision=ns", "Token t0ken", "gzip"), (request.Target, request.Authorization, request.ContentEncoding));
    }

    [Fact]
    public async Task V3_names_database_precision_and_token_as_its_documentation_says()
    {
        await using var server = await FakeInflux.StartAsync(_ => Ok);
        await using var output = new InfluxOutput(Options(server, InfluxProfile.V3) with { Token = "t0ken" }, TimeProvider.System);

        await output.WriteAsync(Points.Series(2), Token);

        var request = Assert.Single(server.Requests);
        Assert.Equal(("/api/v3/write_lp?db=my%20db&precision=nanosecond&accept_partial=true", "Bearer t0ken", "gzip"), (request.Target, request.Authorization, request.ContentEncoding));
        Assert.Equal(Points.Start.UnixNanoseconds, request.Lines[0].Time);
    }

    [Fact]
    public async Task V3_answer_that_names_bad_lines_rejects_these_and_writes_the_rest_again()
    {
        var bad = Points.Start + TimeSpan.FromMilliseconds(80);
        await using var server = await FakeInflux.StartAsync(r => r.Lines.Any(l => l.Time == bad.UnixNanoseconds)
            ? new(400, """{"error":"partial write of line protocol occurred","data":[{"original_line":"…","line_number":3,"error_message":"invalid column type for column 'lordosis_deg'"}]}""")
            : Ok);
        await using var output = new InfluxOutput(Options(server, InfluxProfile.V3), TimeProvider.System);

        var report = await output.WriteAsync(Points.Series(10), Token);

        Assert.Equal(9, report.Stored);
        Assert.Equal(("field-type-conflict", bad), (Assert.Single(report.Rejected).Reason, report.Rejected[0].Point.Time));
        Assert.Equal([10, 9], server.Requests.Select(r => r.Lines.Count));
    }

    [Fact]
    public async Task A_server_that_names_lines_it_was_not_sent_is_not_believed()
    {
        await using var server = await FakeInflux.StartAsync(r => r.Lines.Count > 1 ? new(400, """{"error":"?","data":[{"line_number":99,"error_message":"?"}]}""") : Ok);
        await using var output = new InfluxOutput(Options(server, InfluxProfile.V3), TimeProvider.System);

        Assert.Equal(new WriteReport(4, []), await output.WriteAsync(Points.Series(4), Token), (a, b) => a!.Stored == b!.Stored && a.Rejected.Count == b.Rejected.Count);
    }

    [Theory]
    [InlineData(InfluxProfile.V1, 12_000, new[] { 5_000, 5_000, 2_000 })]
    [InlineData(InfluxProfile.V3, 12_000, new[] { 10_000, 2_000 })]
    public async Task Requests_have_the_number_of_lines_that_the_version_takes_best(InfluxProfile profile, int points, int[] requests)
    {
        await using var server = await FakeInflux.StartAsync(_ => Ok);
        await using var output = new InfluxOutput(Options(server, profile), TimeProvider.System);

        await output.WriteAsync(Points.Series(points), Token);

        Assert.Equal(requests, server.Requests.Select(r => r.Lines.Count));
    }

    [Fact]
    public async Task A_server_whose_disk_was_full_says_so_until_it_is_started_anew_and_the_message_says_that()
    {
        await using var server = await FakeInflux.StartAsync(_ => new(500, """{"error":"engine: error writing WAL entry: write /var/lib/influxdb/wal/x/autogen/1/_00001.wal: no space left on device"}"""));
        await using var output = new InfluxOutput(Options(server, InfluxProfile.V1), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<OutputException>(() => output.WriteAsync(Points.Series(1), Token));

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
        Assert.EndsWith("_00001.wal: no space left on device. Free its disk; then, while nothing writes to it, start it twice: InfluxDB 1 does not get over it otherwise.", failure.Message, StringComparison.Ordinal);
    }

    private static InfluxOptions Options(FakeInflux server, InfluxProfile profile) => new() { Url = server.Url, Profile = profile, Database = "my db", Organization = "o" };
}

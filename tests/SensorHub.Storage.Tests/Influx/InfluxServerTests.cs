using System.Globalization;
using System.Text.Json;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Schema;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>Against a real InfluxDB 1.x, what concerns one profile: directly by v1, and by v2 through nginx.</summary>
public class InfluxServerTests(Servers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

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

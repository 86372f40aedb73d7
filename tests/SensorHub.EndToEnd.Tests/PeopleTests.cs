using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using MQTTnet;
using MQTTnet.Formatter;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>People's accounts, by the program as it is started.</summary>
public sealed partial class PeopleTests
{
    private const string Password = "four unrelated words";

    private static readonly Dictionary<string, string> Accounts = new() { ["SENSORHUB_WEB__ACCOUNTS"] = "true" };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kill_while_an_older_file_is_brought_up_to_date_leaves_the_old_one_or_the_new_one()
    {
        var data = HubProgram.NewFolder();
        var (people, copy) = (Path.Combine(data, "people.db"), Path.Combine(data, "people.db.new"));
        await MakeOldAsync(people);
        var before = await File.ReadAllBytesAsync(people, Cancelled);

        await using (var first = HubProgram.StartWith(Accounts, Arguments(data)))
        {
            // As soon as there is a copy; a machine that is quicker than this test is done by then, and that is right too.
            while (!File.Exists(copy) && !first.Page.IsCompleted)
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancelled);
            await first.KillAsync();
        }

        if (File.Exists(copy))
            Assert.Equal(before, await File.ReadAllBytesAsync(people, Cancelled));
        else
            Assert.Equal(Rows, await RowsAsync(people));
        await using (var second = HubProgram.StartWith(Accounts, Arguments(data)))
        {
            await second.Page;
            await second.KillAsync();
        }
        Assert.Equal(Rows, await RowsAsync(people));
        Assert.False(File.Exists(copy));
    }

    [Fact]
    public async Task Neither_a_persons_password_nor_their_cookie_opens_the_broker()
    {
        var port = ServerProcess.FreePort();
        await using var hub = HubProgram.StartWith(Accounts, "run", "--simulate", "--port", "0", "--mqtt-port", $"{port}", "--data", HubProgram.NewFolder());
        var pages = await hub.Page;
        Assert.Contains(hub.Output, line => Regex.IsMatch(line, @"^\s+MQTT users\s+/.*mqtt-credentials\.json$"));
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = pages };
        var token = Token().Match(await browser.GetStringAsync("/welcome", Cancelled)).Groups[1].Value;
        using var form = new FormUrlEncodedContent([
            new("_handler", "owner"), new("__RequestVerificationToken", token), new("Form.Name", "Anna"), new("Form.UserName", "anna"), new("Form.Password", Password), new("Form.Again", Password)]);
        (await browser.PostAsync("/welcome", form, Cancelled)).Dispose();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account", Cancelled)).StatusCode);

        foreach (var password in new[] { Password, null })
        {
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await ConnectAsync(options => options.WithTcpServer("127.0.0.1", port), password));
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await ConnectAsync(options => options.WithWebSocketServer(o => o
                .WithUri($"ws://{pages.Authority}/mqtt").WithCookieContainer(cookies).WithRequestHeaders(new Dictionary<string, string> { ["Origin"] = $"http://{pages.Authority}" })), password));
        }
        foreach (var (path, status) in new[] { ("/alive", HttpStatusCode.OK), ("/metrics", HttpStatusCode.OK), ("/mqtt", HttpStatusCode.UpgradeRequired), ("/board", HttpStatusCode.Forbidden) })
            Assert.Equal((path, status), (path, (await browser.GetAsync(path, Cancelled)).StatusCode));
    }

    private const int Rows = 200_000;

    private static string[] Arguments(string data) => ["run", "--role", "clinic", "--mqtt", "127.0.0.1", "--mqtt-port", $"{ServerProcess.FreePort()}", "--port", "0", "--data", data];

    private static async Task<MqttClientConnectResultCode> ConnectAsync(Action<MqttClientOptionsBuilder> to, string? password)
    {
        var options = new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithClientId($"person-{Guid.NewGuid():N}");
        to(options);
        if (password is not null)
            options.WithCredentials("anna", password);
        using var client = new MqttClientFactory().CreateMqttClient();
        return (await client.ConnectAsync(options.Build(), Cancelled)).ResultCode;
    }

    /// <summary>As SensorHub made it while it had no migrations, with a log so long that copying it takes a while.</summary>
    private static async Task MakeOldAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Cancelled);
        foreach (var sql in new[]
        {
            await File.ReadAllTextAsync(Repository.PathOf("tests", "SensorHub.Web.Tests", "People", "people-before-migrations.sql"), Cancelled),
            $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows})
            INSERT INTO "Audit" ("At", "By", "What", "Detail") SELECT i, 'Anna', 'signed_in', hex(randomblob(40)) FROM n
            """,
        })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(Cancelled);
        }
    }

    private static async Task<long> RowsAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT count(*) FROM "Audit" """;
        return (long)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

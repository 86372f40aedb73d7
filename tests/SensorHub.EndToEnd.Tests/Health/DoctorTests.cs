using System.Text.RegularExpressions;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests.Health;

/// <summary><c>sensorhub doctor</c> against real servers.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task A_broker_and_a_database_that_can_be_used_are_told_with_version_clocks_and_retention()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var influx = await InfluxServer.StartAsync();
        var lines = await DoctorAsync(0, mosquitto.Port, MosquittoServer.Password, "--influx", influx.Url.ToString());
        Assert.Matches($"^ok      broker      mqtt://hub@127.0.0.1:{mosquitto.Port} takes and hands on messages", Line(lines, "broker"));
        Assert.Collection(
            lines.Where(l => l[8..20].Trim() == "database"),
            line => Assert.Matches(@"^ok      database    InfluxDB 1\.\S+ at http://127\.0\.0\.1:\d+/, database 'sensorhub': can be written$", line),
            line => Assert.Matches("^ok .* its clock agrees", line),
            line => Assert.Matches("^ok .* retention policy 'autogen' keeps everything for ever$", line));
        Assert.Matches("of recording with a roller and a clip$", Line(lines, "disk"));
    }

    [Fact]
    public async Task A_retention_policy_is_told_as_it_is()
    {
        await using var influx = await InfluxServer.StartAsync();
        await influx.QueryAsync("CREATE RETENTION POLICY \"month\" ON \"sensorhub\" DURATION 30d REPLICATION 1 DEFAULT");
        var lines = await DoctorAsync(0, 0, null, "--influx", influx.Url.ToString());
        Assert.Contains(lines, l => l.EndsWith("retention policy 'month' keeps things for 720h0m0s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_of_the_broker_and_one_of_the_database_are_two_failed_lines_that_say_what_to_check()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var influx = await InfluxServer.StartAsync(authentication: true);
        var lines = await DoctorAsync(1, mosquitto.Port, "wrong", "--influx", influx.Url.ToString());
        Assert.Matches("^failed  broker .*refuses user 'hub': check the user name and the password", Line(lines, "broker"));
        Assert.Matches("^failed  database .*401", Line(lines, "database"));
    }

    [Fact]
    public async Task What_waits_in_an_outbox_is_told_beside_the_hub_that_has_it_open_and_so_is_what_is_in_quarantine()
    {
        var folder = HubProgram.NewFolder();
        await using var mosquitto = await MosquittoServer.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["SENSORHUB_MQTT__USER"] = MosquittoServer.User, ["SENSORHUB_MQTT__PASSWORD"] = MosquittoServer.Password, ["SENSORHUB_MQTT__CONFIRM"] = "store,influx", // which nobody confirms
        };
        string[] broker = ["--mqtt", "127.0.0.1", "--mqtt-port", $"{mosquitto.Port}", "--port", "0", "--data", folder];
        await using var hub = HubProgram.StartWith(environment, ["run", "--simulate", .. broker]);
        await hub.Page;
        Quarantine.Open(Path.Combine(folder, "quarantine")).Add(QuarantinedMessage.From(new ReceivedMessage("sensorhub/1/x/y", "{"u8.ToArray()), Bridge.Store, "not-json", "", TimeProvider.System.GetUtcNow()));

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90), TimeProvider.System);
        string outbox;
        do
        {
            var (exitCode, output, _) = await HubProgram.RunWithAsync(environment, ["doctor", .. broker]);
            Assert.Equal(0, exitCode);
            outbox = Line(output, "outbox");
            Assert.Matches("^ok      outbox      .*hub.db, ", outbox);
            Assert.Matches("^warning quarantine  .*: 1 message could not be stored: 'sensorhub bridge quarantine list'", Line(output, "quarantine"));
        }
        while (!outbox.Contains("messages wait, the oldest for", StringComparison.Ordinal) && !patience.IsCancellationRequested);
        Assert.Contains("messages wait, the oldest for", outbox, StringComparison.Ordinal);
        Assert.Equal(0, await hub.InterruptAsync());
        Assert.DoesNotContain(hub.Errors, line => line.Contains("hub.db", StringComparison.Ordinal)); // nobody was in its way
    }

    [Fact]
    public async Task A_broker_upstream_is_looked_at_as_the_hubs_own_is()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["SENSORHUB_UPSTREAM__HOST"] = "127.0.0.1", ["SENSORHUB_UPSTREAM__PORT"] = $"{mosquitto.Port}", ["SENSORHUB_UPSTREAM__TLS"] = "false",
            ["SENSORHUB_UPSTREAM__USER"] = MosquittoServer.User, ["SENSORHUB_UPSTREAM__PASSWORD"] = MosquittoServer.Password,
        };
        string[] doctor = ["doctor", "--port", "0", "--mqtt-port", "0", "--data", HubProgram.NewFolder()];

        var (exitCode, output, _) = await HubProgram.RunWithAsync(environment, doctor);
        Assert.Equal(0, exitCode);
        Assert.Matches($"^ok      upstream    mqtt://hub@127.0.0.1:{mosquitto.Port} takes and hands on messages", Line(output, "upstream"));

        environment["SENSORHUB_UPSTREAM__TLS"] = "true";
        (exitCode, output, _) = await HubProgram.RunWithAsync(environment, doctor);
        Assert.Equal(1, exitCode);
        Assert.Matches("^failed  certificate .*does not speak TLS", Line(output, "certificate"));
    }

    private static string Line(IEnumerable<string> lines, string name) => lines.First(l => l[8..20].Trim() == name);

    private static async Task<IReadOnlyList<string>> DoctorAsync(int exitCode, int mqttPort, string? password, params string[] arguments)
    {
        var environment = new Dictionary<string, string>();
        string[] broker = ["--mqtt-port", $"{mqttPort}"];
        if (password is not null)
        {
            (environment["SENSORHUB_MQTT__USER"], environment["SENSORHUB_MQTT__PASSWORD"]) = (MosquittoServer.User, password);
            broker = ["--mqtt", "127.0.0.1", .. broker];
        }
        var (code, output, errors) = await HubProgram.RunWithAsync(environment, ["doctor", "--port", "0", "--data", HubProgram.NewFolder(), .. broker, .. arguments]);
        Assert.Empty(errors);
        Assert.True(code == exitCode, string.Join('\n', output));
        Assert.All(output, line => Assert.Matches(new Regex("^(ok|note|warning|failed) "), line));
        return output;
    }
}

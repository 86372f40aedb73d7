using SensorHub.Mqtt.Broker;

namespace SensorHub.EndToEnd.Tests;

public sealed class MqttCommandTests : IDisposable
{
    private readonly string _folder = HubProgram.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Files_for_mosquitto_are_written_once_and_added_to_and_no_password_is_printed()
    {
        var first = await HubProgram.RunAsync("mqtt", "acl", "--out", _folder, "--hub", "home");
        Assert.Equal(0, first.ExitCode);
        var before = BrokerCredentials.Load(_folder, c => c).Accounts;
        var second = await HubProgram.RunAsync("mqtt", "acl", "--out", _folder, "--hub", "clinic", "--user", "grafana:reader");
        Assert.Equal(0, second.ExitCode);
        var after = BrokerCredentials.Load(_folder, c => c).Accounts;
        Assert.Equal(before, after.Take(before.Count));
        Assert.Equal([("hub-clinic", BrokerRole.Hub, "clinic"), ("grafana", BrokerRole.Reader, null)], after.Skip(before.Count).Select(a => (a.User, a.Role, a.Hub)));
        Assert.Contains($"{_folder} has 8 accounts, new: hub-clinic, grafana.", second.Output);
        foreach (var account in after)
            Assert.DoesNotContain(first.Output.Concat(second.Output), line => line.Contains(account.Password, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--user is 'me:king'; it takes NAME:ROLE, with one of the roles bridge, control, reader, lab, homeassistant.", "--user", "me:king")]
    [InlineData("--hub is 'Our Clinic'; it takes 1 to 40 of a-z, 0-9 and '-', beginning with a letter or digit.", "--hub", "Our Clinic")]
    [InlineData("--port takes 1 to 65535.", "--port", "70000")]
    [InlineData("The account 'me' with the role hub needs a hub to be of: give --hub NAME instead, and it is called hub-NAME.", "--user", "me:hub")]
    public async Task What_is_wrong_is_one_clear_line_and_nothing_is_written(string line, params string[] arguments)
    {
        var (exitCode, _, errors) = await HubProgram.RunAsync(["mqtt", "acl", "--out", Path.Combine(_folder, "new"), .. arguments]);
        Assert.Equal((1, $"sensorhub: {line}"), (exitCode, Assert.Single(errors)));
        Assert.False(Directory.Exists(Path.Combine(_folder, "new")));
    }

    [Fact]
    public async Task A_hub_whose_broker_would_listen_to_strangers_in_plain_text_does_not_start()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "sensorhub.json"), """{ "Mqtt": { "Bind": "0.0.0.0", "Port": 0 } }""", TestContext.Current.CancellationToken);
        var (exitCode, _, errors) = await HubProgram.RunAsync("run", "--simulate", "--data", _folder, "--port", "0");
        Assert.Equal(1, exitCode);
        Assert.Equal("sensorhub: Mqtt:Bind is 0.0.0.0, beyond this machine, where MQTT has to be encrypted: set Mqtt:Certificate and Mqtt:CertificateKey to PEM files, or leave Mqtt:Bind out to listen on 127.0.0.1 alone.", Assert.Single(errors));
    }

    [Fact]
    public async Task The_roles_are_listed()
    {
        var (exitCode, output, _) = await HubProgram.RunAsync("mqtt", "roles");
        Assert.Equal(0, exitCode);
        Assert.All(RoleTable.All, role => Assert.Contains(output, line => line.StartsWith(role.Name + ": ", StringComparison.Ordinal)));
    }
}

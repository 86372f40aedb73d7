using System.Net;
using System.Net.Sockets;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A person's mistake gets one line on standard error and exit code 1; wrong usage gets exit code 2.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task A_web_port_in_use_is_named_with_the_option_that_changes_it()
    {
        using var other = Occupy(out var port);
        await FailsAsync(["run", "--simulate", "--port", $"{port}", "--mqtt-port", "0", "--data", HubProgram.NewFolder()], $"Port {port}", "--port");
    }

    [Fact]
    public async Task A_broker_port_in_use_is_named()
    {
        using var other = Occupy(out var port);
        await FailsAsync(["run", "--simulate", "--port", "0", "--mqtt-port", $"{port}", "--data", HubProgram.NewFolder()], $"Port {port}", "in use");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(HubProgram.NewFolder(), "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var folder = Path.Combine(file, "data");
        await FailsAsync(["run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", folder], folder, "--data");
    }

    [Theory]
    [InlineData("recordings")]
    [InlineData("keys")]
    public async Task A_file_where_the_data_folder_has_a_folder_is_named(string name)
    {
        var folder = HubProgram.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, name), "", TestContext.Current.CancellationToken);
        await FailsAsync(["run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", folder], Path.Combine(folder, name), "--data");
    }

    [Fact]
    public async Task A_file_of_accounts_that_is_none_is_named()
    {
        var folder = HubProgram.NewFolder();
        var file = Path.Combine(folder, "people.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("This is no database. ", 100)), TestContext.Current.CancellationToken);
        var (exitCode, output, errors) = await HubProgram.RunWithAsync(
            new() { ["SENSORHUB_WEB__ACCOUNTS"] = "true" }, "run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", folder);
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains(file, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_named()
    {
        var data = HubProgram.NewFolder();
        await using var hub = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", data);
        await hub.Page;
        await FailsAsync(["run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", data], data, "in use", "--data");
        Assert.Equal(0, await hub.InterruptAsync());
    }

    [Fact]
    public async Task A_misspelt_setting_is_named()
    {
        var folder = HubProgram.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "sensorhub.json"), "{ \"Web\": { \"Prot\": 1 } }", TestContext.Current.CancellationToken);
        await FailsAsync(["run", "--simulate", "--data", folder], "sensorhub.json", "Prot");
    }

    [Fact]
    public async Task An_external_broker_that_is_not_there_is_named()
    {
        var port = ServerProcess.FreePort();
        await FailsAsync(["run", "--simulate", "--port", "0", "--mqtt", "127.0.0.1", "--mqtt-port", $"{port}", "--data", HubProgram.NewFolder()], $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named_before_a_replay_begins()
    {
        var port = ServerProcess.FreePort();
        var file = Path.Combine(HubProgram.NewFolder(), "still.csv");
        await File.WriteAllTextAsync(file, "t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps\n0,0,0,9.81,0,0,0\n0.01,0,0,9.81,0,0,0\n", TestContext.Current.CancellationToken);
        await FailsAsync(["replay", file, "--mqtt-port", "0", "--influx", $"http://127.0.0.1:{port}", "--data", HubProgram.NewFolder()], $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_told_of_and_does_not_keep_a_hub_from_running()
    {
        var port = ServerProcess.FreePort();
        await using var hub = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--influx", $"http://127.0.0.1:{port}", "--data", HubProgram.NewFolder());
        await hub.Page;
        Assert.Equal(0, await hub.InterruptAsync());
        Assert.Contains(hub.Errors, line => line.Contains($"127.0.0.1:{port}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("t_s,ax_mps2,ay_mps2\n0,0,0\n", "az_mps2")]
    [InlineData("t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps\n0,0,0,9.81,0,0,0\n0.01,0,zero,9.81,0,0,0\n", "line 3")]
    [InlineData("t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps\n0.01,0,0,9.81,0,0,0\n0,0,0,9.81,0,0,0\n", "line 3")]
    public async Task A_broken_CSV_is_named_with_the_place(string content, string place)
    {
        var file = Path.Combine(HubProgram.NewFolder(), "broken.csv");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        await FailsAsync(["replay", file, "--mqtt-port", "0", "--data", HubProgram.NewFolder()], "broken.csv", place);
    }

    [Fact]
    public async Task A_file_that_is_no_recording_is_named()
    {
        var file = Path.Combine(HubProgram.NewFolder(), "letter.txt");
        await File.WriteAllTextAsync(file, "Dear Sir or Madam", TestContext.Current.CancellationToken);
        await FailsAsync(["replay", file, "--mqtt-port", "0", "--data", HubProgram.NewFolder()], file);
    }

    [Fact]
    public async Task A_recording_without_a_frame_is_named()
    {
        var folder = HubProgram.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "00001.shr"), "", TestContext.Current.CancellationToken);
        await FailsAsync(["replay", folder, "--mqtt-port", "0", "--data", HubProgram.NewFolder()], folder, "no frame");
    }

    [Theory]
    [InlineData("Data", "doctor", "--data", "")]
    [InlineData("Mqtt:Host", "doctor", "--mqtt", "")]
    [InlineData("Mqtt:Port", "doctor", "--mqtt", "127.0.0.1", "--mqtt-port", "0")]
    [InlineData("--out", "simulate", "bends", "--out", "")]
    public async Task A_setting_that_says_nothing_is_named(string setting, params string[] arguments) => await FailsAsync(arguments, setting);

    [Fact]
    public async Task The_doctor_tells_of_a_folder_that_is_not_there_in_lines_and_goes_on()
    {
        var file = Path.Combine(HubProgram.NewFolder(), "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var (exitCode, output, errors) = await HubProgram.RunAsync("doctor", "--port", "0", "--mqtt-port", "0", "--data", Path.Combine(file, "data"));
        Assert.Equal(1, exitCode);
        Assert.Empty(errors);
        Assert.Equal(["data folder", "disk", "clock", "page", "broker", "outbox", "store", "quarantine", "bluetooth"], output.Select(line => line[8..20].Trim()));
        Assert.StartsWith("failed", output[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_out_of_range_is_named_with_its_range() =>
        await FailsAsync(["run", "--simulate", "--body-mass", "7", "--data", HubProgram.NewFolder()], "BodyMassKg", "20 to 300");

    [Fact]
    public async Task A_broken_settings_file_is_named()
    {
        var folder = HubProgram.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "sensorhub.json"), "{ \"Web\": { \"Port\": \"high\" } }", TestContext.Current.CancellationToken);
        await FailsAsync(["run", "--simulate", "--data", folder], "sensorhub.json", "Web:Port");
        await File.WriteAllTextAsync(Path.Combine(folder, "sensorhub.json"), "{ \"Web\": ", TestContext.Current.CancellationToken);
        await FailsAsync(["run", "--simulate", "--data", folder], "sensorhub.json", "JSON");
    }

    [Theory]
    [InlineData("run", "--simulate", "--port", "many")]
    [InlineData("replay")]
    [InlineData("replay", "x.csv", "--speed", "fast")]
    [InlineData("fly")]
    public async Task Wrong_usage_ends_with_2_and_points_to_the_help(params string[] arguments)
    {
        var (exitCode, _, errors) = await HubProgram.RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.Equal(2, errors.Count);
        Assert.EndsWith("--help", errors[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(errors, e => e.Contains("   at ", StringComparison.Ordinal));
    }

    private static async Task FailsAsync(string[] arguments, params string[] mentioned)
    {
        var (exitCode, _, errors) = await HubProgram.RunAsync(arguments);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {string.Join('\n', errors)}");
        var line = Assert.Single(errors);
        Assert.All(mentioned, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }

    private static TcpListener Occupy(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}

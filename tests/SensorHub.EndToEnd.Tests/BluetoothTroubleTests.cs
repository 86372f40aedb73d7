namespace SensorHub.EndToEnd.Tests;

/// <summary>A machine without Bluetooth: its message bus is not there.</summary>
public sealed class BluetoothTroubleTests
{
    private static readonly Dictionary<string, string> NoBus = new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nowhere/bus" };

    [Fact]
    public async Task The_doctor_notes_it_while_the_hub_is_not_set_to_use_it()
    {
        var (exitCode, output, errors) = await HubProgram.RunWithAsync(NoBus, "doctor", "--port", "0", "--mqtt-port", "0", "--data", HubProgram.NewFolder());
        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
        Assert.StartsWith("note    bluetooth", output[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_calls_it_failed_when_an_adapter_was_chosen_or_a_sensor_added()
    {
        var (exitCode, output, _) = await HubProgram.RunWithAsync(NoBus, "doctor", "--adapter", "hci0", "--port", "0", "--mqtt-port", "0", "--data", HubProgram.NewFolder());
        Assert.Equal(1, exitCode);
        Assert.StartsWith("failed  bluetooth", output[^1], StringComparison.Ordinal);

        var data = HubProgram.NewFolder();
        await File.WriteAllTextAsync(
            Path.Combine(data, "sensors.json"), """{ "sensors": [ { "sensor": "clip-1", "name": "Clip 1", "address": "A", "advertised": "SH Clip 1" } ] }""", TestContext.Current.CancellationToken);
        (exitCode, output, _) = await HubProgram.RunWithAsync(NoBus, "doctor", "--port", "0", "--mqtt-port", "0", "--data", data);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("failed  bluetooth", output[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scan_says_it_in_one_line()
    {
        var (exitCode, output, errors) = await HubProgram.RunWithAsync(NoBus, "scan", "--for", "20");
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        var line = Assert.Single(errors);
        Assert.StartsWith("sensorhub: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
    }
}

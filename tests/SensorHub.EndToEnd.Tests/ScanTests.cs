using System.Text.Json;

namespace SensorHub.EndToEnd.Tests;

/// <summary><c>sensorhub scan</c>.</summary>
public sealed class ScanTests
{
    [Fact]
    public async Task Piped_it_writes_a_line_a_sensor_with_who_it_is_its_signal_and_its_battery()
    {
        var lines = await HubProgram.SaysAsync("scan", "--simulate", "--for", "8");
        Assert.Equal(2, lines.Count);
        Assert.Matches(@"^SH Roller \d{4}\s+roller-sim\d{5}\s+roller\s+-\d+ dBm\s+\d+ %\s+1\.0\.0-sim$", Assert.Single(lines, l => l.Contains("Roller")));
        Assert.Matches(@"^SH Clip \d{4}\s+clip-sim\d{5}\s+clip\s+-\d+ dBm\s+\d+ %\s+1\.0\.0-sim$", Assert.Single(lines, l => l.Contains("Clip")));
    }

    [Fact]
    public async Task As_JSON_it_is_an_object_a_line_without_the_radios_addresses()
    {
        var lines = await HubProgram.SaysAsync("scan", "--simulate", "--for", "8", "--json");
        var sensors = lines.Select(l => JsonDocument.Parse(l).RootElement).ToDictionary(s => s.GetProperty("kind").GetString()!);
        Assert.Equal(["clip", "roller"], sensors.Keys.Order());
        Assert.All(sensors.Values, s =>
        {
            Assert.InRange(s.GetProperty("battery_pct").GetInt32(), 1, 100);
            Assert.InRange(s.GetProperty("rssi_dbm").GetInt32(), -110, 0);
            Assert.Equal("1.0", s.GetProperty("protocol").GetString());
        });
        Assert.DoesNotContain("virtual-", string.Join('\n', lines));
    }

    [Fact]
    public async Task Only_listening_it_connects_to_nobody()
    {
        var lines = await HubProgram.SaysAsync("scan", "--simulate", "--for", "3", "--no-look");
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Matches(@"^SH (Roller|Clip) \d{4}\s+(roller|clip)\s+-\d+ dBm$", line));
    }

    [Theory]
    [InlineData("--for", "0")]
    [InlineData("--for", "soon")]
    [InlineData("--simulate", "--adapter", "hci0")]
    public async Task Wrong_usage_is_told(params string[] arguments)
    {
        var (exitCode, output, errors) = await HubProgram.RunAsync(["scan", .. arguments]);
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Equal("Try: sensorhub scan --help", errors[^1]);
    }
}

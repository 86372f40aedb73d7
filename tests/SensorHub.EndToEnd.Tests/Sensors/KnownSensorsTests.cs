using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Sensors;

namespace SensorHub.EndToEnd.Tests.Sensors;

public sealed class KnownSensorsTests
{
    private static readonly KnownSensor Roller = new(Slug.Parse("roller-sh000123"), SensorKind.Roller, "Blue roller", "C0:FF:EE:00:00:01", "SH Roller 0123", default);
    private static readonly KnownSensor Clip = new(Slug.Parse("clip-sh000042"), SensorKind.Clip, "Clip 0042", "C0:FF:EE:00:00:02", "SH Clip 0042", Slug.Parse("me"));

    private readonly string _path = Path.Combine(HubProgram.NewFolder(), KnownSensors.FileName);
    private readonly List<string> _said = [];

    [Fact]
    public void What_was_put_changed_and_removed_is_there_after_a_restart()
    {
        var known = Open();
        known.Put(Roller);
        known.Put(Clip);
        known.Change(Roller.Sensor, s => s with { Name = "Grey roller" });
        Assert.Equal([Roller with { Name = "Grey roller" }, Clip], Open().All);
        known.Put(Clip with { Address = "C0:FF:EE:00:00:09" });
        known.Remove(Roller.Sensor);
        known.Change(Roller.Sensor, s => s with { Name = "Nobody" });
        Assert.Equal([Clip with { Address = "C0:FF:EE:00:00:09" }], Open().All);
        Assert.Empty(_said);
    }

    [Fact]
    public void The_file_is_its_owners_alone_also_when_it_was_not()
    {
        if (OperatingSystem.IsWindows())
            return;
        Open().Put(Roller);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
        File.SetUnixFileMode(_path, (UnixFileMode)0b110_100_100);
        Open();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "sensors": [ { "sensor": "kettle-1", "name": "K", "address": "A", "advertised": "" } ] }""")]
    [InlineData("""{ "sensors": [ { "sensor": "clip-1", "name": "", "address": "A", "advertised": "" } ] }""")]
    [InlineData("""{ "sensors": [ { "sensor": "CLIP 1", "name": "K", "address": "A", "advertised": "" } ] }""")]
    [InlineData("""{ "sensors": [ { "sensor": "clip-1", "name": "K", "address": "A", "advertised": "" }, { "sensor": "clip-1", "name": "K", "address": "B", "advertised": "" } ] }""")]
    public void A_broken_file_is_one_clear_line_and_kept_aside(string content)
    {
        File.WriteAllText(_path, content);
        var known = Open();
        Assert.Empty(known.All);
        var line = Assert.Single(_said);
        Assert.Contains("it is kept as", line);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(content, File.ReadAllText(_path + ".broken"));
        known.Put(Roller);
        Assert.Equal([Roller], Open().All);
    }

    [Fact]
    public void A_change_that_cannot_be_written_did_not_happen()
    {
        var known = Open();
        known.Put(Roller);
        Directory.CreateDirectory(_path + ".new"); // in the way
        var refused = Assert.Throws<UserException>(() => known.Put(Clip));
        Assert.Contains("nothing was changed", refused.Message);
        Assert.Equal([Roller], known.All);
        Assert.Equal([Roller], Open().All);
    }

    private KnownSensors Open() => KnownSensors.Open(_path, _said.Add);
}

using System.Text;
using SensorHub.Core;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;

namespace SensorHub.Storage.Tests.Bridging;

public sealed class QuarantineTests : IDisposable
{
    private const string Topic = "sensorhub/1/home/subjects/p1/posture";

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-quarantine-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_message_comes_back_as_it_was()
    {
        var quarantine = Quarantine.Open(_folder);
        var message = From(new ReceivedMessage(Topic, "{\"ü\":\"<\u0001>\""u8.ToArray(), [new("outbox", "box/7"), new("schema", "posture/9"), new("a", "1"), new("a", "2")]), detail: "'»' is no value");
        quarantine.Add(message);

        var read = Assert.Single(List(Quarantine.Open(_folder)));

        Assert.Equivalent(message, read, strict: true);
        Assert.Equal(("home", "posture/9", Topic, "box/7", "{\"ü\":\"<\u0001>\"", "not-json"), (read.Hub, read.MessageSchema, read.Topic, read.Properties[0][1], read.Payload, read.Reason));
        Assert.Equal("{\"ü\":\"<\u0001>\""u8, read.PayloadBytes());
    }

    [Fact]
    public void Bytes_that_are_no_text_come_back_as_they_were()
    {
        var quarantine = Quarantine.Open(_folder);
        byte[] payload = [0xFF, 0x00, 0x80, 0x41];
        quarantine.Add(From(new ReceivedMessage(Topic, payload)));

        var read = Assert.Single(List(quarantine));

        Assert.Equal((null, true), (read.Payload, read.IsWhole));
        Assert.Equal(payload, read.PayloadBytes());
    }

    [Fact]
    public void Of_a_very_large_message_the_beginning_is_kept_and_its_size()
    {
        var message = From(new ReceivedMessage(Topic, new byte[5_000_000]));

        Assert.Equal((5_000_000, false, QuarantinedMessage.MaxPayloadBytes), (message.Bytes, message.IsWhole, message.PayloadBytes().Length));
    }

    [Fact]
    public void A_file_is_its_owners_alone_and_nothing_unfinished_is_left()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other permissions.");
            return;
        }
        var quarantine = Quarantine.Open(Path.Combine(_folder, "new"));
        quarantine.Add(From(new ReceivedMessage(Topic, "{"u8.ToArray())));

        var file = Assert.Single(Directory.GetFiles(quarantine.Folder));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(quarantine.Folder));
    }

    [Fact]
    public void A_message_that_is_delivered_again_is_the_same_and_another_is_not()
    {
        var quarantine = Quarantine.Open(_folder);
        foreach (var number in (string[])["box/1", "box/2", "box/1"])
            quarantine.Add(From(new ReceivedMessage(Topic, "{"u8.ToArray(), [new("outbox", number)])));
        quarantine.Add(From(new ReceivedMessage(Topic, "{"u8.ToArray(), [new("outbox", "box/1")]), Bridge.Influx));

        Assert.Equal(3, quarantine.Count);
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many_and_are_counted()
    {
        var quarantine = Quarantine.Open(_folder, new QuarantineOptions { MaxMessages = 10 });
        for (var i = 0; i < 25; i++)
        {
            quarantine.Add(From(new ReceivedMessage(Topic, Encoding.UTF8.GetBytes($"{i}")), second: i));
            Assert.InRange(quarantine.Count, 1, 10);
        }

        var kept = List(quarantine).Select(m => int.Parse(m.Payload!, null)).ToList();
        Assert.Equal(Enumerable.Range(25 - kept.Count, kept.Count), kept);
        Assert.Equal(25, kept.Count + quarantine.Dropped);
    }

    [Fact]
    public void The_oldest_go_when_they_are_too_large()
    {
        var quarantine = Quarantine.Open(_folder, new QuarantineOptions { MaxBytes = 4 << 20 });
        for (var i = 0; i < 10; i++)
            quarantine.Add(From(new ReceivedMessage(Topic, Encoding.UTF8.GetBytes(new string((char)('a' + i), 1_000_000))), second: i));

        Assert.Equal(['g', 'h', 'i', 'j'], List(quarantine).Select(m => m.Payload![0]));
    }

    [Fact]
    public void A_foreign_or_broken_file_is_told_of_and_hides_nothing()
    {
        var quarantine = Quarantine.Open(_folder);
        quarantine.Add(From(new ReceivedMessage(Topic, "{"u8.ToArray())));
        File.WriteAllText(Path.Combine(_folder, "notes.json"), "{}");
        File.WriteAllText(Path.Combine(_folder, "broken.json"), "{");
        File.WriteAllText(Path.Combine(_folder, "list.json"), "[1]");
        var troubles = new List<string>();

        Assert.Single(quarantine.List(troubles.Add));
        Assert.Equal(["broken.json", "list.json", "notes.json"], troubles.Select(t => Path.GetFileName(t.Split(' ')[0])).Order());
    }

    [Fact]
    public void A_message_can_be_removed_once()
    {
        var quarantine = Quarantine.Open(_folder);
        var message = From(new ReceivedMessage(Topic, "{"u8.ToArray()));
        quarantine.Add(message);

        Assert.True(quarantine.Remove(message));
        Assert.False(quarantine.Remove(message));
        Assert.Empty(List(quarantine));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        Assert.Contains(file, Assert.Throws<UserException>(() => Quarantine.Open(file)).Message, StringComparison.Ordinal);
    }

    private static QuarantinedMessage From(ReceivedMessage message, Slug? output = null, string detail = "it is no JSON", int second = 0) =>
        QuarantinedMessage.From(message, output ?? Bridge.Store, "not-json", detail, Points.Start.ToDateTimeOffset().AddSeconds(second));

    private static IReadOnlyList<QuarantinedMessage> List(Quarantine quarantine) => quarantine.List(trouble => Assert.Fail(trouble));
}

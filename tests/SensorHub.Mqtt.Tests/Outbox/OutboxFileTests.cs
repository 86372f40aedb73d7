using Microsoft.Data.Sqlite;
using SensorHub.Core;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Mqtt.Tests.Outbox;

public sealed class OutboxFileTests
{
    [Fact]
    public void A_message_comes_back_from_the_file_as_it_was()
    {
        using var outbox = new TestOutbox();
        using var file = OutboxFile.Open(outbox.Path, outbox.Time);
        var message = TestOutbox.Message("""{"a":"ä"}""", "some/topic", retain: true);
        message.MessageExpiryInterval = 77;
        file.Change([new OutboxRow(file.NextNumber(), outbox.Time.GetUtcNow(), ulong.MaxValue, true, message)], []);

        var row = Assert.Single(file.Page(0, 10));

        Assert.Equal((1, outbox.Time.GetUtcNow(), ulong.MaxValue, true), (row.Number, row.At, row.Key, row.Live));
        Assert.Equal(("some/topic", """{"a":"ä"}""", true, 77u), (row.Message.Topic, row.Message.Text(), row.Message.Retain, row.Message.MessageExpiryInterval));
        Assert.Equal((message.ContentType, message.PayloadFormatIndicator), (row.Message.ContentType, row.Message.PayloadFormatIndicator));
        Assert.Equal(message.UserProperties, row.Message.UserProperties);
    }

    [Fact]
    public void The_file_and_its_logs_are_for_their_owner_alone_and_every_commit_waits_for_the_disk()
    {
        using var outbox = new TestOutbox();
        using var file = OutboxFile.Open(outbox.Path, outbox.Time);
        Add(file, outbox, 1);
        Assert.Equal("wal", file.Pragma("journal_mode"));
        Assert.Equal(2L, file.Pragma("synchronous"));
        if (!OperatingSystem.IsWindows())
            foreach (var part in Directory.GetFiles(outbox.Folder))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(part));
    }

    [Fact]
    public void A_number_is_never_given_twice_not_even_one_that_never_reached_the_disk()
    {
        using var outbox = new TestOutbox();
        var file = OutboxFile.Open(outbox.Path, outbox.Time);
        var name = file.Name;
        Add(file, outbox, 3);
        file.Change([], [(1, 3)]);
        file.Dispose();
        file = OutboxFile.Open(outbox.Path, outbox.Time);
        Assert.Equal(name, file.Name);
        Assert.Equal(4, file.NextNumber());
        Assert.Equal(5, file.NextNumber());
        file.Abandon();
        using var last = OutboxFile.Open(outbox.Path, outbox.Time);
        Assert.True(last.NextNumber() > 5);
    }

    [Fact]
    public void Who_looks_sees_what_is_in_it_beside_the_one_that_writes()
    {
        using var outbox = new TestOutbox();
        Assert.Null(OutboxSummary.Read(outbox.Path));
        Assert.False(File.Exists(outbox.Path));

        using var file = OutboxFile.Open(outbox.Path, outbox.Time);
        Assert.Equal((0, null), OutboxSummary.Read(outbox.Path) is { } empty ? (empty.Waiting, empty.Oldest) : default);
        Add(file, outbox, 3);
        file.Change([], [(1, 1)]);

        var summary = OutboxSummary.Read(outbox.Path)!;

        Assert.Equal((2, file.Oldest), (summary.Waiting, summary.Oldest));
        Assert.True(summary.Bytes > 0);
        Add(file, outbox, 1);
    }

    [Fact]
    public void Who_looks_is_told_of_a_file_that_is_no_outbox()
    {
        using var outbox = new TestOutbox();
        using (var connection = new SqliteConnection($"Data Source={outbox.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            command.ExecuteNonQuery();
        }
        Assert.Contains("another program", Assert.Throws<UserException>(() => OutboxSummary.Read(outbox.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(outbox.Path, new string('x', 5000));
        Assert.Contains(outbox.Path, Assert.Throws<UserException>(() => OutboxSummary.Read(outbox.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public void A_damaged_file_is_moved_aside_with_one_line_and_a_new_one_begun(int from)
    {
        using var outbox = new TestOutbox();
        using (var file = OutboxFile.Open(outbox.Path, outbox.Time))
            Add(file, outbox, 100);
        using (var bytes = new FileStream(outbox.Path, FileMode.Open))
        {
            bytes.Position = from;
            bytes.Write(new byte[bytes.Length - from].Select((_, i) => (byte)(i * 7)).ToArray());
        }
        var lines = new List<string>();

        using var anew = OutboxFile.Open(outbox.Path, outbox.Time, lines.Add);

        Assert.Null(anew.Numbers);
        Assert.Contains("is damaged: it was moved to", Assert.Single(lines));
        Assert.True(File.Exists(outbox.Path + ".damaged-20260131-120000"));
    }

    [Fact]
    public void A_database_of_another_program_and_one_of_a_newer_version_are_left_alone()
    {
        using var outbox = new TestOutbox();
        var other = Path.Combine(outbox.Folder, "other.db");
        using (var connection = new SqliteConnection($"Data Source={other};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            command.ExecuteNonQuery();
        }
        Assert.Contains("is a database of another program", Assert.Throws<UserException>(() => OutboxFile.Open(other, outbox.Time)).Message);

        using (var file = OutboxFile.Open(outbox.Path, outbox.Time))
            file.Pragma("user_version = 99");
        Assert.Contains("was written by a newer SensorHub", Assert.Throws<UserException>(() => OutboxFile.Open(outbox.Path, outbox.Time)).Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_one_clear_line()
    {
        using var outbox = new TestOutbox();
        File.WriteAllText(Path.Combine(outbox.Folder, "file"), "");
        Assert.Contains("cannot be made or opened", Assert.Throws<UserException>(() => OutboxFile.Open(Path.Combine(outbox.Folder, "file", "outbox.db"), outbox.Time)).Message);
    }

    [Fact]
    public void What_an_outage_took_of_the_disk_is_given_back()
    {
        using var outbox = new TestOutbox();
        using var file = OutboxFile.Open(outbox.Path, outbox.Time, durable: false);
        for (var i = 0; i < 20; i++)
            Add(file, outbox, 1000);
        file.Pragma("wal_checkpoint(TRUNCATE)");
        var (size, bytes) = (new FileInfo(outbox.Path).Length, file.Bytes);
        Assert.True(size > 5_000_000);

        file.Change([], [(1, 20_000)]);
        Assert.True(file.Bytes < bytes / 100);
        for (var i = 0; i < 100; i++)
            file.Shrink(100);
        file.Pragma("wal_checkpoint(TRUNCATE)");

        Assert.True(new FileInfo(outbox.Path).Length < size / 10);
    }

    private static void Add(OutboxFile file, TestOutbox outbox, int count) => file.Change(
        [.. Enumerable.Range(0, count).Select(i => new OutboxRow(file.NextNumber(), outbox.Time.GetUtcNow(), (ulong)i, true, TestOutbox.Message(new string('x', 200))))], []);
}

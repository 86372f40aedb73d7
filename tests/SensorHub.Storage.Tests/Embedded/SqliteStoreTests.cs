using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.Embedded;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-store-").FullName;

    private string File => Path.Combine(_folder, "store.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Points_are_there_after_the_store_was_closed()
    {
        await using (var store = SqliteStore.Open(File))
            Assert.Equal(60_000, (await store.WriteAsync(Points.Series(60_000), Token)).Stored);

        Assert.False(System.IO.File.Exists(File + "-wal")); // one file to copy
        Assert.Equal(60_000, Scalar("SELECT count(*) FROM posture"));
    }

    [Fact]
    public async Task Writing_a_point_again_changes_nothing()
    {
        await using var store = SqliteStore.Open(File);
        await store.WriteAsync(Points.Series(100), Token);
        await store.WriteAsync(Points.Series(100), Token);

        Assert.Equal(100, Scalar("SELECT count(*) FROM posture"));
    }

    [Fact]
    public async Task Fields_of_one_series_and_time_merge_and_the_last_value_wins()
    {
        await using var store = SqliteStore.Open(File);
        await store.WriteAsync([Points.Rolling(Points.Start, 1, false, 10), Points.Rolling(Points.Start, 2, true)], Token);

        Assert.Equal(1, Scalar("SELECT count(*) FROM rolling WHERE force_n = 10 AND strokes = 2 AND contact = 1"));
    }

    [Fact]
    public async Task A_point_without_a_tag_is_a_series_of_its_own_and_merges_too()
    {
        await using var store = SqliteStore.Open(File);
        var point = Points.Posture(Points.Start, 1).WithTag("subject", null);
        await store.WriteAsync([point, point, Points.Posture(Points.Start, 2)], Token);

        Assert.Equal(2, Scalar("SELECT count(*) FROM posture"));
    }

    [Fact]
    public async Task Numbers_that_are_not_finite_are_left_out_as_in_InfluxDB()
    {
        await using var store = SqliteStore.Open(File);
        var nothing = new Point(StorageSchema.Current["stroke"], Points.Start);
        nothing["length_m"] = double.PositiveInfinity;

        var report = await store.WriteAsync([Points.Posture(Points.Start, double.NaN), nothing], Token);

        Assert.Equal((1, "no-field"), (report.Stored, Assert.Single(report.Rejected).Reason));
        Assert.Equal(1, Scalar("SELECT count(*) FROM posture WHERE lordosis_deg IS NULL"));
    }

    [Fact]
    public async Task The_file_is_its_owners_alone()
    {
        await SqliteStore.Open(File).DisposeAsync();

        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows inherits the folder's rights.");
        else
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task Every_commit_waits_for_the_disk()
    {
        await using var store = SqliteStore.Open(File);

        Assert.Equal(("wal", 2L), (await store.PragmaAsync("journal_mode"), await store.PragmaAsync("synchronous")));
    }

    [Fact]
    public async Task A_store_of_an_older_schema_gets_the_fields_and_tables_it_lacks_and_keeps_its_rows()
    {
        var posture = StorageSchema.Current["posture"];
        var older = new StorageSchema(1, [new MeasurementSchema("posture", posture.Topic, "", posture.Tags, [.. posture.Fields.Take(3)])]);
        var point = new Point(older["posture"], Points.Start);
        point["phase"] = "sitting";
        await using (var store = SqliteStore.Open(File, older))
            await store.WriteAsync([point], Token);

        await using (var store = SqliteStore.Open(File))
            await store.WriteAsync([Points.Posture(Points.Start + TimeSpan.FromSeconds(1), 30), Points.Rolling(Points.Start, 1, true)], Token);

        Assert.Equal(1, Scalar("SELECT count(*) FROM posture WHERE phase = 'sitting' AND lordosis_deg IS NULL"));
        Assert.Equal(1, Scalar("SELECT count(*) FROM posture WHERE lordosis_deg = 30"));
        Assert.Equal(1, Scalar("SELECT count(*) FROM rolling"));
    }

    [Fact]
    public async Task A_store_of_a_newer_schema_is_refused_and_left_as_it_is()
    {
        await SqliteStore.Open(File, new StorageSchema(99, [])).DisposeAsync();
        var before = await System.IO.File.ReadAllBytesAsync(File, Token);

        var refusal = Assert.ThrowsAny<UserException>(() => SqliteStore.Open(File));

        Assert.Contains("written by a newer SensorHub (schema 99, this one knows 1)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File, Token));
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            command.ExecuteNonQuery();
        }

        Assert.Contains("another program", Assert.ThrowsAny<UserException>(() => SqliteStore.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_says_so_and_what_to_do()
    {
        await System.IO.File.WriteAllBytesAsync(File, [.. Enumerable.Repeat((byte)0x55, 8192)], Token);

        var failure = Assert.Throws<OutputException>(() => SqliteStore.Open(File));

        Assert.Equal(OutputFault.Misconfigured, failure.Fault);
        Assert.Contains("is damaged, or not a store of SensorHub: move it away", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_says_so()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "Needs Linux: /proc takes no files, not even root's.");

        Assert.Contains("/proc/self/store.db cannot be made or opened", Assert.ThrowsAny<UserException>(() => SqliteStore.Open("/proc/self/store.db")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var missing = Path.Combine(_folder, "no", "store.db");

        Assert.Contains($"there is no folder {Path.GetDirectoryName(missing)}", Assert.Throws<UserException>(() => SqliteStore.Open(missing)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_said_and_passes_when_there_is_room_again()
    {
        await using var store = SqliteStore.Open(File);
        await store.WriteAsync(Points.Series(100), Token);
        var pages = (long)await store.PragmaAsync("page_count");
        await store.PragmaAsync(FormattableString.Invariant($"max_page_count = {pages + 2}")); // SQLite then says what it says of a full disk

        var failure = await Assert.ThrowsAsync<OutputException>(() => store.WriteAsync(Points.Series(5_000), Token));
        await store.PragmaAsync("max_page_count = 1000000");
        var report = await store.WriteAsync(Points.Series(5_000), Token);

        Assert.Equal(OutputFault.Unavailable, failure.Fault);
        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(5_000, report.Stored);
        Assert.Equal(5_000, Scalar("SELECT count(*) FROM posture"));
    }

    [Fact]
    public async Task A_process_that_is_killed_while_writing_keeps_every_batch_it_acknowledged()
    {
        // This test's own executable is the process: see KilledWriter.
        using var writer = Process.Start(new ProcessStartInfo(Path.ChangeExtension(typeof(KilledWriter).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null)) { Environment = { [KilledWriter.Variable] = File }, RedirectStandardOutput = true })!;
        var acknowledged = 0;
        while (acknowledged < 20 && await writer.StandardOutput.ReadLineAsync(Token) is { } line)
            acknowledged = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
        writer.Kill();
        await writer.WaitForExitAsync(Token);

        await using var store = SqliteStore.Open(File);
        var series = Assert.Single(await new SqliteHistory(File).QueryAsync(new HistoryQuery("posture", ["lordosis_deg"], Points.Start, new Timestamp(long.MaxValue)), Token));

        Assert.Equal(20, acknowledged);
        Assert.InRange(series.Rows.Count, 20 * KilledWriter.BatchSize, int.MaxValue);
        Assert.Equal(0, series.Rows.Count % KilledWriter.BatchSize);
        Assert.Equal("ok", await store.PragmaAsync("integrity_check"));
    }

    private long Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}

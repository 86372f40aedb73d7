using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using SensorHub.Core;

namespace SensorHub.Web.People;

/// <summary>
/// Makes <c>people.db</c>, and brings one of an older version to the schema of this one: on a copy that takes its place when it is whole. Whatever cuts that off, the old file is there or the new one.
/// </summary>
/// <remarks>On the file itself, a migration that rebuilds a table runs outside a transaction, and one that was killed leaves the lock for which EF's next migration waits for ever.</remarks>
internal static class PeopleFile
{
    /// <summary>Nobody else has the file open: the hub's data folder is locked.</summary>
    /// <exception cref="UserException">It is of a newer version, or of one that was never released.</exception>
    /// <exception cref="SqliteException">It cannot be read or written.</exception>
    public static void Open(string file)
    {
        if (!File.Exists(file) || !IsUpToDate(file))
            Renew(file);
        // Whoever reads keeps nobody from writing: in the other modes an INSERT … RETURNING fails at its commit, which is not tried again.
        using var people = Connect(file);
        people.Database.ExecuteSqlRaw("PRAGMA journal_mode = WAL");
    }

    private static void Renew(string file)
    {
        var copy = file + ".new";
        foreach (var rest in new[] { copy, copy + "-journal", copy + "-wal", copy + "-shm" })
            File.Delete(rest); // of a start that was cut off
        MakeForOwner(copy);
        using (var people = Connect(copy))
        {
            people.Database.OpenConnection();
            var connection = (SqliteConnection)people.Database.GetDbConnection();
            if (File.Exists(file))
                Copy(file, connection);
            TakeOver(people);
            people.Database.Migrate();
            people.Database.ExecuteSqlRaw("PRAGMA journal_mode = DELETE"); // the file alone is all of it
        }
        File.Move(copy, file, overwrite: true);
    }

    private static bool IsUpToDate(string file)
    {
        using var people = Connect(file);
        var (applied, known) = (people.Database.GetAppliedMigrations().ToList(), people.Database.GetMigrations().ToList());
        if (applied.Except(known).LastOrDefault() is { } newer)
            throw new UserException($"The accounts in {file} were written by a newer SensorHub ({newer}): run that one, or put back a copy of the file from before.");
        return applied.Count == known.Count;
    }

    /// <summary>Before there were migrations, files had the tables of the first one and said nothing of it.</summary>
    private static void TakeOver(PeopleContext people)
    {
        var history = people.GetService<IHistoryRepository>();
        if (history.Exists() || Columns(people) is not { Count: > 0 } columns)
            return;
        var initial = people.Database.GetMigrations().First();
        using (var memory = Connect(":memory:"))
        {
            memory.Database.OpenConnection();
            memory.GetService<IMigrator>().Migrate(initial);
            if (!Columns(memory).SetEquals(columns))
                throw new UserException($"The accounts in {Path.ChangeExtension(people.Database.GetDbConnection().DataSource, null)} are of a version between releases and cannot be taken over: move the file away and make the accounts anew.");
        }
        using var transaction = people.Database.BeginTransaction();
        people.Database.ExecuteSqlRaw(history.GetCreateScript());
        people.Database.ExecuteSqlRaw(history.GetInsertScript(new HistoryRow(initial, ProductInfo.GetVersion())));
        transaction.Commit();
    }

    private static HashSet<string> Columns(PeopleContext people) =>
        [.. people.Database.SqlQueryRaw<string>("SELECT m.name || '.' || c.name AS Value FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '$_$_EF%' ESCAPE '$'")];

    private static void Copy(string file, SqliteConnection copy)
    {
        using var old = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        old.Open();
        old.BackupDatabase(copy);
        using var checkpoint = old.CreateCommand();
        checkpoint.CommandText = "PRAGMA journal_mode = DELETE"; // or a log that a crash left behind would be read as the new file's
        checkpoint.ExecuteScalar();
    }

    private static PeopleContext Connect(string file) =>
        new(new DbContextOptionsBuilder<PeopleContext>().UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString()).Options);

    private static void MakeForOwner(string file)
    {
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(file, create).Dispose();
    }
}

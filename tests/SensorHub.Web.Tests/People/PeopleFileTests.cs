using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.People;
using SensorHub.Web.Tests.Accounts;

namespace SensorHub.Web.Tests.People;

public sealed class PeopleFileTests : IDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-people-").FullName;

    private string PathOfPeople => Path.Combine(_folder, "people.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_last_migration_leads_to_the_model()
    {
        PeopleFile.Open(PathOfPeople);
        using var people = Open();
        Assert.False(people.Database.HasPendingModelChanges(), "The model has changed: src/SensorHub.Web/People/README.md says how to add a migration.");
    }

    [Fact]
    public void A_new_file_is_its_owners_alone_and_nothing_lies_beside_it()
    {
        PeopleFile.Open(PathOfPeople);
        Assert.Equal([PathOfPeople], Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows()) // which has no file modes
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOfPeople));
    }

    [Fact]
    public void A_file_from_before_migrations_is_taken_over_with_all_its_rows()
    {
        MakeOld();
        PeopleFile.Open(PathOfPeople);

        using var people = Open();
        Assert.Equal(people.Database.GetMigrations(), people.Database.GetAppliedMigrations());
        var account = people.Users.Single();
        Assert.Equal(("1", "Anna", Role.Subject | Role.Admin, "hash"), (account.Id, account.DisplayName, account.Role, account.PasswordHash));
        Assert.Equal(("me", 71.5), (people.Subjects.Single().Id, people.Subjects.Single().BodyMassKg));
        Assert.Equal("signed_in", people.Audit.Single().What);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOfPeople));
    }

    [Fact]
    public void A_file_that_is_up_to_date_is_left_as_it_is()
    {
        PeopleFile.Open(PathOfPeople);
        var before = File.ReadAllBytes(PathOfPeople);
        PeopleFile.Open(PathOfPeople);
        Assert.Equal(before, File.ReadAllBytes(PathOfPeople));
    }

    [Fact]
    public void What_a_crash_left_of_a_copy_is_thrown_away_and_what_it_left_in_the_old_log_is_not()
    {
        MakeOld();
        Execute("PRAGMA journal_mode = WAL");
        // As a kill leaves it: the last row is in the log alone.
        using (var writer = new SqliteConnection($"Data Source={PathOfPeople};Pooling=False"))
        {
            writer.Open();
            using var insert = writer.CreateCommand();
            insert.CommandText = """INSERT INTO "Audit" ("At", "By", "What", "Detail") VALUES (2, 'Anna', 'in the log', '')""";
            insert.ExecuteNonQuery();
            foreach (var part in new[] { "", "-wal" })
                File.Copy(PathOfPeople + part, Path.Combine(_folder, "killed" + part));
        }
        foreach (var part in new[] { "", "-wal" })
            File.Move(Path.Combine(_folder, "killed" + part), PathOfPeople + part, overwrite: true);
        File.WriteAllText(PathOfPeople + ".new", "half a copy");
        File.WriteAllText(PathOfPeople + ".new-journal", "and its journal");

        PeopleFile.Open(PathOfPeople);

        using var people = Open();
        Assert.Equal(["signed_in", "in the log"], people.Audit.OrderBy(a => a.Id).Select(a => a.What));
        Assert.Equal(people.Database.GetMigrations(), people.Database.GetAppliedMigrations());
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_one_line_and_stays_as_it_is()
    {
        PeopleFile.Open(PathOfPeople);
        Execute("""INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Later', '99.0')""");
        var before = File.ReadAllBytes(PathOfPeople);

        var refused = await Assert.ThrowsAsync<UserException>(() => WebHost.StartAsync(people: PathOfPeople));

        Assert.Equal($"The accounts in {PathOfPeople} were written by a newer SensorHub (29990101000000_Later): run that one, or put back a copy of the file from before.", refused.Message);
        Assert.Equal(before, File.ReadAllBytes(PathOfPeople));
    }

    [Fact]
    public void A_file_with_other_tables_than_a_release_had_is_one_line_and_stays_as_it_is()
    {
        MakeOld();
        Execute("""ALTER TABLE "Subjects" DROP COLUMN "Reminders" """);
        var before = File.ReadAllBytes(PathOfPeople);

        var refused = Assert.Throws<UserException>(() => PeopleFile.Open(PathOfPeople));

        Assert.StartsWith($"The accounts in {PathOfPeople} are of a version between releases", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(PathOfPeople));
    }

    [Fact]
    public async Task Who_had_an_account_before_signs_in_after()
    {
        string file;
        await using (var community = await Community.StartAsync())
        {
            await community.AddAsync("anna", Role.Subject);
            file = Path.Combine(_folder, "people.db");
            await using var people = await community.Web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync(Cancelled);
            await people.Database.MigrateAsync(people.Database.GetMigrations().First(), Cancelled);
            await people.Database.ExecuteSqlRawAsync("""DROP TABLE "__EFMigrationsHistory"; DROP TABLE IF EXISTS "__EFMigrationsLock";""", Cancelled);
            await people.Database.ExecuteSqlAsync($"VACUUM INTO {file}", Cancelled);
        }

        await using var again = await Community.StartAsync(o => o with { People = file });

        (await again.SignInAsync("anna")).Dispose();
    }

    /// <summary>As SensorHub made it while it had no migrations, with an owner who has signed in.</summary>
    private void MakeOld()
    {
        File.WriteAllBytes(PathOfPeople, []);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(PathOfPeople, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Execute(File.ReadAllText(Repository.PathOf("tests", "SensorHub.Web.Tests", "People", "people-before-migrations.sql")));
        Execute("""
            INSERT INTO "AspNetUsers" ("Id", "DisplayName", "Role", "CreatedAt", "UserName", "NormalizedUserName", "EmailConfirmed", "PasswordHash", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
            VALUES ('1', 'Anna', 9, 1, 'anna', 'ANNA', 0, 'hash', 0, 0, 1, 0);
            INSERT INTO "Subjects" ("Id", "Alias", "AccountId", "BodyMassKg", "Reminders", "IsSetUp", "CreatedAt") VALUES ('me', 'Anna', '1', 71.5, 0, 1, 1);
            INSERT INTO "Audit" ("At", "AccountId", "By", "What", "Detail") VALUES (1, '1', 'Anna', 'signed_in', 'password');
            """);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathOfPeople};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private PeopleContext Open() => new(new DbContextOptionsBuilder<PeopleContext>().UseSqlite($"Data Source={PathOfPeople};Pooling=False").Options);
}

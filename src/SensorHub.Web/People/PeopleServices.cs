using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;

namespace SensorHub.Web.People;

internal static class PeopleServices
{
    /// <summary>The database of people, and who may do what.</summary>
    public static void AddPeople(this IServiceCollection services, SensorHubWebOptions options)
    {
        services.AddSingleton<Gate>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<Consents>();
        services.AddSingleton<BodyMass>();
        if (options.People is { } file)
        {
            services.AddDbContextFactory<PeopleContext>(db => db.UseSqlite(new SqliteConnectionStringBuilder { DataSource = file }.ToString()));
        }
        else
        {
            // One connection that stays open keeps one database in memory; each user of it has a connection of their own, for none can be shared by threads.
            var shared = new SqliteConnectionStringBuilder { DataSource = $"people-{Guid.NewGuid():N}", Mode = SqliteOpenMode.Memory, Cache = SqliteCacheMode.Shared }.ToString();
            services.AddSingleton(_ =>
            {
                var memory = new SqliteConnection(shared);
                memory.Open();
                return memory;
            });
            services.AddDbContextFactory<PeopleContext>((provider, db) =>
            {
                _ = provider.GetRequiredService<SqliteConnection>();
                db.UseSqlite(shared);
            });
        }
        if (options.People is not null)
        {
            services.AddAccounts(options);
            return;
        }
        var one = new OneViewer(options.Subject);
        services.AddSingleton<IViewers>(one);
        services.AddSingleton<IConsents>(one);
    }

    /// <summary>Makes the database where there is none, readable by its owner alone, and brings an older one up to date.</summary>
    /// <exception cref="UserException">The file cannot be used; the message says which, and what to do.</exception>
    public static void OpenPeople(this IServiceProvider services)
    {
        var file = services.GetRequiredService<SensorHubWebOptions>().People;
        try
        {
            if (file is not null)
                PeopleFile.Open(file);
            else
            {
                using var people = services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContext();
                people.Database.EnsureCreated(); // in memory: there is no older one
            }
            services.GetRequiredService<BodyMass>().TellWhatIsKnown();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The accounts in {file} cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): make the file readable, put a copy in its place, or move it away and make the accounts anew.", e);
        }
    }
}

using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace SensorHub.Web.People;

/// <summary>Accounts, subjects, consents, and what people write about them: <c>people.db</c> in the data folder. Measurements are not in it.</summary>
public sealed class PeopleContext(DbContextOptions<PeopleContext> options) : IdentityUserContext<Account>(options)
{
    public DbSet<Subject> Subjects => Set<Subject>();

    public DbSet<Consent> Consents => Set<Consent>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<Invitation> Invitations => Set<Invitation>();

    public DbSet<AccessKey> AccessKeys => Set<AccessKey>();

    public DbSet<Prescription> Prescriptions => Set<Prescription>();

    public DbSet<ExerciseTick> ExerciseTicks => Set<ExerciseTick>();

    public DbSet<Note> Notes => Set<Note>();

    public DbSet<CareTime> CareTimes => Set<CareTime>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<Subject>().HasIndex(s => s.AccountId).IsUnique();
        builder.Entity<Consent>().HasIndex(c => new { c.SubjectId, c.GrantedTo });
        builder.Entity<AuditEntry>().HasIndex(a => new { a.SubjectId, a.At });
        builder.Entity<Invitation>().HasIndex(i => i.TokenHash).IsUnique();
        builder.Entity<AccessKey>().HasIndex(k => k.Hash).IsUnique();
        builder.Entity<AccessKey>().HasIndex(k => k.AccountId);
        builder.Entity<Prescription>().HasIndex(p => new { p.SubjectId, p.Kind, p.At });
        builder.Entity<ExerciseTick>().HasIndex(t => new { t.SubjectId, t.Day, t.Exercise }).IsUnique();
        builder.Entity<Note>().HasIndex(n => new { n.SubjectId, n.At });
        builder.Entity<CareTime>().HasIndex(t => new { t.TherapistId, t.SubjectId, t.Day }).IsUnique();
    }

    /// <summary>SQLite has no type for a time with an offset: kept as UTC ticks, so that it can be compared and sorted.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}

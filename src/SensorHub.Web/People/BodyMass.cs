using Microsoft.EntityFrameworkCore;
using SensorHub.Core;

namespace SensorHub.Web.People;

/// <summary>Tells the hub what its person weighs, at the start and whenever they change it: sessions that begin from then on have it.</summary>
public sealed class BodyMass(IDbContextFactory<PeopleContext> people, SensorHubWebOptions options)
{
    public void Tell(Subject subject)
    {
        if (subject.Id == options.Subject.ToString())
            options.BodyMassChanged?.Invoke(subject.BodyMassKg);
    }

    internal void TellWhatIsKnown()
    {
        if (options.BodyMassChanged is null || options.Subject.IsNone)
            return;
        using var db = people.CreateDbContext();
        if (db.Subjects.AsNoTracking().FirstOrDefault(s => s.Id == options.Subject.ToString()) is { BodyMassKg: not null } subject)
            Tell(subject);
    }
}

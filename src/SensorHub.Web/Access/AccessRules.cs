using SensorHub.Core;

namespace SensorHub.Web.Access;

/// <summary>Who may do what: the one place that decides. Everything that is not said here is refused.</summary>
public static class AccessRules
{
    /// <param name="subject">Whose; none for what is of nobody in particular.</param>
    /// <param name="consent">What that subject has allowed the viewer.</param>
    public static bool Allows(Viewer viewer, Act act, Slug subject, ConsentState consent)
    {
        if (act == Act.Enter)
            return true;
        if (viewer.Account is null)
            return false;
        if (viewer.Key is not null && act is not (Act.WatchLive or Act.ReadHistory))
            return false;
        if (viewer.IsAlone)
            return true;
        var own = viewer.Is(Role.Subject) && !subject.IsNone && subject == viewer.Subject;
        var care = viewer.Is(Role.Therapist) && consent.HasFlag(ConsentState.Care);
        var study = viewer.Is(Role.Researcher) && consent.HasFlag(ConsentState.Study);
        return act switch
        {
            Act.KeepAccount => true,
            Act.WatchLive or Act.ReadHistory => own || care || study,
            Act.ReadPlan => own || care,
            Act.Steer or Act.KeepProfile or Act.TickExercise or Act.KeepConsents or Act.ReadAudit => own,
            // A person alone plans for themselves; lumbar muscles are unlocked by a therapist only, which PlanRules asks for.
            Act.WritePlan => own || care,
            Act.SendMessage or Act.ReadNotes or Act.WriteNotes => care,
            Act.RunStudy => own || study,
            Act.UseStudies => viewer.Is(Role.Researcher),
            Act.UseBoard => viewer.Is(Role.Therapist),
            Act.ManageSensors or Act.ManageAccounts => viewer.Is(Role.Admin),
            _ => false,
        };
    }

    /// <summary>Whether it is about a subject: then it matters whose, and they read of it.</summary>
    public static bool IsOfSubject(Act act) => act is not (Act.Enter or Act.KeepAccount or Act.UseBoard or Act.UseStudies or Act.ManageSensors or Act.ManageAccounts);
}

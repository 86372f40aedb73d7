using SensorHub.Core;
using SensorHub.Web.Access;

namespace SensorHub.Web.Tests.Access;

public class AccessRulesTests
{
    private static readonly Slug Own = Slug.Parse("anna");
    private static readonly Slug Other = Slug.Parse("bert");

    /// <summary>All there is: who, whose, consent, and the acts that are allowed. Everything else is refused.</summary>
    private static readonly (string Who, Role Role, string Whose, ConsentState Consent, Act[] Allowed)[] Table =
    [
        ("subject", Role.Subject, "own", ConsentState.None,
            [Act.KeepAccount, Act.WatchLive, Act.ReadHistory, Act.Steer, Act.KeepProfile, Act.ReadPlan, Act.WritePlan, Act.TickExercise, Act.KeepConsents, Act.ReadAudit, Act.RunStudy]),
        ("subject", Role.Subject, "other", ConsentState.None, [Act.KeepAccount]),
        ("subject", Role.Subject, "other", ConsentState.Care | ConsentState.Study, [Act.KeepAccount]),
        ("therapist", Role.Therapist, "other", ConsentState.None, [Act.KeepAccount, Act.UseBoard]),
        ("therapist", Role.Therapist, "other", ConsentState.Study, [Act.KeepAccount, Act.UseBoard]),
        ("therapist", Role.Therapist, "other", ConsentState.Care,
            [Act.KeepAccount, Act.UseBoard, Act.WatchLive, Act.ReadHistory, Act.ReadPlan, Act.WritePlan, Act.SendMessage, Act.ReadNotes, Act.WriteNotes]),
        ("researcher", Role.Researcher, "other", ConsentState.None, [Act.KeepAccount, Act.UseStudies]),
        ("researcher", Role.Researcher, "other", ConsentState.Care, [Act.KeepAccount, Act.UseStudies]),
        ("researcher", Role.Researcher, "other", ConsentState.Study, [Act.KeepAccount, Act.UseStudies, Act.WatchLive, Act.ReadHistory, Act.RunStudy]),
        ("admin", Role.Admin, "other", ConsentState.None, [Act.KeepAccount, Act.ManageSensors, Act.ManageAccounts]),
        ("admin", Role.Admin, "other", ConsentState.Care | ConsentState.Study, [Act.KeepAccount, Act.ManageSensors, Act.ManageAccounts]),
        ("closed", Role.None, "other", ConsentState.Care | ConsentState.Study, [Act.KeepAccount]),
    ];

    public static TheoryData<int, Act> Cells
    {
        get
        {
            var cells = new TheoryData<int, Act>();
            for (var row = 0; row < Table.Length; row++)
                foreach (var act in Enum.GetValues<Act>())
                    cells.Add(row, act);
            return cells;
        }
    }

    [Theory, MemberData(nameof(Cells))]
    public void Everything_that_is_not_in_the_table_is_refused(int row, Act act)
    {
        var (who, role, whose, consent, allowed) = Table[row];
        var viewer = new Viewer("id", who, role, role.HasFlag(Role.Subject) ? Own : default);

        Assert.Equal(act == Act.Enter || allowed.Contains(act), AccessRules.Allows(viewer, act, whose == "own" ? Own : Other, consent));
    }

    [Theory, MemberData(nameof(Cells))]
    public void Who_has_not_signed_in_only_enters(int row, Act act) =>
        Assert.Equal(act == Act.Enter, AccessRules.Allows(Viewer.Nobody, act, Own, Table[row].Consent));

    [Theory, MemberData(nameof(Cells))]
    public void A_program_with_somebodys_key_watches_and_reads_what_they_may_and_changes_nothing(int row, Act act)
    {
        var (who, role, whose, consent, allowed) = Table[row];
        var viewer = new Viewer("id", who, role, role.HasFlag(Role.Subject) ? Own : default) { Key = 1 };

        Assert.Equal(act == Act.Enter || (act is Act.WatchLive or Act.ReadHistory && allowed.Contains(act)), AccessRules.Allows(viewer, act, whose == "own" ? Own : Other, consent));
    }

    [Fact]
    public void What_is_of_nobody_is_no_subjects_own() =>
        Assert.False(AccessRules.Allows(new Viewer("id", "", Role.Subject, default), Act.WatchLive, default, ConsentState.None));
}

using SensorHub.Web.Access;

namespace SensorHub.Web.Accounts;

/// <summary>Roles as people say them.</summary>
internal static class RoleWords
{
    public static readonly (Role Role, string Word, string Means)[] All =
    [
        (Role.Subject, "a person with sensors", "sees and keeps their own measurements"),
        (Role.Therapist, "a therapist", "guides people who consent"),
        (Role.Researcher, "a researcher", "reads, under pseudonyms, data of people who consent to a study"),
        (Role.Admin, "an administrator", "manages sensors, accounts and invitations"),
    ];

    public static string Of(Role role) => role == Role.None ? "closed" : string.Join(" and ", All.Where(r => role.HasFlag(r.Role)).Select(r => r.Word));
}

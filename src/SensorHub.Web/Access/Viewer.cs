using SensorHub.Core;

namespace SensorHub.Web.Access;

/// <summary>Who is looking.</summary>
/// <param name="Account">Id of the account; null = nobody has signed in.</param>
/// <param name="Name">For greeting, and for the audit log.</param>
/// <param name="Subject">Pseudonym of the person as a subject; none if they are no subject.</param>
public sealed record Viewer(string? Account, string Name, Role Role, Slug Subject)
{
    public static readonly Viewer Nobody = new(null, "", Role.None, default);

    public bool Is(Role role) => (Role & role) != 0;

    /// <summary>Where there are no accounts, whoever is at this computer is its owner and may do everything.</summary>
    internal static Viewer AtThisComputer(Slug subject) => new("this-computer", "", Role.Subject | Role.Therapist | Role.Researcher | Role.Admin, subject) { IsAlone = true };

    /// <summary>Id of the key with which a program reads in the account's name; null = the person themselves. A program changes nothing.</summary>
    public int? Key { get; init; }

    /// <summary>There are no accounts: what belongs to any subject is theirs.</summary>
    public bool IsAlone { get; private init; }
}

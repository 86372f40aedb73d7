namespace SensorHub.Web.Access;

/// <summary>What somebody is to the system. One person may be several: the owner of a hub at home is subject and administrator.</summary>
[Flags]
public enum Role : byte
{
    None = 0,

    /// <summary>Wears the sensors; everything about them is theirs.</summary>
    Subject = 1,

    /// <summary>Sees and guides subjects who have consented, while the consent lasts.</summary>
    Therapist = 2,

    /// <summary>Reads, under pseudonyms, the data of subjects who have consented to a study.</summary>
    Researcher = 4,

    /// <summary>Runs the installation: sensors, accounts, invitations. Sees nobody's measurements by that.</summary>
    Admin = 8,
}

using SensorHub.Web.Access;

namespace SensorHub.Web.People;

/// <summary>A link with which somebody makes their account, once.</summary>
public sealed class Invitation
{
    public int Id { get; set; }

    /// <summary>SHA-256 of the token in the link: who reads the database cannot use it.</summary>
    public required string TokenHash { get; set; }

    public Role Role { get; set; }

    /// <summary>For whom, as the administrator wrote it.</summary>
    public string Name { get; set; } = "";

    public required string InvitedBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset Until { get; set; }

    public DateTimeOffset? UsedAt { get; set; }
}

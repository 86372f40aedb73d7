using Microsoft.AspNetCore.Identity;
using SensorHub.Web.Access;

namespace SensorHub.Web.People;

/// <summary>Somebody who can sign in. <see cref="IdentityUser{TKey}.UserName"/> is what they type.</summary>
public sealed class Account : IdentityUser
{
    /// <summary>As others see it: "Anna", "Dr Berg".</summary>
    [ProtectedPersonalData]
    public string DisplayName { get; set; } = "";

    public Role Role { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

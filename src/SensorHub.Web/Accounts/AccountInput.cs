using SensorHub.Core;

namespace SensorHub.Web.Accounts;

/// <summary>What a new account is asked for.</summary>
internal sealed class AccountInput
{
    public string? Name { get; set; }

    public string? UserName { get; set; }

    public string? Password { get; set; }

    public string? Again { get; set; }

    /// <exception cref="UserException">Something is missing, or the passwords differ.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name) || string.IsNullOrWhiteSpace(UserName) || string.IsNullOrEmpty(Password))
            throw new UserException("Fill in name, user name and password.");
        if (Password != Again)
            throw new UserException("The two passwords differ.");
    }
}

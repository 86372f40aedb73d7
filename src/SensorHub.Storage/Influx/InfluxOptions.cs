using SensorHub.Core;

namespace SensorHub.Storage.Influx;

/// <summary>Which write interface an InfluxDB speaks.</summary>
public enum InfluxProfile : byte
{
    /// <summary><c>/write</c> with a database, user and password: InfluxDB 1, and 2 and 3 in compatibility mode.</summary>
    V1 = 1,

    /// <summary><c>/api/v2/write</c> with an organisation, a bucket and a token: InfluxDB 2, Cloud.</summary>
    V2 = 2,

    /// <summary><c>/api/v3/write_lp</c> with a database and a token: InfluxDB 3 Core and Enterprise.</summary>
    V3 = 3,
}

/// <summary>How to reach an InfluxDB.</summary>
public sealed record InfluxOptions
{
    /// <summary>Scheme, host, port, and a path if a proxy adds one. Never with a password in it.</summary>
    public required Uri Url { get; init; }

    public required InfluxProfile Profile { get; init; }

    /// <summary>The database; with <see cref="InfluxProfile.V2"/> the bucket.</summary>
    public required string Database { get; init; }

    /// <summary>Only <see cref="InfluxProfile.V2"/>.</summary>
    public string? Organization { get; init; }

    /// <summary>Only <see cref="InfluxProfile.V1"/>; null = without authentication.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary><see cref="InfluxProfile.V2"/> and <see cref="InfluxProfile.V3"/>; null = without authentication.</summary>
    public string? Token { get; init; }

    /// <summary>Only <see cref="InfluxProfile.V1"/>: create the database if it is absent. Needs an administrator where the server asks for authentication.</summary>
    public bool CreateDatabase { get; init; }

    /// <summary>For one request. Range 1 s to 10 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Lines a request: 5,000 are best for 1.x and 2.x, 10,000 for 3.x (their documentation, "optimize writes").</summary>
    public int BatchSize => Profile == InfluxProfile.V3 ? 10_000 : 5_000;

    /// <summary>Without password and token: fit for a log.</summary>
    public override string ToString() => $"{Profile} {Url} {Database}";

    /// <exception cref="UserException">A value is missing or out of its range.</exception>
    public void Validate()
    {
        if (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https"))
            throw new UserException($"'{Url}' is not the address of an InfluxDB: give one such as http://127.0.0.1:8086.");
        if (Url.UserInfo.Length > 0)
            throw new UserException($"The InfluxDB address of {Url.Host} has a password in it, where logs would show it: give user and password on their own.");
        if (string.IsNullOrWhiteSpace(Database))
            throw new UserException($"InfluxDB at {Url} needs the name of a {(Profile == InfluxProfile.V2 ? "bucket" : "database")}.");
        if (Profile == InfluxProfile.V2 && string.IsNullOrWhiteSpace(Organization))
            throw new UserException($"InfluxDB 2 at {Url} needs the name of an organization.");
        if (Profile == InfluxProfile.V1 && (User is null) != (Password is null))
            throw new UserException($"InfluxDB at {Url} needs both user and password, or neither.");
        if (Token?.AsSpan().ContainsAnyInRange('\0', '\x1f') ?? false)
            throw new UserException($"The token for InfluxDB at {Url} has a line end or another control character in it: give it without.");
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(10))
            throw new UserException($"The time-out for InfluxDB at {Url} is 1 s to 10 min, not {Timeout}.");
    }
}

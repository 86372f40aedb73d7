namespace SensorHub.Web.People;

/// <summary>With which a program reads in somebody's name: as much as they may read, and never more than that.</summary>
public sealed class AccessKey
{
    public int Id { get; set; }

    public required string AccountId { get; set; }

    /// <summary>What it is for, as its owner wrote it.</summary>
    public string Name { get; set; } = "";

    /// <summary>SHA-256 of the key: who reads the database cannot use it.</summary>
    public required string Hash { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset Until { get; set; }

    /// <summary>Null while it holds.</summary>
    public DateTimeOffset? RevokedAt { get; set; }
}

namespace SensorHub.Web.People;

/// <summary>Somebody looked at, or changed, what belongs to a subject. Never changed; the subject reads it.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>Whose.</summary>
    public string? SubjectId { get; set; }

    /// <summary>Account of whoever did it; null = nobody had signed in.</summary>
    public string? AccountId { get; set; }

    /// <summary>Their name at that time.</summary>
    public string By { get; set; } = "";

    /// <summary>What: one of <see cref="Access.Act"/>, or <c>signed_in</c>, <c>refused</c>, <c>consent_granted</c>, <c>consent_withdrawn</c>.</summary>
    public required string What { get; set; }

    public string Detail { get; set; } = "";
}

using SensorHub.Core;
using SensorHub.Core.Timing;

namespace SensorHub.Rights;

/// <summary>What of a person: everything, or some sessions alone, such as those of a study whose time of keeping is over.</summary>
/// <param name="Subject">Pseudonym.</param>
/// <param name="Sessions">All that are known, or those that are meant.</param>
/// <param name="IsWhole">Everything of the person; their sessions are then only what it is found by.</param>
public sealed record SubjectScope(Slug Subject, IReadOnlyList<SessionSpan> Sessions, bool IsWhole)
{
    /// <summary>Everything that is known under the pseudonym.</summary>
    public static SubjectScope Whole(Slug subject, IEnumerable<Slug>? sessions = null) => new(subject, [.. (sessions ?? []).Select(s => new SessionSpan(s, default, default))], IsWhole: true);

    /// <summary>These sessions alone; the person stays.</summary>
    public static SubjectScope Of(Slug subject, IReadOnlyList<SessionSpan> sessions) => new(subject, sessions, IsWhole: false);

    /// <summary>Names of the sessions.</summary>
    public IReadOnlyCollection<Slug> Names => [.. Sessions.Select(s => s.Session)];

    /// <param name="subject">Whose it is; none = it is not said.</param>
    /// <param name="session">Of which session; none = of none.</param>
    public bool Has(Slug subject, Slug session) =>
        IsWhole && subject == Subject || (subject.IsNone || subject == Subject) && !session.IsNone && Sessions.Any(s => s.Session == session);

    /// <summary>Whether something of the person that is known by its time alone is meant.</summary>
    public bool Has(Timestamp at) => IsWhole || Sessions.Any(s => s.First <= at && at <= s.Last);
}

/// <param name="Session">Its name.</param>
/// <param name="First">Time of its first sample.</param>
/// <param name="Last">Of its last; both are included.</param>
public sealed record SessionSpan(Slug Session, Timestamp First, Timestamp Last);

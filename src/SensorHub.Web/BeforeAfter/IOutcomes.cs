using SensorHub.Core;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;

namespace SensorHub.Web.BeforeAfter;

/// <summary>What changed from before to after rolling, from the recordings of a person.</summary>
public interface IOutcomes
{
    /// <summary>Of the person's newest session, the one that is on included. It may take seconds.</summary>
    /// <returns>Null: there is no recording of them.</returns>
    Task<OutcomeReport?> NewestAsync(Slug subject, CancellationToken cancellationToken);
}

/// <param name="Session">Whose recording it is from.</param>
/// <param name="Began">When that session began.</param>
/// <param name="Runs">The runs after rolling, each against the one before it; empty while one of both is missing.</param>
/// <param name="Missing">What has not been measured yet, one line for a person; null when there is something to compare.</param>
public sealed record OutcomeReport(Slug Session, Timestamp Began, IReadOnlyList<OutcomeRun> Runs, string? Missing);

/// <param name="Changes">The primary measure first.</param>
public sealed record OutcomeRun(ProtocolRun Run, IReadOnlyList<Change> Changes);

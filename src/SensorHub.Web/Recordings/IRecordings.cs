using SensorHub.Core;
using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;

namespace SensorHub.Web.Recordings;

/// <summary>What was recorded of a person, and how good it is.</summary>
public interface IRecordings
{
    /// <summary>All of the person's, the newest first.</summary>
    Task<IReadOnlyList<RecordedSession>> ListAsync(Slug subject, CancellationToken cancellationToken);

    /// <summary>One of them, read through: it may take seconds.</summary>
    /// <param name="name"><see cref="RecordedSession.Name"/>.</param>
    /// <returns>Null: the person has no such recording.</returns>
    /// <exception cref="UserException">It cannot be read.</exception>
    Task<RecordedQuality?> FindAsync(Slug subject, string name, CancellationToken cancellationToken);
}

/// <param name="Name">Of the recording: that of its session, with a number behind it when there are several.</param>
/// <param name="Start">Of the session.</param>
/// <param name="Quality">As it was measured when the session ended; null while it is on, and of one that was cut off.</param>
public sealed record RecordedSession(string Name, Timestamp Start, SessionQuality? Quality);

/// <param name="Series">Of each sensor, over time.</param>
public sealed record RecordedQuality(SessionQuality Quality, IReadOnlyDictionary<Slug, QualitySeries> Series);

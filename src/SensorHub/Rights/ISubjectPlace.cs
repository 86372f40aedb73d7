using SensorHub.Core;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights;

/// <summary>
/// A place that may hold something of a person. The list of places (<see cref="SubjectPlaces"/>) is the answer to "where is my data?". Any member throws
/// <see cref="UserException"/> when the place cannot be reached; the message says what to do.
/// </summary>
internal interface ISubjectPlace
{
    /// <summary>The same for all of its kind, and nothing of a person: <c>recordings</c>.</summary>
    string Kind { get; }

    /// <summary>What <see cref="Holding.Count"/> counts, several: <c>recordings</c>, <c>rows</c>.</summary>
    string Unit { get; }

    /// <summary>For a person: a path, an address.</summary>
    string Where { get; }

    /// <summary>Everybody who is known there.</summary>
    Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken);

    /// <summary>What is there of them.</summary>
    Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken);

    /// <summary>Writes it where the person can read it.</summary>
    Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken);

    /// <summary>Removes it. Cut off, it is begun again and comes to its end.</summary>
    /// <param name="say">Takes a line about what the person who erases has to know or do; it may name the subject.</param>
    /// <returns>How much was removed, in the unit of the place.</returns>
    Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken);

    /// <summary>Looks for what is left, by another way than it was removed by where there is one.</summary>
    Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken);
}

/// <summary>What a look at a place gave.</summary>
/// <param name="Looked">How much was looked at, by what it is: <c>files</c>, <c>rows</c>. Nothing of a person.</param>
/// <param name="Left">One line for each thing that is still there, for whoever erases.</param>
internal sealed record PlaceScan(IReadOnlyDictionary<string, long> Looked, IReadOnlyList<string> Left)
{
    public static PlaceScan Of(string what, long count, IEnumerable<string> left) => new(new Dictionary<string, long> { [what] = count }, [.. left]);
}

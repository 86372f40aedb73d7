using SensorHub.Core;
using SensorHub.Export.Studies;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export;

/// <summary>Writes recordings in one format.</summary>
public interface IExport
{
    /// <summary>Adds a recording. One that is there already, made from the same, is left as it is.</summary>
    /// <returns>Whether anything was written.</returns>
    /// <exception cref="UserException">The recording cannot be read, or the folder not written.</exception>
    Task<bool> AddAsync(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken);

    /// <summary>Writes what is of all recordings together.</summary>
    Task CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>How far a recording is.</summary>
public readonly record struct ExportProgress(StudyEntry Entry, TimeSpan Done, TimeSpan Of);

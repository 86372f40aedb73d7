using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Fhir;

/// <summary>A FHIR R4 bundle a recording, <c>sub-p1_ses-a_task-rolling.fhir.json</c>: the measures before and after rolling, and the sets.</summary>
/// <param name="baseUri">That the site's codes and identifiers are named under; null = <see cref="DefaultBase"/>.</param>
/// <param name="detectable">What changes are judged by; null = published.</param>
public sealed class FhirExport(ExportFolder folder, string? baseUri = null, DetectableChanges? detectable = null, FeatureOptions? options = null) : IExport
{
    public const string Format = "fhir";

    /// <summary>A name that nobody can own: a site gives its own.</summary>
    public const string DefaultBase = "https://sensorhub.example/fhir";

    private readonly FhirCodes _codes = new((baseUri ?? DefaultBase).TrimEnd('/'));
    private readonly DetectableChanges _detectable = detectable ?? DetectableChanges.Published;
    private readonly FeatureOptions _options = options ?? new FeatureOptions();

    public Task<bool> AddAsync(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken) =>
        Task.Run(() => Add(entry, damaged, progress, cancellationToken), cancellationToken);

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool Add(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken)
    {
        var reader = SessionReader.Open(entry.Recording, _options, damaged, entry.Window, cancellationToken);
        var provenance = Provenance.Of(reader, entry, _options);
        if (folder.Begin(entry.Name, $"{provenance.Key} {_codes.System} {string.Join(' ', _detectable.Rows)}") is not { } unit)
            return false;
        var measures = new SessionMeasures();
        foreach (var item in reader.Read(cancellationToken))
        {
            measures.Add(item);
            if (item is SessionItem.Samples samples)
                progress(new ExportProgress(entry, samples.Time(0) - reader.Outline.Start, reader.Outline.End - reader.Outline.Start));
        }
        var bundle = new FhirBundle(provenance, _codes);
        var runs = measures.Runs;
        var changes = SessionMeasures.Compare(runs, _detectable).ToDictionary(c => c.Run, c => c.Changes);
        foreach (var (run, values) in runs)
            foreach (var value in values)
                bundle.Add(run, value, changes.GetValueOrDefault(run)?.FirstOrDefault(c => (c.Measure, c.Side) == (value.Measure, value.Side)));
        foreach (var set in measures.Sets)
            bundle.Add(set);
        unit.Write($"{entry.Name}.fhir.json", bundle.ToJson());
        unit.Complete(new Dictionary<string, string>());
        return true;
    }
}

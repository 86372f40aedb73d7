using SensorHub.Core;
using SensorHub.Rights.Exporting;
using SensorHub.Sensors;

namespace SensorHub.Rights.Places;

/// <summary>Sensors that were given to the person. They stay the hub's, and are nobody's then.</summary>
/// <param name="path">Of the file.</param>
internal sealed class SensorsPlace(string path) : ISubjectPlace
{
    public string Kind => "sensors";

    public string Unit => "sensors";

    public string Where => path;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<Slug>>([.. All().Select(s => s.Subject).Where(s => !s.IsNone).Distinct()]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(new Holding(Of(scope).Count));

    public Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        if (Of(scope) is { Count: > 0 } sensors)
            to.Write(Path.GetFileName(path) + ".txt", string.Concat(sensors.Select(s => $"{s.Sensor}: {s.Name}\n")), "The sensors that were yours.");
        return Task.CompletedTask;
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var sensors = Of(scope);
        if (sensors.Count > 0)
        {
            var known = KnownSensors.Open(path, say);
            foreach (var sensor in sensors)
                known.Change(sensor.Sensor, s => s with { Subject = default });
        }
        return Task.FromResult((long)sensors.Count);
    }

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) =>
        Task.FromResult(PlaceScan.Of("sensors", All().Count, Of(scope).Select(s => $"{path}: {s.Sensor}")));

    private IReadOnlyList<KnownSensor> All() => File.Exists(path) ? KnownSensors.Open(path, _ => { }).All : [];

    private List<KnownSensor> Of(SubjectScope scope) => scope.IsWhole ? [.. All().Where(s => s.Subject == scope.Subject)] : [];
}

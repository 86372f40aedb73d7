using SensorHub.Core;
using SensorHub.Rights.Exporting;
using SensorHub.Storage.Influx;

namespace SensorHub.Rights.Places;

/// <summary>An InfluxDB, by its profile; see README.md for what each can.</summary>
/// <param name="hub">Only what this hub wrote; none = all.</param>
internal sealed class InfluxPlace(InfluxOptions options, Slug hub, TimeProvider time) : ISubjectPlace, IDisposable
{
    private readonly SubjectSeries _series = new(options, hub, time);

    public string Kind => $"influx_{options.Profile.ToString().ToLowerInvariant()}";

    public string Unit => "points";

    public string Where => _series.Name;

    public async Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) => await _series.SubjectsAsync(cancellationToken);

    public async Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken)
    {
        var (points, first, last, sessions) = await _series.FindAsync(scope.Subject, cancellationToken);
        return new Holding(points, 0, first, last) { Sessions = sessions };
    }

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        var holding = await FindAsync(scope, cancellationToken);
        if (holding.Count == 0)
            return;
        var rows = new List<System.Text.Json.Nodes.JsonObject>();
        await foreach (var row in _series.ReadAsync(scope.Subject, cancellationToken))
            if (scope.IsWhole || Slug.TryParse((string?)row["session"], out var session) && scope.Has(scope.Subject, session))
                rows.Add(row);
        await to.LinesAsync("influxdb.jsonl", holding.ToString(), "What the database has: one point a line.", rows);
    }

    public async Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var before = await _series.FindAsync(scope.Subject, cancellationToken);
        await _series.DeleteAsync(scope.Subject, scope.IsWhole ? null : [.. scope.Sessions.Select(s => (s.First, s.Last))], scope.Names, cancellationToken);
        return before.Points - (await _series.FindAsync(scope.Subject, cancellationToken)).Points;
    }

    public async Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) =>
        PlaceScan.Of("databases", 1, await _series.FirstLeftAsync(scope.Subject, scope.IsWhole, scope.Names, cancellationToken) is { } left ? [$"{Where}: {left}"] : []);

    public void Dispose() => _series.Dispose();
}

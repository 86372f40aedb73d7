using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>The embedded store: points and roll-ups, in every table that says whose or of which session a row is.</summary>
/// <param name="path">Of the file.</param>
internal sealed class StorePlace(string path) : ISubjectPlace
{
    private const string Subject = "subject";
    private const string Time = "time_ns";

    /// <summary>Of points and of roll-ups.</summary>
    private static readonly string[] SessionColumns = ["session", "session_last"];

    public string Kind => "store";

    public string Unit => "rows";

    public string Where => path;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyCollection<Slug>>(!File.Exists(path) ? [] : SqliteRows.Use(path, write: false, rows =>
        rows.Tables().Where(t => t.Columns.Contains(Subject))
            .SelectMany(t => rows.Query($"SELECT DISTINCT {Subject} FROM {SqliteRows.Quote(t.Table)}").ToList())
            .Select(r => Slug.TryParse((string?)r[0], out var subject) ? subject : default).Where(s => !s.IsNone).Distinct().ToList()));

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(!File.Exists(path) ? Holding.None : SqliteRows.Use(path, write: false, rows =>
    {
        var sum = Holding.None;
        foreach (var (table, columns, condition, values) in Conditions(rows, scope))
        {
            var from = $"FROM {SqliteRows.Quote(table)} WHERE {condition}";
            foreach (var row in rows.Query($"SELECT count(*), min({Time}), max({Time}) {from}", values))
                sum = sum.And(new Holding((long)row[0]!, 0, At(row[1]), At(row[2])));
            if (columns.FirstOrDefault(SessionColumns.Contains) is { } session)
                sum = sum.And(Holding.None with
                {
                    Sessions = [.. rows.Query($"SELECT DISTINCT {session} {from}", values).Select(r => Slug.TryParse((string?)r[0], out var name) ? name : default).Where(s => !s.IsNone)],
                });
        }
        return sum;

        static Timestamp? At(object? cell) => cell is long nanoseconds ? new Timestamp(nanoseconds) : null;
    }));

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        var holding = await FindAsync(scope, cancellationToken);
        if (holding.Count > 0)
            await to.LinesAsync("store.jsonl", holding.ToString(), "What the hub's own store has: one row of a table a line, also as means of a second and of a minute.", SqliteRows.Use(path, write: false, rows =>
                Conditions(rows, scope).SelectMany(c => rows.Query($"SELECT * FROM {SqliteRows.Quote(c.Table)} WHERE {c.Condition} ORDER BY {Time}", c.Values).Select(row => Json(c.Table, c.Columns, row))).ToList()));
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken) => Task.FromResult(!File.Exists(path) ? 0 : SqliteRows.Use(path, write: true, rows =>
    {
        var erased = rows.InTransaction(() => Conditions(rows, scope).Sum(c => (long)rows.Execute($"DELETE FROM {SqliteRows.Quote(c.Table)} WHERE {c.Condition}", c.Values)));
        rows.Purge();
        return erased;
    }));

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) => Task.FromResult(PlaceScan.Of("", 0, [])); // with all files of SQLite: FilesPlace

    /// <summary>For each table with rows of people: which of its rows are meant.</summary>
    private static IEnumerable<(string Table, IReadOnlyList<string> Columns, string Condition, object[] Values)> Conditions(SqliteRows rows, SubjectScope scope)
    {
        object[] sessions = [.. scope.Names.Select(s => (object)s.ToString())];
        foreach (var (table, columns) in rows.Tables().Where(t => t.Columns.Contains(Time)))
        {
            // A json list is one parameter, however many sessions there are.
            var list = new JsonArray([.. sessions.Select(s => (JsonNode)(string)s)]).ToJsonString();
            var ofSession = columns.FirstOrDefault(SessionColumns.Contains) is { } column ? $"{column} IN (SELECT value FROM json_each($p1))" : null;
            var condition = (columns.Contains(Subject), ofSession, scope.IsWhole) switch
            {
                (true, null, true) => $"{Subject} = $p0",
                (true, _, true) => $"({Subject} = $p0 OR {Subject} = '' AND {ofSession})",
                (true, { }, false) => $"({Subject} IN ($p0, '') AND {ofSession})",
                (false, { }, _) => ofSession,
                _ => null,
            };
            if (condition is not null)
                yield return (table, columns, condition, [scope.Subject.ToString(), list]);
        }
    }

    private static JsonObject Json(string table, IReadOnlyList<string> columns, object?[] row)
    {
        var json = new JsonObject { ["table"] = table };
        for (var i = 0; i < columns.Count; i++)
            if (columns[i] == Time)
                json["time"] = new Timestamp((long)row[i]!).ToString();
            else if (row[i] is not (null or ""))
                json[columns[i]] = SubjectExport.Cell(row[i]);
        return json;
    }
}

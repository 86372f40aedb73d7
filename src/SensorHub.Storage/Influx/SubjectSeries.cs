using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Influx;

/// <summary>
/// What an InfluxDB has of a person: asked in InfluxQL, deleted by what each profile has for it (docs/rights.md).
/// Points are a person's by their tag <c>subject</c>; those of a sensor have none, and are a person's by the field <c>session</c>.
/// </summary>
/// <param name="hub">Only what this hub wrote: two hubs may have a person of the same pseudonym. None = of all hubs.</param>
public sealed class SubjectSeries(InfluxOptions options, Slug hub, TimeProvider time) : IDisposable
{
    private const string Subject = "subject";
    private const string Session = "session";

    /// <summary>InfluxDB 2 takes no open end.</summary>
    private static readonly Timestamp Ever = Timestamp.Parse("2200-01-01T00:00:00Z");

    private readonly InfluxClient _client = new(options, time);

    public string Name => $"InfluxDB at {options.Url}, {(options.Profile == InfluxProfile.V2 ? "bucket" : "database")} '{options.Database}'";

    /// <summary>All pseudonyms.</summary>
    /// <exception cref="OutputException">It cannot be asked.</exception>
    public async Task<IReadOnlyList<Slug>> SubjectsAsync(CancellationToken cancellationToken)
    {
        var subjects = new SortedSet<Slug>();
        await foreach (var row in QueryAsync($"SHOW TAG VALUES WITH KEY = {InfluxQl.Identifier(Subject)}{Where(OfHub())}", cancellationToken).ConfigureAwait(false))
            if (Slug.TryParse((string?)row.Columns["value"], out var subject))
                subjects.Add(subject);
        return [.. subjects];
    }

    /// <summary>How many points there are of a subject, from when to when, and of which sessions.</summary>
    /// <exception cref="OutputException">It cannot be asked.</exception>
    public async Task<(long Points, Timestamp? First, Timestamp? Last, IReadOnlyCollection<Slug> Sessions)> FindAsync(Slug subject, CancellationToken cancellationToken)
    {
        var (points, first, last, sessions) = (0L, (Timestamp?)null, (Timestamp?)null, new SortedSet<Slug>());
        foreach (var measurement in await MeasurementsAsync(cancellationToken).ConfigureAwait(false))
        {
            var source = $"FROM {measurement}{Where(Of(subject))}";
            await foreach (var row in QueryAsync($"SELECT count(*) {source}", cancellationToken).ConfigureAwait(false))
                points += row.Columns.Where(c => c.Key != "time").Max(c => c.Value is JsonValue v && v.TryGetValue<long>(out var n) ? n : 0);
            await foreach (var row in QueryAsync($"SELECT * {source} ORDER BY time ASC LIMIT 1", cancellationToken).ConfigureAwait(false))
                first = first is { } f && f < row.Time ? f : row.Time;
            await foreach (var row in QueryAsync($"SELECT * {source} ORDER BY time DESC LIMIT 1", cancellationToken).ConfigureAwait(false))
                last = last is { } l && l > row.Time ? l : row.Time;
            await foreach (var row in QueryAsync($"SELECT DISTINCT({InfluxQl.Identifier(Session)}) {source}", cancellationToken).ConfigureAwait(false))
                if (Slug.TryParse((string?)row.Columns["distinct"], out var session))
                    sessions.Add(session);
        }
        return (points, first, last, sessions);
    }

    /// <summary>Every point of a subject as one JSON object: measurement, time, tags, fields.</summary>
    /// <exception cref="OutputException">It cannot be asked.</exception>
    public async IAsyncEnumerable<JsonObject> ReadAsync(Slug subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var measurement in await MeasurementsAsync(cancellationToken).ConfigureAwait(false))
            await foreach (var row in QueryAsync($"SELECT * FROM {measurement}{Where(Of(subject))}", cancellationToken).ConfigureAwait(false))
            {
                var json = new JsonObject { ["measurement"] = row.Series, ["time"] = row.Time.ToString() };
                foreach (var (name, value) in row.Columns.Where(c => c.Key != "time" && c.Value is not null))
                    json[name] = value!.DeepClone();
                yield return json;
            }
    }

    /// <summary>Deletes the points of a subject, in every measurement and retention policy.</summary>
    /// <param name="spans">Only of these times; null = all.</param>
    /// <param name="sessions">Whose points of sensors go too.</param>
    /// <exception cref="OutputException">It cannot, or this InfluxDB has no deletion; the message says what to do.</exception>
    public async Task DeleteAsync(Slug subject, IReadOnlyList<(Timestamp From, Timestamp To)>? spans, IReadOnlyCollection<Slug> sessions, CancellationToken cancellationToken)
    {
        if (options.Profile == InfluxProfile.V3)
        {
            if (await FirstLeftAsync(subject, spans is null, sessions, cancellationToken).ConfigureAwait(false) is null)
                return;
            throw new OutputException(
                $"{Name}: InfluxDB 3 Core deletes no rows. If the database holds nobody else, drop it (influxdb3 delete database {options.Database} --hard-delete now); otherwise write what others have to a new database, and drop this one. Then run the erasure again.",
                OutputFault.Misconfigured);
        }
        foreach (var (measurement, tags, from, to) in await OfSensorsAsync(sessions, cancellationToken).ConfigureAwait(false))
            await DeleteAsync(measurement, tags, (from, to), cancellationToken).ConfigureAwait(false);
        foreach (var span in spans?.Select(s => ((Timestamp, Timestamp)?)s) ?? [null])
            await DeleteAsync(null, TagsOf(subject), span, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks for a subject in tags, series and points, and for the sessions in all fields of that name.</summary>
    /// <param name="whole">The pseudonym must be gone too, not the sessions alone.</param>
    /// <returns>Where something was found; null = nothing.</returns>
    /// <exception cref="OutputException">It cannot be asked.</exception>
    public async Task<string?> FirstLeftAsync(Slug subject, bool whole, IReadOnlyCollection<Slug> sessions, CancellationToken cancellationToken)
    {
        if (whole)
        {
            if ((await SubjectsAsync(cancellationToken).ConfigureAwait(false)).Contains(subject))
                return "a tag value";
            if (options.Profile == InfluxProfile.V1 && await AnyAsync($"SHOW SERIES{Where(Of(subject))}", cancellationToken).ConfigureAwait(false))
                return "a series";
        }
        foreach (var measurement in await MeasurementsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (whole && await AnyAsync($"SELECT * FROM {measurement}{Where(Of(subject))} LIMIT 1", cancellationToken).ConfigureAwait(false))
                return $"points of {measurement}";
            foreach (var some in sessions.Chunk(50))
                if (await AnyAsync($"SELECT {InfluxQl.Identifier(Session)} FROM {measurement}{Where([.. OfHub(), AnyOf(some)])} LIMIT 1", cancellationToken).ConfigureAwait(false))
                    return $"sessions in {measurement}";
        }
        return null;
    }

    public void Dispose() => _client.Dispose();

    private (string Tag, string Value)[] TagsOfHub => hub.IsNone ? [] : [("hub", hub.ToString())];

    private string[] OfHub() => Are(TagsOfHub);

    private (string Tag, string Value)[] TagsOf(Slug subject) => [(Subject, subject.ToString()), .. TagsOfHub];

    private string[] Of(Slug subject) => Are(TagsOf(subject));

    private static string[] Are(IEnumerable<(string Tag, string Value)> tags) => [.. tags.Select(t => Is(t.Tag, t.Value))];

    private static string Is(string tag, string value) => $"{InfluxQl.Identifier(tag)} = {InfluxQl.Text(value)}";

    private static string AnyOf(IEnumerable<Slug> sessions) => $"({string.Join(" OR ", sessions.Select(s => Is(Session, s.ToString())))})";

    private static string Where(string[] conditions) => conditions.Length == 0 ? "" : $" WHERE {string.Join(" AND ", conditions)}";

    /// <summary>Points of sensors that the sessions have, by series: only times and tags can be said of what is to be deleted.</summary>
    private async Task<List<(string Measurement, (string Tag, string Value)[] Tags, Timestamp From, Timestamp To)>> OfSensorsAsync(IReadOnlyCollection<Slug> sessions, CancellationToken cancellationToken)
    {
        var found = new Dictionary<(string Measurement, string Tags, string Session), ((string Tag, string Value)[] Tags, Timestamp From, Timestamp To)>();
        var there = (await MeasurementsAsync(cancellationToken).ConfigureAwait(false)).ToList();
        foreach (var measurement in StorageSchema.Current.Measurements.Where(m => m.IndexOfTag(Subject) < 0 && m.IndexOfField(Session) >= 0))
            foreach (var source in there.Where(t => t.EndsWith(InfluxQl.Identifier(measurement.Name), StringComparison.Ordinal)))
                foreach (var some in sessions.Chunk(50))
                    await foreach (var row in QueryAsync($"SELECT {InfluxQl.Identifier(Session)} FROM {source}{Where([.. OfHub(), AnyOf(some)])} GROUP BY *", cancellationToken).ConfigureAwait(false))
                    {
                        (string, string)[] tags = [.. row.Tags.Where(t => t.Value.Length > 0).Select(t => (t.Key, t.Value))];
                        var key = (measurement.Name, string.Join(',', Are(tags)), (string)row.Columns[Session]!);
                        found[key] = found.TryGetValue(key, out var f) ? (tags, Min(f.From, row.Time), Max(f.To, row.Time)) : (tags, row.Time, row.Time);
                    }
        return [.. found.Select(f => (f.Key.Measurement, f.Value.Tags, f.Value.From, f.Value.To))];

        static Timestamp Min(Timestamp a, Timestamp b) => a < b ? a : b;
        static Timestamp Max(Timestamp a, Timestamp b) => a > b ? a : b;
    }

    private async Task DeleteAsync(string? measurement, (string Tag, string Value)[] tags, (Timestamp From, Timestamp To)? span, CancellationToken cancellationToken)
    {
        if (options.Profile == InfluxProfile.V2)
        {
            (string Tag, string Value)[] all = measurement is null ? tags : [("_measurement", measurement), .. tags];
            var predicate = string.Join(" AND ", all.Select(t => $"{t.Tag}={InfluxQl.Identifier(t.Value)}")); // here values have double quotes
            switch (await _client.DeleteAsync(predicate, span?.From ?? default, span?.To ?? Ever, cancellationToken).ConfigureAwait(false))
            {
                case WriteAnswer.Accepted:
                    return;
                case var answer:
                    throw Failure(answer);
            }
        }
        var from = measurement is null ? "" : $" FROM {InfluxQl.Identifier(measurement)}";
        // Without a time the series go, and with them their names; DELETE would leave these in the index.
        var statement = span is var (first, last)
            ? FormattableString.Invariant($"DELETE{from}{Where([.. Are(tags), $"time >= {first.UnixNanoseconds}", $"time <= {last.UnixNanoseconds}"])}")
            : $"DROP SERIES{from}{Where(Are(tags))}";
        await foreach (var _ in QueryAsync(statement, cancellationToken).ConfigureAwait(false))
        {
        }
    }

    /// <summary>All measurements, quoted; with InfluxDB 1 each with its retention policy.</summary>
    private async Task<IReadOnlyList<string>> MeasurementsAsync(CancellationToken cancellationToken)
    {
        var measurements = new List<string>();
        await foreach (var row in QueryAsync("SHOW MEASUREMENTS", cancellationToken).ConfigureAwait(false))
            if ((string?)row.Columns["name"] is { } name)
                measurements.Add(InfluxQl.Identifier(name));
        if (options.Profile != InfluxProfile.V1 || measurements.Count == 0)
            return measurements;
        var policies = new List<string>();
        await foreach (var row in QueryAsync($"SHOW RETENTION POLICIES ON {InfluxQl.Identifier(options.Database)}", cancellationToken).ConfigureAwait(false))
            policies.Add(InfluxQl.Identifier((string)row.Columns["name"]!));
        return [.. policies.SelectMany(p => measurements.Select(m => $"{p}.{m}"))];
    }

    private async Task<bool> AnyAsync(string query, CancellationToken cancellationToken)
    {
        await foreach (var _ in QueryAsync(query, cancellationToken).ConfigureAwait(false))
            return true;
        return false;
    }

    private async IAsyncEnumerable<Row> QueryAsync(string query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await _client.QueryAsync(query, ReadAsync, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
            yield return row;
    }

    private async Task<List<Row>> ReadAsync(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
            throw Failure(await WriteAnswer.ReadAsync(response, clock, cancellationToken).ConfigureAwait(false));
        var rows = new List<Row>();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        while (await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            if (line.Length > 0)
                Read(line, rows);
        return rows;
    }

    private void Read(string line, List<Row> rows)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(line);
        }
        catch (JsonException e)
        {
            throw new OutputException($"{Name} gave an answer that is not JSON: {e.Message}", OutputFault.Misconfigured, e);
        }
        foreach (var result in root?["results"]?.AsArray() ?? [])
        {
            if ((string?)(result?["error"]) is { } error)
            {
                if (error.StartsWith("database not found", StringComparison.Ordinal) || error.StartsWith("measurement not found", StringComparison.Ordinal))
                    continue; // then there is nothing of anybody
                throw new OutputException($"{Name} refuses what erasing needs: {error}", OutputFault.Misconfigured);
            }
            foreach (var series in result?["series"]?.AsArray() ?? [])
            {
                string[] columns = [.. series!["columns"]!.AsArray().Select(c => (string)c!)];
                var tags = series["tags"]?.AsObject().ToDictionary(t => t.Key, t => (string)t.Value!) ?? [];
                foreach (var values in series["values"]?.AsArray() ?? [])
                    rows.Add(new Row((string?)series["name"] ?? "", tags, columns.Select((c, i) => (c, values![i])).ToDictionary(c => c.c, c => c.Item2)));
            }
        }
        if ((string?)root?["error"] is { } failed)
            throw new OutputException($"{Name} cannot answer now: {failed}", OutputFault.Unavailable);
    }

    private OutputException Failure(WriteAnswer answer) => answer switch
    {
        WriteAnswer.Unavailable unavailable => new($"{Name} cannot answer now: {unavailable.Reason}", OutputFault.Unavailable),
        WriteAnswer.Refused(var status, var reason) => _client.Refusal(status, reason),
        WriteAnswer.Rejected rejected => new($"{Name} refuses: {rejected.Reason}", OutputFault.Misconfigured),
        _ => new($"{Name} gave no answer.", OutputFault.Misconfigured),
    };

    private sealed record Row(string Series, Dictionary<string, string> Tags, Dictionary<string, JsonNode?> Columns)
    {
        public Timestamp Time => new((long)Columns["time"]!);
    }
}

using System.Globalization;
using System.Text.Json;
using SensorHub.Core.Timing;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.History;

/// <summary>Asks an InfluxDB in InfluxQL, the one language that 1.x, 2.x and 3.x share. From any thread.</summary>
/// <remarks>InfluxDB 2 needs a mapping from the database's name to the bucket (<c>influx v1 dbrp create</c>).</remarks>
public sealed class InfluxHistory(InfluxOptions options, TimeProvider time) : IHistory, IDisposable
{
    private readonly InfluxClient _client = new(options, time);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HistorySeries>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var measurement = query.Validate();
        var series = new List<(Dictionary<string, string> Tags, List<HistoryRow> Rows)>();
        await _client.QueryAsync(InfluxQlFor(query, measurement), async (response, _, token) =>
        {
            if (!response.IsSuccessStatusCode)
                throw Failure(WriteAnswer.Read(response.StatusCode, await response.Content.ReadAsStringAsync(token).ConfigureAwait(false), retryAfter: null));
            // A long answer comes in chunks, each a JSON document on a line of its own.
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false));
            while (await lines.ReadLineAsync(token).ConfigureAwait(false) is { } line)
                if (line.Length > 0)
                    ReadChunk(line, query, measurement, series);
            return true;
        }, cancellationToken).ConfigureAwait(false);

        return [.. series
            .Select(s => new HistorySeries(s.Tags, s.Rows))
            .Order(Comparer<HistorySeries>.Create((a, b) => Compare(measurement, a, b)))];
    }

    public void Dispose() => _client.Dispose();

    internal static string InfluxQlFor(HistoryQuery query, MeasurementSchema measurement)
    {
        var fields = query.Fields.Select(InfluxQl.Identifier);
        if (query.Window is { } window)
            fields = fields.Select(f => $"{window.Aggregate.ToString().ToLowerInvariant()}({f})");
        var conditions = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"time >= {query.From.UnixNanoseconds}"),
            string.Create(CultureInfo.InvariantCulture, $"time < {query.To.UnixNanoseconds}"),
        };
        if (HistoryQuery.HasFinality(measurement))
            conditions.Add($"{HistoryQuery.Finality} != '{HistoryQuery.Superseded}'");
        conditions.AddRange(query.Tags.Select(t => $"{InfluxQl.Identifier(t.Key)} = {InfluxQl.Text(t.Value)}"));
        var groups = measurement.Tags.Select(t => InfluxQl.Identifier(t.Name));
        if (query.Window is { Size: var size })
            groups = groups.Prepend(string.Create(CultureInfo.InvariantCulture, $"time({size.Ticks * 100}ns)"));
        return $"SELECT {string.Join(", ", fields)} FROM {InfluxQl.Identifier(measurement.Name)} WHERE {string.Join(" AND ", conditions)}"
            + $" GROUP BY {string.Join(", ", groups)}{(query.Window is null ? "" : " fill(none)")}";
    }

    /// <summary>{"results":[{"series":[{"tags":{…},"values":[[time,value,…],…]}]}]}; a series may go on in the next chunk.</summary>
    private void ReadChunk(string json, HistoryQuery query, MeasurementSchema measurement, List<(Dictionary<string, string> Tags, List<HistoryRow> Rows)> into)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var error))
            throw Failure(new WriteAnswer.Unavailable(error.ToString(), null));
        foreach (var result in root.GetProperty("results").EnumerateArray())
        {
            if (result.TryGetProperty("error", out error))
                throw Failure(new WriteAnswer.Refused(System.Net.HttpStatusCode.NotFound, error.ToString()));
            if (!result.TryGetProperty("series", out var all))
                continue;
            foreach (var series in all.EnumerateArray())
            {
                var tags = series.TryGetProperty("tags", out var t)
                    ? t.EnumerateObject().Select(p => (p.Name, Value: p.Value.ToString())).Where(p => p.Value.Length > 0).ToDictionary(StringComparer.Ordinal)
                    : [];
                if (into.Count == 0 || !Same(into[^1].Tags, tags))
                    into.Add((tags, []));
                foreach (var row in series.GetProperty("values").EnumerateArray())
                    into[^1].Rows.Add(Row(row, query, measurement));
            }
        }

        static bool Same(Dictionary<string, string> a, Dictionary<string, string> b) =>
            a.Count == b.Count && a.All(tag => b.GetValueOrDefault(tag.Key) == tag.Value);
    }

    private static HistoryRow Row(JsonElement row, HistoryQuery query, MeasurementSchema measurement)
    {
        var values = new FieldValue[query.Fields.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = row[1 + i];
            var type = query.Window?.Aggregate == Aggregate.Mean ? FieldType.Float : measurement.Fields[measurement.IndexOfField(query.Fields[i])].Type;
            values[i] = value.ValueKind == JsonValueKind.Null ? FieldValue.None : type switch
            {
                FieldType.Float => value.GetDouble(),
                FieldType.Integer => value.GetInt64(),
                FieldType.Boolean => value.GetBoolean(),
                _ => value.GetString(),
            };
        }
        return new HistoryRow(new Timestamp(row[0].GetInt64()), values);
    }

    private static int Compare(MeasurementSchema measurement, HistorySeries a, HistorySeries b) => measurement.Tags
        .Select(t => string.CompareOrdinal(a.Tags.GetValueOrDefault(t.Name, ""), b.Tags.GetValueOrDefault(t.Name, "")))
        .FirstOrDefault(order => order != 0);

    private OutputException Failure(WriteAnswer answer) => answer switch
    {
        WriteAnswer.Unavailable unavailable => new($"InfluxDB at {options.Url} cannot answer now: {unavailable.Reason}", OutputFault.Unavailable),
        WriteAnswer.Refused(var status, var reason) => _client.Refusal(status, reason),
        WriteAnswer.Rejected rejected => new($"InfluxDB at {options.Url} refuses the query: {rejected.Reason}", OutputFault.Misconfigured),
        _ => new($"InfluxDB at {options.Url} gave no answer to the query.", OutputFault.Misconfigured),
    };
}

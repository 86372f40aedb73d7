using System.Globalization;
using System.Text.Json;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.Schema;

namespace SensorHub.Faults;

/// <summary>Asks InfluxDB 1.x itself, past the relays and past our own client.</summary>
internal sealed class InfluxRows(int port, string database) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(2) };

    public async Task<bool> IsUpAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri("ping", UriKind.Relative), cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Sensors of which there is an estimate since.</summary>
    public async Task<IReadOnlyCollection<string>> SensorsSinceAsync(Timestamp since, CancellationToken cancellationToken)
    {
        using var answer = await QueryAsync($"SELECT last(quality) FROM posture, rolling WHERE time > {since.UnixNanoseconds} GROUP BY sensor", cancellationToken);
        return [.. Series(answer).Select(s => s.GetProperty("tags").GetProperty("sensor").GetString()!).Distinct()];
    }

    /// <summary>Points written since the server started, which a point that is overwritten is one of.</summary>
    public async Task<long> WritesAsync(CancellationToken cancellationToken)
    {
        using var answer = await QueryAsync("SHOW STATS FOR 'write'", cancellationToken);
        var write = Series(answer).Single();
        var column = Columns(write).ToList().IndexOf("pointReq");
        return write.GetProperty("values")[0][column].GetInt64();
    }

    /// <summary>Everything, a minute at a time.</summary>
    public async Task<Found> ReadAsync(Timestamp from, Timestamp to)
    {
        var reader = new Found.Reader("InfluxDB");
        foreach (var measurement in StorageSchema.Current.Measurements)
        {
            await ReadAsync(reader, measurement, $"time < {from.UnixNanoseconds}");
            for (var begin = from; begin < to; begin += Window)
                await ReadAsync(reader, measurement, $"time >= {begin.UnixNanoseconds} AND time < {Earlier(begin + Window, to).UnixNanoseconds}");
            await ReadAsync(reader, measurement, $"time >= {to.UnixNanoseconds}");
        }
        return reader.Done();
    }

    public async Task DeleteAsync(RowKey key)
    {
        var tags = key.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('=')).Select(t => $"\"{t[0]}\" = '{t[1]}' AND ");
        using var answer = await QueryAsync($"DELETE FROM \"{key.Measurement}\" WHERE {string.Concat(tags)}time = {key.Time.UnixNanoseconds}", CancellationToken.None);
    }

    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(Found.Reader reader, MeasurementSchema measurement, string when)
    {
        using var answer = await QueryAsync($"SELECT * FROM \"{measurement.Name}\" WHERE {when} GROUP BY *", CancellationToken.None);
        foreach (var series in Series(answer))
        {
            var tags = series.GetProperty("tags");
            string?[] values = [.. measurement.Tags.Select(t => tags.TryGetProperty(t.Name, out var value) ? value.GetString() : null)];
            var columns = Columns(series).Select(measurement.IndexOfField).ToArray();
            foreach (var row in series.GetProperty("values").EnumerateArray())
            {
                var fields = new FieldValue[measurement.Fields.Count];
                for (var i = 1; i < columns.Length; i++)
                    if (columns[i] >= 0)
                        fields[columns[i]] = Value(measurement.Fields[columns[i]], row[i]);
                reader.Add(RowKey.Of(measurement, values, new Timestamp(row[0].GetInt64())), fields);
            }
        }
    }

    private async Task<JsonDocument> QueryAsync(string query, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["q"] = query, ["db"] = database, ["epoch"] = "ns" });
        using var answer = await _http.PostAsync(new Uri("query", UriKind.Relative), form, cancellationToken);
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
        return await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
    }

    private static List<JsonElement> Series(JsonDocument answer)
    {
        var result = answer.RootElement.GetProperty("results")[0];
        if (result.TryGetProperty("error", out var error))
            throw new IOException($"InfluxDB: {error.GetString()}");
        return result.TryGetProperty("series", out var series) ? [.. series.EnumerateArray()] : [];
    }

    private static IEnumerable<string> Columns(JsonElement series) => series.GetProperty("columns").EnumerateArray().Select(c => c.GetString()!);

    private static FieldValue Value(FieldSchema field, JsonElement value) => (value.ValueKind, field.Type) switch
    {
        (JsonValueKind.Null, _) => FieldValue.None,
        (_, FieldType.Float) => value.GetDouble(),
        (_, FieldType.Integer) => value.GetInt64(),
        (_, FieldType.Boolean) => value.GetBoolean(),
        (JsonValueKind.String, _) => value.GetString(),
        _ => throw new IOException(string.Create(CultureInfo.InvariantCulture, $"InfluxDB has {value} in the field {field.Name}, a {field.Type}.")),
    };

    private static Timestamp Earlier(Timestamp a, Timestamp b) => a < b ? a : b;
}

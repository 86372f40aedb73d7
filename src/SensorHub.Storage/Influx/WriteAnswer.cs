using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SensorHub.Storage.Influx;

/// <summary>What an InfluxDB said to some lines.</summary>
internal abstract partial record WriteAnswer
{
    private WriteAnswer()
    {
    }

    public sealed record Accepted : WriteAnswer;

    /// <summary>Some lines are bad. The good ones may be stored or not; sending them again does no harm.</summary>
    /// <param name="Lines">The bad lines, by their number in the request, from 0, as far as the server names them.</param>
    /// <param name="Dropped">How many lines the server dropped, if it says so.</param>
    public sealed record Rejected(string Reason, IReadOnlyList<(int Line, string Reason)> Lines, int? Dropped) : WriteAnswer;

    /// <summary>More bytes than the server takes at once.</summary>
    public sealed record TooLarge : WriteAnswer;

    /// <summary>Another try later may succeed.</summary>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter) : WriteAnswer;

    /// <summary>No try will succeed until a person changes something.</summary>
    public sealed record Refused(HttpStatusCode Status, string Reason) : WriteAnswer;

    public static async Task<WriteAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return new Accepted();
        var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return Read(response.StatusCode, body, ReadRetryAfter(response, time));
    }

    internal static WriteAnswer Read(HttpStatusCode status, string body, TimeSpan? retryAfter)
    {
        var (reason, lines) = ReadBody(body);
        if (reason.Length == 0)
            reason = status.ToString();
        return status switch
        {
            // 422: InfluxDB 2 says so of field type conflicts and points beyond the retention period.
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => new Rejected(reason, lines, CountDropped(reason)),
            HttpStatusCode.RequestEntityTooLarge => new TooLarge(),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => new Unavailable(reason, retryAfter),
            >= HttpStatusCode.InternalServerError => new Unavailable($"{(int)status} {reason}", retryAfter),
            _ => new Refused(status, reason),
        };
    }

    /// <summary>InfluxDB 1 and 3 answer {"error"}, 2 {"code","message"}; 3 names bad lines in "data", counted from 1.</summary>
    private static (string Reason, IReadOnlyList<(int, string)> Lines) ReadBody(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return (FirstLine(body), []);
            var reason = Text(json.RootElement, "error") ?? Text(json.RootElement, "message") ?? "";
            var lines = new List<(int, string)>();
            if (json.RootElement.TryGetProperty("data", out var data))
                foreach (var item in data.ValueKind == JsonValueKind.Array ? data.EnumerateArray().ToList() : [data])
                    if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("line_number", out var number) && number.TryGetInt32(out var line))
                        lines.Add((line - 1, FirstLine(Text(item, "error_message") ?? reason)));
            return (FirstLine(reason), lines);
        }
        catch (JsonException)
        {
            return (FirstLine(body), []);
        }

        static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static int? CountDropped(string reason) =>
        DroppedPattern().Match(reason) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var dropped) ? dropped : null;

    private static TimeSpan? ReadRetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static string FirstLine(string text)
    {
        const int longest = 300;
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length > longest ? $"{line[..longest]}…" : line.ToString();
    }

    // "partial write: field type conflict: … dropped=2": InfluxDB 1 and 2.
    [GeneratedRegex(@" dropped=(\d+)$")]
    private static partial Regex DroppedPattern();
}

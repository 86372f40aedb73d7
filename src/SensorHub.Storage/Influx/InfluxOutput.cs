using SensorHub.Storage.LineProtocol;

namespace SensorHub.Storage.Influx;

/// <summary>Writes points to an InfluxDB, and finds the bad ones among them so that they never hold up the good.</summary>
/// <remarks>
/// Bad lines are found by writing less: the lines that the server names are taken out, otherwise the batch is halved until
/// the bad line is alone. Writing a good line again does no harm. At worst, where the server says neither which nor how
/// many lines are bad, n bad lines of a batch of N cost about 2·n·log₂(N/n) + 2·n requests.
/// </remarks>
public sealed class InfluxOutput : IPointOutput
{
    // InfluxDB 3 limits a request to 10 MB; 1.x to 25 MB after, 2.x to 50 MB before compression.
    private const int MaxBytes = 10_000_000;

    private readonly InfluxOptions _options;
    private readonly InfluxErrors _errors;
    private readonly IWriteClient _client;
    private readonly List<Point> _written = []; // by line number
    private int[] _lines = []; // 0, 1, 2 …
    private long _requests;

    /// <exception cref="Core.UserException">The options are not valid.</exception>
    public InfluxOutput(InfluxOptions options, TimeProvider time) : this(options, new LineClient(options, time), time)
    {
    }

    /// <param name="client">Becomes the output's to dispose.</param>
    internal InfluxOutput(InfluxOptions options, IWriteClient client, TimeProvider time)
    {
        _options = options;
        _client = client;
        _errors = new InfluxErrors(options, time);
    }

    public string Name => $"InfluxDB at {_options.Url}, {(_options.Profile == InfluxProfile.V2 ? "bucket" : "database")} '{_options.Database}'";

    public int BatchSize => _options.BatchSize;

    /// <summary>Requests sent.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Fields left out of points because they were NaN or infinite.</summary>
    public long NotFinite => _client.NotFinite;

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        _client.Clear();
        if (await SendAsync(ReadOnlyMemory<int>.Empty, cancellationToken).ConfigureAwait(false) is WriteAnswer.Rejected { Reason: var reason }
            && _options.Profile == InfluxProfile.V1) // 2.x and 3.x may object to a request without lines
            throw new OutputException($"InfluxDB at {_options.Url} refuses an empty write: {reason}", OutputFault.Misconfigured);
    }

    /// <inheritdoc/>
    public async Task<WriteReport> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancellationToken)
    {
        var rejected = new List<RejectedPoint>();
        _written.Clear();
        _client.Clear();
        foreach (var point in points)
        {
            switch (_client.Add(point))
            {
                case LineStatus.Ok:
                    _written.Add(point);
                    break;
                case LineStatus.NoField:
                    rejected.Add(new RejectedPoint(point, "no-field", "no field has a finite value"));
                    break;
                case LineStatus.UnfitTag:
                    rejected.Add(new RejectedPoint(point, "unfit-tag", "a tag has a control character or ends in a backslash"));
                    break;
            }
        }

        var stored = 0;
        var todo = new Stack<ReadOnlyMemory<int>>();
        foreach (var part in Parts(_written.Count).Reverse())
            todo.Push(part);
        while (todo.TryPop(out var lines))
        {
            switch (await SendAsync(lines, cancellationToken).ConfigureAwait(false))
            {
                case WriteAnswer.Accepted:
                    stored += lines.Length;
                    break;
                case WriteAnswer.TooLarge when lines.Length == 1:
                    Reject(lines.Span[0], "too-large", "a single point is larger than the server takes");
                    break;
                case WriteAnswer.TooLarge:
                    Halve(lines);
                    break;
                case WriteAnswer.Rejected { Reason: var reason } answer when lines.Length == 1 || answer.Dropped == lines.Length:
                    foreach (var line in lines.Span)
                        Reject(line, Category(reason), reason);
                    break;
                case WriteAnswer.Rejected { Lines.Count: > 0 } answer when answer.Lines.All(l => l.Line >= 0 && l.Line < lines.Length):
                    // The server may name only the first of many: the rest is written again without them.
                    var bad = answer.Lines.DistinctBy(l => l.Line).ToDictionary(l => lines.Span[l.Line], l => l.Reason);
                    foreach (var (line, reason) in bad)
                        Reject(line, Category(reason), reason);
                    if (bad.Count < lines.Length)
                        todo.Push(lines.ToArray().Where(l => !bad.ContainsKey(l)).ToArray());
                    break;
                case WriteAnswer.Rejected:
                    Halve(lines);
                    break;
            }
        }
        _written.Clear(); // the list is kept for the next batch, its points are not
        return new WriteReport(stored, rejected);

        void Reject(int line, string reason, string detail) => rejected.Add(new RejectedPoint(_written[line], reason, detail));

        // The first half is on top: lines keep their order, so that the last value of a field wins.
        void Halve(ReadOnlyMemory<int> lines)
        {
            todo.Push(lines[(lines.Length / 2)..]);
            todo.Push(lines[..(lines.Length / 2)]);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Answers that concern all lines alike end in an exception.</summary>
    private async Task<WriteAnswer> SendAsync(ReadOnlyMemory<int> lines, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return await _client.WriteAsync(lines, cancellationToken).ConfigureAwait(false) switch
        {
            WriteAnswer.Refused(var status, var reason) => throw _errors.Refusal(status, reason),
            WriteAnswer.Unavailable(var reason, var retryAfter) =>
                throw new OutputException(
                    reason.Contains("no space left on device", StringComparison.Ordinal)
                        // InfluxDB 1 goes on saying so when there is room again (README.md: InfluxDB 1.6 and a full disk).
                        ? $"InfluxDB at {_options.Url} has no room: {reason}. Free its disk; then, while nothing writes to it, start it twice: InfluxDB 1 does not get over it otherwise."
                        : $"InfluxDB at {_options.Url} cannot take points now: {reason}",
                    OutputFault.Unavailable, retryAfter: retryAfter),
            var answer => answer,
        };
    }

    /// <summary>All lines, cut where a request would grow too large.</summary>
    private IEnumerable<ReadOnlyMemory<int>> Parts(int count)
    {
        if (_lines.Length < count)
            _lines = [.. Enumerable.Range(0, count)];
        var (start, bytes) = (0, 0);
        for (var line = 0; line < count; line++)
        {
            var length = _client.LengthOf(line);
            if (line > start && (bytes + length > MaxBytes || line - start >= _options.BatchSize))
            {
                yield return _lines.AsMemory(start, line - start);
                (start, bytes) = (line, 0);
            }
            bytes += length;
        }
        if (count > start)
            yield return _lines.AsMemory(start, count - start);
    }

    /// <summary>One word for counting, from what the versions of InfluxDB say.</summary>
    private static string Category(string reason)
    {
        return Has("field type conflict") || Has("invalid column type") ? "field-type-conflict"
            : Has("retention") ? "beyond-retention"
            : Has("unable to parse") || Has("parsing failed") ? "unparsable"
            : Has("max-series-per-database") || Has("max-values-per-tag") ? "series-limit"
            : "rejected";

        bool Has(string text) => reason.Contains(text, StringComparison.OrdinalIgnoreCase);
    }
}

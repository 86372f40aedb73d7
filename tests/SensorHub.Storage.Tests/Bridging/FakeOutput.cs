namespace SensorHub.Storage.Tests.Bridging;

/// <summary>An output that notes what it gets and when, and fails or blocks as the test says.</summary>
internal sealed class FakeOutput(TimeProvider time, int batchSize = 100) : IPointOutput
{
    private readonly DateTimeOffset _start = time.GetUtcNow();

    public string Name => "fake";

    public int BatchSize => batchSize;

    /// <summary>Tries, with the time since the start.</summary>
    public List<(TimeSpan At, int Points)> Tries { get; } = [];

    public List<Point> Stored { get; } = [];

    /// <summary>Not null: thrown instead of storing, given the number of tries before.</summary>
    public Func<int, Exception?> Failure { get; set; } = _ => null;

    /// <summary>Points that it rejects.</summary>
    public Func<Point, bool> IsBad { get; set; } = _ => false;

    /// <summary>Storing waits for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<WriteReport> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancellationToken)
    {
        var tries = Tries.Count;
        Tries.Add((time.GetUtcNow() - _start, points.Count));
        if (Failure(tries) is { } failure)
            throw failure;
        var gate = new TaskCompletionSource();
        using var cancellation = cancellationToken.Register(() => gate.TrySetCanceled(cancellationToken));
        await await Task.WhenAny(Gate, gate.Task);
        var bad = points.Where(IsBad).ToList();
        Stored.AddRange(points.Except(bad));
        return new WriteReport(points.Count - bad.Count, [.. bad.Select(p => new RejectedPoint(p, "field-type-conflict", "said the fake"))]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

namespace SensorHub.Storage;

/// <summary>A place that keeps points: the embedded store, an InfluxDB.</summary>
public interface IPointOutput : IAsyncDisposable
{
    /// <summary>For people: what it is and where.</summary>
    string Name { get; }

    /// <summary>Points that it takes best at once.</summary>
    int BatchSize { get; }

    /// <summary>Whether it can be used now: reachable, allowed, room to write.</summary>
    /// <exception cref="OutputException">It cannot; the message says what to do.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Stores the points. After it returns, all but those it rejected are kept, whatever happens to this process.</summary>
    /// <exception cref="OutputException">It cannot take them now. Some may be stored; writing all again does no harm.</exception>
    Task<WriteReport> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancellationToken);
}

/// <summary>What became of the points that were given to an output.</summary>
/// <param name="Stored">Number of points kept.</param>
/// <param name="Rejected">Points that this output will never take.</param>
public sealed record WriteReport(int Stored, IReadOnlyList<RejectedPoint> Rejected);

/// <param name="Reason">Short and the same for all of its kind: fit for counting.</param>
/// <param name="Detail">What the output said.</param>
public sealed record RejectedPoint(Point Point, string Reason, string Detail);

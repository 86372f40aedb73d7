using SensorHub.Storage.LineProtocol;

namespace SensorHub.Storage.Influx;

/// <summary>
/// Says points as lines and brings them to an InfluxDB: ours (<see cref="LineClient"/>), or the official package. What becomes of
/// them by the answer is <see cref="InfluxOutput"/>'s, the same for each. One batch and one write at a time.
/// </summary>
internal interface IWriteClient : IDisposable
{
    /// <summary>Fields left out of points because they were NaN or infinite.</summary>
    long NotFinite { get; }

    /// <summary>Begins another batch.</summary>
    void Clear();

    /// <summary>Takes the point as the batch's next line, if it can be said.</summary>
    LineStatus Add(Point point);

    /// <summary>Bytes that a line will have at most.</summary>
    int LengthOf(int line);

    /// <summary>Sends some lines of the batch in one request, compressed. None of them: asks whether it may write.</summary>
    /// <exception cref="OutputException">There was no answer.</exception>
    Task<WriteAnswer> WriteAsync(ReadOnlyMemory<int> lines, CancellationToken cancellationToken);
}

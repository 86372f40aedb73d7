using System.Threading.Channels;
using SensorHub.Core;

namespace SensorHub.Web.Lab;

/// <summary>What waits for one open stream. When its reader is too slow the oldest lines go, and are counted.</summary>
internal sealed class LabViewer : IDisposable
{
    /// <summary>Lines that wait at most: about a minute of two sensors.</summary>
    public const int Capacity = 4_096;

    private readonly Channel<byte[]> _lines;
    private readonly Action<LabViewer> _close;
    private long _dropped;

    /// <param name="subject">Whose; none = of everybody.</param>
    /// <param name="close">Called when the stream is over.</param>
    public LabViewer(Slug subject, LabKinds kinds, Action<LabViewer> close)
    {
        (Subject, Kinds, _close) = (subject, kinds, close);
        _lines = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _dropped));
    }

    public Slug Subject { get; }

    public LabKinds Kinds { get; }

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Post(byte[] line) => _lines.Writer.TryWrite(line);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _lines.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake(out byte[]? line) => _lines.Reader.TryRead(out line);

    public void Dispose() => _close(this);
}

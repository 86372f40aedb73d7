using System.Threading.Channels;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Live;

/// <summary>What waits for one open page. When the browser is too slow the oldest messages go, and are counted.</summary>
internal sealed class LiveViewer : IDisposable
{
    /// <summary>Messages that wait at most: 10 s at the highest rates.</summary>
    public const int Capacity = 1_024;

    private readonly Channel<LiveMessage> _mail;
    private readonly Action<LiveViewer> _close;
    private long _dropped;

    /// <param name="subject">The person shown.</param>
    /// <param name="dropped">Called for each message that is dropped.</param>
    /// <param name="close">Called when the page is gone.</param>
    public LiveViewer(Slug subject, Action dropped, Action<LiveViewer> close)
    {
        Subject = subject;
        _close = close;
        _mail = Channel.CreateBounded<LiveMessage>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ =>
            {
                Interlocked.Increment(ref _dropped);
                dropped();
            });
    }

    public Slug Subject { get; }

    /// <summary>Messages this page did not get.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public bool Wants(LiveMessage message) => message.Subject.IsNone || message.Subject == Subject;

    /// <summary>A message of another person is let through when it may be their session that begins.</summary>
    public void Post(LiveMessage message)
    {
        if (Wants(message) || message.Kind == TopicKind.Session || Subject.IsNone)
            _mail.Writer.TryWrite(message);
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _mail.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>All that waits, in order of arrival: of each topic the newest, of what counts one by one everything.</summary>
    public IReadOnlyList<LiveMessage> TakeAll()
    {
        List<LiveMessage> taken = [];
        while (_mail.Reader.TryRead(out var message))
            if (Wants(message))
                taken.Add(message);
        HashSet<string> newer = new(StringComparer.Ordinal);
        for (var i = taken.Count - 1; i >= 0; i--)
            if (!taken[i].IsOneOfMany && !newer.Add(taken[i].Topic))
                taken.RemoveAt(i);
        return taken;
    }

    public void Dispose() => _close(this);
}

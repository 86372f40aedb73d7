using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Live;

/// <summary>
/// What the pages know: the last payload of each topic, and all estimates of posture of the last
/// <see cref="History"/> of event time, so that a page that opens late begins with a full chart. Thread-safe.
/// </summary>
public sealed class LiveFeed(SensorHubWebOptions options)
{
    /// <summary>Event time that a late page gets to see.</summary>
    public static readonly TimeSpan History = TimeSpan.FromSeconds(30);

    /// <summary>A message delivered again may be so much older than the newest; more means that time began anew.</summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromSeconds(1);

    /// <summary>Messages kept of <see cref="History"/> at most: 30 s at 100 Hz.</summary>
    private const int MaxHistory = 3_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveMessage> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<Slug, LinkedList<LiveMessage>> _history = [];
    private readonly List<LiveViewer> _viewers = [];
    private Slug _current;
    private long _dropped;

    /// <summary>The person whose session began last; none before the first.</summary>
    public Slug CurrentSubject
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>Asked at each push: why nothing comes from the broker; null while it is connected.</summary>
    internal Func<string?> Trouble { get; set; } = static () => null;

    /// <summary>Messages that browsers were too slow for.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Pages open now.</summary>
    public int Viewers
    {
        get
        {
            lock (_gate)
                return _viewers.Count;
        }
    }

    /// <summary>Takes a message from the broker. What is not for a live page is skipped: other hubs, raw frames, late estimates.</summary>
    /// <param name="topic">The topic it was published on.</param>
    /// <param name="payload">Its bytes, the feed's to keep.</param>
    /// <param name="retained">
    /// The broker had kept it from before. Of such messages only the hub's presence is believed: a session or a sensor
    /// that is there now says so again within a second.
    /// </param>
    public void Receive(string topic, ReadOnlyMemory<byte> payload, bool retained = false)
    {
        if (LiveMessage.Read(options.Hub, topic, payload) is not { } message || (retained && message.Kind != TopicKind.HubStatus))
            return;
        lock (_gate)
        {
            if (message.Kind == TopicKind.Posture)
                Keep(message);
            else if (!message.IsOneOfMany) // what was said before a page opened is not said again
                _last[topic] = message;
            if (!message.Subject.IsNone && (message.Kind == TopicKind.Session || _current.IsNone))
                _current = message.Subject;
            foreach (var viewer in _viewers)
                viewer.Post(message);
        }
    }

    /// <summary>Begins to collect for one page, and gives it all that is known of this person by now: nothing between is lost.</summary>
    internal (LiveViewer Viewer, IReadOnlyList<LiveMessage> Known) Open(Slug subject)
    {
        var viewer = new LiveViewer(subject, () => Interlocked.Increment(ref _dropped), Close);
        lock (_gate)
        {
            _viewers.Add(viewer);
            List<LiveMessage> known = [.. _last.Values.Where(viewer.Wants)];
            if (_history.TryGetValue(subject, out var history))
                known.AddRange(history);
            return (viewer, known);
        }
    }

    private void Close(LiveViewer viewer)
    {
        lock (_gate)
            _viewers.Remove(viewer);
    }

    private void Keep(LiveMessage message)
    {
        if (!_history.TryGetValue(message.Subject, out var history))
            _history[message.Subject] = history = new LinkedList<LiveMessage>();
        // Another session, or time that went back (a recording replayed again), begins a new chart.
        if (history.Last?.Value is { } newest && (newest.Session != message.Session || message.Time < newest.Time - Disorder))
            history.Clear();
        history.AddLast(message);
        while (history.Count > MaxHistory || history.First!.Value.Time < message.Time - History)
            history.RemoveFirst();
    }
}

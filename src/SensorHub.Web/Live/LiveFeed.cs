using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Live;

/// <summary>
/// What the pages know: the last payload of each topic, and all estimates of posture of the last
/// <see cref="History"/> of event time, so that a page that opens late begins with a full chart. Thread-safe.
/// </summary>
public sealed class LiveFeed(SensorHubWebOptions options, TimeProvider? time = null)
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
    private readonly List<IMailbox> _boards = [];
    private readonly Dictionary<Slug, Slug> _hubs = []; // of each person, the hub that spoke of them last
    private readonly Dictionary<Slug, Slug> _people = []; // of each hub, whose session it spoke of last
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

    /// <summary>Why nothing comes from the broker, in one line; null while it is connected.</summary>
    public string? BrokerTrouble => Trouble();

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
        if (LiveMessage.Read(options.AllHubs ? default : options.Hub, topic, payload) is not { } message || (retained && message.Kind != TopicKind.HubStatus))
            return;
        message = message with { ReceivedAt = (time ?? TimeProvider.System).GetTimestamp() };
        lock (_gate)
        {
            if (message.Kind == TopicKind.Posture)
                Keep(message);
            else if (message.Kept is { } key)
                _last[key] = message;
            if (!message.Subject.IsNone)
                Follow(message);
            foreach (var viewer in _viewers)
                if (IsAbout(message, viewer.Subject))
                    viewer.Post(message);
            foreach (var board in _boards)
                board.Post(message);
        }
    }

    /// <summary>Begins to collect for one page, and gives it all that is known of this person by now: nothing between is lost.</summary>
    internal (LiveViewer Viewer, IReadOnlyList<LiveMessage> Known) Open(Slug subject)
    {
        var viewer = new LiveViewer(subject, () => Interlocked.Increment(ref _dropped), Close);
        lock (_gate)
        {
            _viewers.Add(viewer);
            List<LiveMessage> known = [.. _last.Values.Where(m => viewer.Wants(m) && IsAbout(m, subject))];
            if (_history.TryGetValue(subject, out var history))
                known.AddRange(history);
            return (viewer, known);
        }
    }

    /// <summary>Begins to collect for a board of many people, and gives the last of everything by now.</summary>
    internal IReadOnlyList<LiveMessage> Open(IMailbox board)
    {
        lock (_gate)
        {
            _boards.Add(board);
            return [.. _last.Values, .. _history.Values.Select(h => h.Last!.Value)];
        }
    }

    internal void Close(IMailbox board)
    {
        lock (_gate)
            _boards.Remove(board);
    }

    /// <summary>The hub that has this person's session; none when nobody spoke of them.</summary>
    internal Slug HubOf(Slug subject)
    {
        lock (_gate)
            return _hubs.GetValueOrDefault(subject);
    }

    /// <summary>Whose session a hub spoke of last; none before the first.</summary>
    internal Slug SubjectOf(Slug hub)
    {
        lock (_gate)
            return _people.GetValueOrDefault(hub);
    }

    /// <summary>With several hubs, whoever is shown is shown until their own hub has another person.</summary>
    private void Follow(LiveMessage message)
    {
        _hubs[message.Subject] = message.Hub;
        var isSession = message.Kind == TopicKind.Session;
        if (isSession || !_people.ContainsKey(message.Hub))
            _people[message.Hub] = message.Subject;
        if (_current.IsNone || (isSession && (!options.AllHubs || _hubs.GetValueOrDefault(_current) == message.Hub)))
            _current = message.Subject;
    }

    /// <summary>What is about a hub is about the person whose hub it is.</summary>
    private bool IsAbout(LiveMessage message, Slug subject) =>
        !options.AllHubs || !message.Subject.IsNone || (_hubs.GetValueOrDefault(subject) == message.Hub && _people.GetValueOrDefault(message.Hub) == subject);

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

/// <summary>Takes everything that the feed receives. Called within the feed's lock: returns at once.</summary>
internal interface IMailbox
{
    void Post(LiveMessage message);
}

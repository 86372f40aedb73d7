using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Live;

namespace SensorHub.Web.Board;

/// <summary>
/// What waits for one open board: of each person the newest of each kind, and the last <see cref="MaxCues"/> cues. What is newer replaces what is older,
/// so that a slow browser gets less and never later.
/// </summary>
internal sealed class BoardMail(Action<BoardMail> close) : IMailbox, IDisposable
{
    /// <summary>Cues of a person that wait at most: each is said once, and more than these cannot be read.</summary>
    public const int MaxCues = 4;

    private readonly Lock _gate = new();
    private Dictionary<Slug, Waiting> _waiting = [];
    private long _replaced;

    /// <summary>Messages that were replaced by newer ones before they were pushed: at 25 a second and 10 pushes, more than half.</summary>
    public long Replaced => Interlocked.Read(ref _replaced);

    /// <param name="message">Of a person, or of their hub and its sensors.</param>
    public void Post(LiveMessage message)
    {
        var subject = message.Subject.IsNone ? OfHub(message.Hub) : message.Subject; // asked before the lock: it may take the feed's
        if (subject.IsNone || subject == Topics.NoSubject)
            return;
        lock (_gate)
        {
            if (!_waiting.TryGetValue(subject, out var waiting))
                _waiting[subject] = waiting = new Waiting();
            if (waiting.Put(message))
                Interlocked.Increment(ref _replaced);
        }
    }

    /// <summary>All that waits, by person.</summary>
    public IReadOnlyDictionary<Slug, Waiting> TakeAll()
    {
        lock (_gate)
        {
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    public void Dispose() => close(this);

    /// <summary>Set by the stream: whose a hub's sensors are.</summary>
    public Func<Slug, Slug> OfHub { get; init; } = static _ => default;

    /// <summary>Of one person.</summary>
    public sealed class Waiting
    {
        private readonly Dictionary<(string Topic, Type Payload), LiveMessage> _newest = [];
        private readonly Queue<LiveMessage> _cues = new();

        public IEnumerable<LiveMessage> Messages => [.. _newest.Values, .. _cues];

        /// <returns>True: an older message gave way to it.</returns>
        public bool Put(LiveMessage message)
        {
            if (message.Kind == TopicKind.Cues)
            {
                _cues.Enqueue(message);
                return _cues.Count > MaxCues && _cues.TryDequeue(out _);
            }
            var key = (message.Topic, message.Carried.GetType());
            var replaces = _newest.ContainsKey(key);
            _newest[key] = message;
            return replaces;
        }
    }
}

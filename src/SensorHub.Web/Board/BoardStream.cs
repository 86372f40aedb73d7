using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;

namespace SensorHub.Web.Board;

/// <summary>
/// The board's one stream, as server-sent events. <c>snapshot</c>: the last of everything, first of all; <c>update</c>: what came since, at most ten times a second,
/// and who may not be seen any more (<c>gone</c>); <c>heartbeat</c>: nothing came for a second. Of whom the viewer may not watch, not even the name goes out.
/// </summary>
internal sealed class BoardStream(LiveFeed feed, Gate gate, IConsents consents, IDbContextFactory<PeopleContext> people, AuditLog audit, TimeProvider time)
{
    /// <summary>From push to push.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest silence, and longest time until a consent that ran out shows.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<SseItem<string>> Read(Viewer viewer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var mail = new BoardMail(feed.Close) { OfHub = feed.SubjectOf };
        foreach (var message in feed.Open(mail))
            mail.Post(message);
        Dictionary<Slug, Tile> tiles = [];
        var changed = 0;
        consents.Changed += Look;
        try
        {
            var (type, looked, pushed) = ("snapshot", time.GetTimestamp(), time.GetTimestamp());
            while (true)
            {
                List<Slug> gone = [];
                if (Interlocked.Exchange(ref changed, 0) != 0 || time.GetElapsedTime(looked) >= Heartbeat)
                {
                    looked = time.GetTimestamp();
                    gone = await LookAsync(viewer, tiles.Values, cancellationToken).ConfigureAwait(false);
                }
                var taken = mail.TakeAll();
                Tile[] met = [.. taken.Keys.Where(subject => !tiles.ContainsKey(subject)).Select(subject => new Tile(subject))];
                await LookAsync(viewer, met, cancellationToken).ConfigureAwait(false);
                foreach (var tile in met)
                    tiles[tile.Subject] = tile;
                List<(Tile, IEnumerable<LiveMessage>)> news = [];
                foreach (var (subject, waiting) in taken)
                {
                    var tile = tiles[subject];
                    tile.Take(waiting);
                    if (tile.Allowed)
                        news.Add((tile, waiting.Messages));
                }
                // Somebody who has just consented is shown with all that is known of them.
                news.AddRange(tiles.Values.Where(t => t.Allowed && t.IsNew && news.All(n => n.Item1 != t)).Select(t => (t, Enumerable.Empty<LiveMessage>())));
                var silent = news.Count == 0 && gone.Count == 0 && type != "snapshot";
                if (!silent || time.GetElapsedTime(pushed) >= Heartbeat)
                {
                    pushed = time.GetTimestamp();
                    yield return Item(silent ? "heartbeat" : type, mail, news, gone);
                    type = "update";
                }
                try
                {
                    await Task.Delay(Period, time, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
            }
        }
        finally
        {
            consents.Changed -= Look;
        }

        void Look() => Interlocked.Exchange(ref changed, 1);
    }

    /// <summary>Asks anew whom the viewer may watch, and what they are called.</summary>
    /// <returns>Those whom they may not any more.</returns>
    private async Task<List<Slug>> LookAsync(Viewer viewer, IReadOnlyCollection<Tile> tiles, CancellationToken cancellationToken)
    {
        List<Slug> gone = [];
        foreach (var tile in tiles)
        {
            var was = tile.Allowed;
            tile.Allowed = await gate.AllowsAsync(viewer, Act.WatchLive, tile.Subject, cancellationToken).ConfigureAwait(false);
            if (tile.Allowed && !was)
            {
                tile.IsNew = true;
                await audit.LookedAsync(viewer, tile.Subject, nameof(Act.WatchLive), cancellationToken).ConfigureAwait(false);
            }
            if (was && !tile.Allowed)
                gone.Add(tile.Subject);
        }
        string[] ids = [.. tiles.Where(t => t.Allowed).Select(t => t.Subject.ToString())];
        if (ids.Length == 0)
            return gone;
        await using var context = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var aliases = await context.Subjects.Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, s => s.Alias, cancellationToken).ConfigureAwait(false);
        foreach (var tile in tiles)
            tile.Alias = aliases.GetValueOrDefault(tile.Subject.ToString()) is { Length: > 0 } alias ? alias : tile.Subject.ToString();
        return gone;
    }

    private SseItem<string> Item(string type, BoardMail mail, List<(Tile Tile, IEnumerable<LiveMessage> Messages)> news, List<Slug> gone)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (feed.Trouble() is { } trouble)
                json.WriteString("broker_trouble", trouble);
            json.WriteNumber("replaced", mail.Replaced);
            json.WriteStartArray("gone");
            foreach (var subject in gone)
                json.WriteStringValue(subject.ToString());
            json.WriteEndArray();
            json.WriteStartArray("tiles");
            foreach (var (tile, messages) in news)
                Write(json, tile, tile.IsNew ? [.. tile.Known, .. messages.Where(m => m.Kind == TopicKind.Cues)] : messages);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return new SseItem<string>(Encoding.UTF8.GetString(bytes.ToArray()), type);
    }

    private void Write(Utf8JsonWriter json, Tile tile, IEnumerable<LiveMessage> messages)
    {
        json.WriteStartObject();
        json.WriteString("subject", tile.Subject.ToString());
        json.WriteString("alias", tile.Alias);
        json.WriteNumber("silent_s", Math.Round(time.GetElapsedTime(tile.Heard).TotalSeconds, 3));
        json.WriteStartArray("alerts");
        foreach (var alert in tile.Alerts)
        {
            json.WriteStartObject();
            json.WriteString("kind", EnumNames.Of(alert.Kind));
            json.WriteString("text", alert.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("messages");
        foreach (var message in messages)
            message.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
        tile.IsNew = false;
    }

    /// <summary>A person, as this board knows them.</summary>
    private sealed class Tile(Slug subject)
    {
        private readonly Dictionary<(string Topic, Type Payload), LiveMessage> _known = [];

        public Slug Subject => subject;

        public string Alias { get; set; } = "";

        public bool Allowed { get; set; }

        /// <summary>The page has nothing of them yet.</summary>
        public bool IsNew { get; set; }

        /// <summary>When something of the person themselves came last.</summary>
        public long Heard { get; private set; }

        public IReadOnlyList<CareAlert> Alerts { get; private set; } = [];

        public IEnumerable<LiveMessage> Known => _known.Values;

        public void Take(BoardMail.Waiting waiting)
        {
            foreach (var message in waiting.Messages)
            {
                if (message.Kind != TopicKind.Cues) // what was said is not said again
                    _known[(message.Topic, message.Carried.GetType())] = message;
                if (!message.Subject.IsNone)
                    Heard = Math.Max(Heard, message.ReceivedAt);
            }
            Alerts = LiveAlerts.Of(Newest<SessionPayload>(), Newest<RollingPayload>());
        }

        private T? Newest<T>() where T : Payload => _known.Values.Where(m => m.Carried is T).MaxBy(m => m.Time)?.Carried as T;
    }
}

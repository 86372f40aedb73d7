using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SensorHub.Core;

namespace SensorHub.Web.Live;

/// <summary>
/// The one stream of a page, as server-sent events. <c>snapshot</c>: all that is known, first of all and whenever the person changes;
/// <c>update</c>: what came since; <c>heartbeat</c>: nothing came for a second. Messages are the broker's payloads, unchanged.
/// </summary>
internal sealed class LiveStream(LiveFeed feed, TimeProvider time)
{
    /// <summary>From push to push, so that a browser draws at most 25 times a second.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(40);

    /// <summary>Longest silence.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <param name="subject">The person to show; none = whoever's session began last.</param>
    /// <param name="cancellationToken">The page is gone, or the hub is stopping: ends the stream quietly.</param>
    public async IAsyncEnumerable<SseItem<string>> Read(Slug subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var shown = Shown();
            var (viewer, known) = feed.Open(shown);
            using (viewer)
            {
                yield return Item("snapshot", viewer, known);
                while (Shown() == shown && await WaitAsync(viewer, cancellationToken).ConfigureAwait(false) is { } any)
                {
                    if (Shown() != shown)
                        break;
                    yield return any ? Item("update", viewer, viewer.TakeAll()) : Item("heartbeat", viewer, []);
                }
            }
        }

        Slug Shown() => subject.IsNone ? feed.CurrentSubject : subject;
    }

    /// <returns>True: messages wait; false: a heartbeat is due; null: the stream is over.</returns>
    private async Task<bool?> WaitAsync(LiveViewer viewer, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Heartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            await Task.Delay(Period, time, cancellationToken).ConfigureAwait(false);
            await viewer.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? null : false;
        }
    }

    private SseItem<string> Item(string type, LiveViewer viewer, IReadOnlyList<LiveMessage> messages)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("subject", viewer.Subject.ToString());
            if (feed.Trouble() is { } trouble)
                json.WriteString("broker_trouble", trouble);
            json.WriteNumber("dropped", viewer.Dropped);
            json.WriteStartArray("messages");
            foreach (var message in messages)
                message.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return new SseItem<string>(Encoding.UTF8.GetString(bytes.ToArray()), type);
    }
}

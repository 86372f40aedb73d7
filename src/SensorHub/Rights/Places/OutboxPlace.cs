using System.Text;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>What waits on the disk for a broker and its stores: messages, and the topics of what was retained last.</summary>
/// <param name="path">Of the file.</param>
internal sealed class OutboxPlace(string path) : ISubjectPlace
{
    public string Kind => "outbox";

    public string Unit => "messages";

    public string Where => path;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyCollection<Slug>>(!File.Exists(path) ? [] : SqliteRows.Use(path, write: false, rows =>
        Topics(rows).Select(t => TopicName.Parse(t).Subject).Where(s => !s.IsNone).Distinct().ToList()));

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(!File.Exists(path) ? Holding.None : SqliteRows.Use(path, write: false, rows =>
        Messages(rows, scope).Aggregate(Holding.None, (sum, m) => sum.And(new Holding(1, 0, m.At, m.At) { Sessions = m.Session.IsNone ? [] : [m.Session] }))));

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return;
        var waiting = SqliteRows.Use(path, write: false, rows => Messages(rows, scope).Select(m => MessageJson.Of(m.Topic, m.Payload)).ToList());
        if (waiting.Count > 0)
            await to.LinesAsync($"outbox-{Path.GetFileNameWithoutExtension(path)}.jsonl", $"{waiting.Count}", "Messages that have not reached a broker or a database yet, one a line.", waiting);
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken) => Task.FromResult(!File.Exists(path) ? 0 : SqliteRows.Use(path, write: true, rows =>
    {
        var erased = rows.InTransaction(() =>
        {
            var numbers = Messages(rows, scope).Select(m => m.Number).ToList();
            foreach (var number in numbers)
                rows.Execute("DELETE FROM messages WHERE number = $p0", number);
            if (scope.IsWhole)
                foreach (var topic in Topics(rows).Where(t => TopicName.Parse(t).Subject == scope.Subject))
                    rows.Execute("DELETE FROM retained WHERE topic = $p0", topic);
            return (long)numbers.Count;
        });
        rows.Purge();
        return erased;
    }));

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) => Task.FromResult(PlaceScan.Of("", 0, [])); // with all files of SQLite: FilesPlace

    private static List<string> Topics(SqliteRows rows) => [.. rows.Query("SELECT topic FROM messages UNION SELECT topic FROM retained").Select(r => (string)r[0]!)];

    private static IEnumerable<(long Number, Timestamp At, string Topic, byte[] Payload, Slug Session)> Messages(SqliteRows rows, SubjectScope scope)
    {
        foreach (var row in rows.Query("SELECT number, at, topic, properties, payload FROM messages ORDER BY number"))
        {
            var (topic, properties) = ((string)row[2]!, ((string)row[3]!).Split('\0'));
            var at = Array.IndexOf(properties, "session");
            var session = at % 2 == 0 && at + 1 < properties.Length && Slug.TryParse(properties[at + 1], out var name) ? name : default;
            if (scope.Has(TopicName.Parse(topic).Subject, session))
                yield return ((long)row[0]!, Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds((long)row[1]!)), topic, (byte[])row[4]!, session);
        }
    }
}

/// <summary>A message for a person to read.</summary>
internal static class MessageJson
{
    public static System.Text.Json.Nodes.JsonObject Of(string topic, ReadOnlySpan<byte> payload)
    {
        System.Text.Json.Nodes.JsonNode? content;
        try
        {
            content = System.Text.Json.Nodes.JsonNode.Parse(payload);
        }
        catch (System.Text.Json.JsonException)
        {
            content = Encoding.UTF8.GetString(payload);
        }
        return new System.Text.Json.Nodes.JsonObject { ["topic"] = topic, ["payload"] = content };
    }
}

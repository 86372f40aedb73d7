using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Rights.Exporting;
using SensorHub.Storage.Bridging;

namespace SensorHub.Rights.Places;

/// <summary>Messages that an output did not take, of every output. One whose topic is torn is a person's when it names them anywhere.</summary>
/// <param name="folder">Of the files.</param>
internal sealed class QuarantinePlace(string folder) : ISubjectPlace
{
    public string Kind => "quarantine";

    public string Unit => "messages";

    public string Where => folder;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<Slug>>([.. All().Select(m => TopicName.Parse(m.Topic).Subject).Where(s => !s.IsNone).Distinct()]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) =>
        Task.FromResult(Of(scope).Aggregate(Holding.None, (sum, m) => sum.And(new Holding(1, m.Bytes, At(m), At(m)) { Sessions = SessionOf(m) is { IsNone: false } s ? [s] : [] })));

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        var messages = Of(scope).ToList();
        if (messages.Count > 0)
            await to.LinesAsync("quarantine.jsonl", string.Join(' ', messages.Select(m => m.Id)), "Messages that could not be stored, one a line.", messages.Select(m => MessageJson.Of(m.Topic, m.PayloadBytes())));
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            return Task.FromResult(0L);
        var quarantine = Quarantine.Open(folder);
        return Task.FromResult(Of(scope).LongCount(quarantine.Remove));
    }

    /// <summary>Payloads that are not text are in base 64, where looking at the bytes of the file finds nothing.</summary>
    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken)
    {
        var all = All();
        return Task.FromResult(PlaceScan.Of("quarantined_messages", all.Count, all.Where(m => Names(m, traces)).Select(m => $"{folder}: the message {m.Id}")));
    }

    private IReadOnlyList<QuarantinedMessage> All() => Directory.Exists(folder) ? Quarantine.Open(folder).List(_ => { }) : [];

    private IEnumerable<QuarantinedMessage> Of(SubjectScope scope)
    {
        var traces = new Traces(scope);
        return All().Where(m => TopicName.Parse(m.Topic) is var topic && topic.Kind != TopicKind.Foreign && scope.Has(topic.Subject, SessionOf(m))
            || (topic.Subject.IsNone || topic.Subject == scope.Subject) && Names(m, traces));
    }

    private static bool Names(QuarantinedMessage m, Traces traces) => traces.In(m.Topic) || traces.In(m.PayloadBytes()) || traces.In(m.Detail) || m.Properties.Any(p => traces.In(p[1]));

    private static Slug SessionOf(QuarantinedMessage m) => Slug.TryParse(m.Properties.FirstOrDefault(p => p[0] == "session")?[1], out var session) ? session : default;

    private static Timestamp At(QuarantinedMessage m) => Timestamp.FromDateTimeOffset(m.Time);
}

using System.Buffers;
using System.Text;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Contract;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>What the embedded broker retains, in its file. Also what a sensor said of itself in a session of theirs: it says it anew.</summary>
/// <param name="path">Of the file.</param>
internal sealed class RetainedPlace(string path, TimeProvider time) : ISubjectPlace
{
    private readonly RetainedFile _file = new(path, time);

    public string Kind => "retained";

    public string Unit => "messages";

    public string Where => path;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<Slug>>([.. _file.Read().Select(m => TopicName.Parse(m.Topic).Subject).Where(s => !s.IsNone).Distinct()]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(new Holding(Of(scope).Count));

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        var messages = Of(scope);
        if (messages.Count > 0)
            await to.LinesAsync("retained.jsonl", string.Join(' ', messages.Select(m => m.Topic)), "What the broker of the hub tells whoever asks: the last of each kind, one a line.",
                messages.Select(m => MessageJson.Of(m.Topic, m.Payload.ToArray())));
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var messages = Of(scope);
        if (messages.Count > 0)
            _file.Forget(messages.Select(m => m.Topic));
        return Task.FromResult((long)messages.Count);
    }

    /// <summary>Payloads are in base 64, where looking at the bytes of the file finds nothing.</summary>
    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken)
    {
        var all = _file.Read();
        return Task.FromResult(PlaceScan.Of("retained_messages", all.Count, all.Where(m => Names(m, traces)).Select(m => $"{path}: what is retained at {m.Topic}")));
    }

    private List<MQTTnet.MqttApplicationMessage> Of(SubjectScope scope)
    {
        var traces = new Traces(scope);
        return [.. _file.Read().Where(m => Retention.Is(scope, m.Topic, () => Names(m, traces)))];
    }

    private static bool Names(MQTTnet.MqttApplicationMessage m, Traces traces) =>
        traces.In(m.Topic) || traces.In(m.Payload.ToArray()) || (m.UserProperties ?? []).Any(p => traces.In(Encoding.UTF8.GetString(p.ValueBuffer.Span)));
}

/// <summary>Whose a retained message is.</summary>
internal static class Retention
{
    /// <param name="names">Whether it names the person or a session of theirs.</param>
    public static bool Is(SubjectScope scope, string topic, Func<bool> names) =>
        TopicName.Parse(topic) is var name && name.Subject == scope.Subject ? scope.IsWhole || names() : name.Subject.IsNone && names();
}

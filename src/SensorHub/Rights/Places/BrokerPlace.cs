using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>What a broker elsewhere retains. A message without content makes it forget.</summary>
/// <param name="hub">Whose account it is.</param>
/// <param name="all">Of all hubs, not of this alone.</param>
internal sealed class BrokerPlace(MqttConnection broker, Slug hub, bool all, TimeProvider time) : ISubjectPlace
{
    private readonly RetainedMessages _retained = new(broker, hub, time);

    public string Kind => "broker";

    public string Unit => "messages";

    public string Where => $"the broker {broker}";

    public async Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).Select(m => TopicName.Parse(m.Topic).Subject).Where(s => !s.IsNone).Distinct()];

    public async Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => new((await OfAsync(scope, cancellationToken)).Count);

    public async Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        var messages = await OfAsync(scope, cancellationToken);
        if (messages.Count > 0)
            await to.LinesAsync($"broker-{broker.Host}.jsonl", string.Join(' ', messages.Select(m => m.Topic)), "What the broker tells whoever asks: the last of each kind, one a line.",
                messages.Select(m => MessageJson.Of(m.Topic, m.Payload.Span)));
    }

    public async Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var messages = await OfAsync(scope, cancellationToken);
        if (messages.Count > 0)
            await _retained.ForgetAsync(messages.Select(m => m.Topic), cancellationToken);
        return messages.Count;
    }

    public async Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken)
    {
        var messages = await ReadAsync(cancellationToken);
        return PlaceScan.Of("broker_retained_messages", messages.Count, messages.Where(m => Names(m, traces)).Select(m => $"{Where}: what is retained at {m.Topic}"));
    }

    private async Task<List<ReceivedMessage>> OfAsync(SubjectScope scope, CancellationToken cancellationToken)
    {
        var traces = new Traces(scope);
        return [.. (await ReadAsync(cancellationToken)).Where(m => Retention.Is(scope, m.Topic, () => Names(m, traces)))];
    }

    private Task<IReadOnlyList<ReceivedMessage>> ReadAsync(CancellationToken cancellationToken) => _retained.ReadAsync(all ? Topics.All : $"{Topics.Root}/{hub}/#", cancellationToken);

    private static bool Names(ReceivedMessage m, Traces traces) => traces.In(m.Topic) || traces.In(m.Payload.Span) || m.Properties.Any(p => traces.In(p.Value));
}

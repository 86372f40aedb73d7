using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Testing;

/// <summary>
/// A hub's side of the contract in its plainest form: numbers its messages, keeps them, and sends again what an output does
/// not say that it has.
/// </summary>
public sealed class NumberedPublisher : IAsyncDisposable
{
    /// <summary>Without a word for so long, what is not confirmed is sent again.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private readonly MqttLink _link;
    private readonly Slug _outbox = Slug.Parse("box");
    private readonly Lock _gate = new();
    private readonly Dictionary<long, (MqttApplicationMessage Message, HashSet<Slug> Missing)> _kept = [];
    private readonly IReadOnlyList<Slug> _outputs;
    private readonly Task _listening;
    private long _last;
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NumberedPublisher(MqttLink link, MqttSubscription stored, IReadOnlyList<Slug> outputs)
    {
        _link = link;
        _outputs = outputs;
        _listening = ListenAsync(stored);
    }

    /// <summary>Messages that were sent more than once.</summary>
    public int Resent { get; private set; }

    /// <summary>Messages that not every output has confirmed.</summary>
    public int Unconfirmed
    {
        get
        {
            lock (_gate)
                return _kept.Count;
        }
    }

    /// <param name="outputs">Each of them has to confirm each message.</param>
    public static async Task<NumberedPublisher> StartAsync(MqttConnection broker, Slug hub, IReadOnlyList<Slug> outputs)
    {
        var link = new MqttLink(broker, new MqttLinkOptions { ClientId = $"numbered-{hub}", SessionExpiry = TimeSpan.FromHours(1) }, TimeProvider.System);
        var publisher = new NumberedPublisher(link, link.Subscribe(Topics.Stored(hub)), outputs);
        await link.ConnectAsync();
        return publisher;
    }

    public async Task PublishAsync(string topic, string payload)
    {
        MqttApplicationMessage message;
        lock (_gate)
        {
            var number = ++_last;
            message = new MqttApplicationMessage
            {
                Topic = topic,
                PayloadSegment = Encoding.UTF8.GetBytes(payload),
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                UserProperties = [new MqttUserProperty(OutboxNumber.Property, Encoding.UTF8.GetBytes(new OutboxNumber(_outbox, number).ToString()))],
            };
            _kept[number] = (message, [.. _outputs]);
        }
        await _link.PublishAsync(message);
    }

    /// <summary>Ends when every message is confirmed by every output.</summary>
    public async Task ConfirmedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task heard;
            List<MqttApplicationMessage> missing;
            lock (_gate)
            {
                if (_kept.Count == 0)
                    return;
                heard = _heard.Task;
                missing = [.. _kept.OrderBy(k => k.Key).Select(k => k.Value.Message)];
            }
            if (await Task.WhenAny(heard, Task.Delay(Silence, TimeProvider.System, cancellationToken)) == heard)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            Resent += missing.Count;
            foreach (var message in missing)
                await _link.PublishAsync(message, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _listening;
    }

    private async Task ListenAsync(MqttSubscription stored)
    {
        await foreach (var message in stored.Messages.ReadAllAsync())
        {
            if (Stored.Read(message.Payload.Span) is not { } said || said.Outbox != _outbox)
                continue;
            lock (_gate)
            {
                foreach (var (first, last) in said.Ranges)
                    for (var number = first; number <= last; number++)
                        if (_kept.TryGetValue(number, out var kept) && kept.Missing.Remove(said.Output) && kept.Missing.Count == 0)
                            _kept.Remove(number);
                _heard.TrySetResult();
                _heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Mqtt.Publishing;

/// <summary>
/// Publishes features, and raw frames where asked to. <c>features.Subscribe(publisher)</c>, or
/// <see cref="Publish(Feature)"/>; the messages' fate is in <see cref="Counts"/>.
/// </summary>
/// <remarks>
/// Outlives the streams: their end or failure is not the publisher's. <c>await FlushAsync()</c> before disposing loses nothing. With two brokers there are
/// two of them: both subscribe.
/// </remarks>
/// <param name="outbox">Takes the features, on the same link; it is the caller's to dispose. Null: everything goes by way of memory, as in a replay.</param>
/// <param name="rawFrames">True: also the frames and descriptors among the records, as they were received.</param>
public sealed class FeaturePublisher(
    MqttLink link, HubMessages messages, PublisherOptions options, bool rawFrames = false, ILogger<MessagePublisher>? logger = null,
    OutboxPublisher? outbox = null)
    : IObserver<Feature>, IObserver<SensorRecord>, IAsyncDisposable
{
    private readonly MessagePublisher _publisher = new(link, options, logger);

    /// <summary>Of both ways together. With an outbox, what is on its disk does not count as waiting: <see cref="OutboxPublisher.Health"/> has that.</summary>
    public PublisherCounts Counts => outbox is null ? _publisher.Counts : Sum(_publisher.Counts, outbox.Counts);

    /// <summary>By way of the outbox, if there is one, and then never waits; else as <see cref="MessagePublisher.Publish"/>.</summary>
    public void Publish(Feature feature)
    {
        try
        {
            var message = messages.Write(feature);
            if (outbox is null)
                _publisher.Publish(message);
            else
                outbox.Publish(message, OutboxKey.Of(message.Topic, feature.Time), IsLive(feature));
        }
        catch (Exception e) when (e is ArgumentException or JsonException)
        {
            var reason = $"a {feature.GetType().Name} cannot be written: {e.Message}";
            if (outbox is null)
                _publisher.Refuse(reason);
            else
                outbox.Refuse(reason);
        }
    }

    /// <summary>As <see cref="MessagePublisher.Publish"/>; a live frame only while there is a connection, for it is of no use later.</summary>
    public void Publish(SensorRecord record)
    {
        if (!rawFrames || (options.DropOldest && record is SensorRecord.Frame && !link.IsConnected))
            return;
        if (messages.Write(record) is { } message)
            _publisher.Publish(message);
    }

    /// <summary>As a live frame, <see cref="Publish(SensorRecord)"/>.</summary>
    public void Publish(HubClockPayload clock)
    {
        if (link.IsConnected)
            _publisher.Publish(messages.Clock(clock));
    }

    /// <summary>Ends when everything taken so far is acknowledged, refused or dropped, and what is in the outbox confirmed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or disposed.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await _publisher.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (outbox is not null)
            await outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    /// <summary>Whether it says what is so now. A gap that is said again corrects what was said of it first, whatever its finality.</summary>
    private static bool IsLive(Feature feature) => feature.Finality == Finality.Live && feature is not Gap { State: not GapState.Open };

    private static PublisherCounts Sum(PublisherCounts a, PublisherCounts b) =>
        new(a.Published + b.Published, a.Dropped + b.Dropped, a.Refused + b.Refused, a.Waiting + b.Waiting);

    void IObserver<Feature>.OnNext(Feature value) => Publish(value);

    void IObserver<SensorRecord>.OnNext(SensorRecord value) => Publish(value);

    void IObserver<Feature>.OnCompleted()
    {
    }

    void IObserver<Feature>.OnError(Exception error)
    {
    }

    void IObserver<SensorRecord>.OnCompleted()
    {
    }

    void IObserver<SensorRecord>.OnError(Exception error)
    {
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Publishing;

/// <summary>
/// Publishes features, and raw frames where asked to. <c>features.Subscribe(publisher)</c>, or
/// <see cref="Publish(Feature)"/>; the messages' fate is in <see cref="Counts"/>.
/// </summary>
/// <remarks>
/// Outlives the streams: their end or failure is not the publisher's. <c>await FlushAsync()</c> before disposing loses nothing.
/// </remarks>
/// <param name="rawFrames">True: also the frames and descriptors among the records, as they were received.</param>
public sealed class FeaturePublisher(
    MqttLink link, HubMessages messages, PublisherOptions options, bool rawFrames = false, ILogger<MessagePublisher>? logger = null)
    : IObserver<Feature>, IObserver<SensorRecord>, IAsyncDisposable
{
    private readonly MessagePublisher _publisher = new(link, options, logger);

    public PublisherCounts Counts => _publisher.Counts;

    /// <inheritdoc cref="MessagePublisher.Publish"/>
    public void Publish(Feature feature)
    {
        try
        {
            _publisher.Publish(messages.Write(feature));
        }
        catch (Exception e) when (e is ArgumentException or JsonException)
        {
            _publisher.Refuse($"a {feature.GetType().Name} cannot be written: {e.Message}");
        }
    }

    /// <inheritdoc cref="MessagePublisher.Publish"/>
    public void Publish(SensorRecord record)
    {
        if (rawFrames && messages.Write(record) is { } message)
            _publisher.Publish(message);
    }

    /// <inheritdoc cref="MessagePublisher.FlushAsync"/>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _publisher.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

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

using MQTTnet;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Health;

/// <summary>Whether the hub may do at a broker what it has to: come in, listen, and publish.</summary>
internal static class BrokerProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="MqttLinkException">It cannot be reached, lets nobody in, or does not let this user listen; the message says what to do.</exception>
    public static async Task<Finding> AskAsync(MqttConnection connection, Slug hub, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = $"sensorhub-doctor-{Environment.ProcessId}";
        await using var link = new MqttLink(connection, new MqttLinkOptions { ClientId = id }, time);
        // The mark that the program sends to itself says nothing to others: a running hub passes over one that it did not send.
        var mark = Topics.Delivered(hub);
        var subscription = link.Subscribe([mark, Topics.Command(hub), Topics.Stored(hub), $"{Topics.Root}/{hub}/subjects/+/+"]);
        await link.ConnectAsync(cancellationToken);
        var payload = Guid.NewGuid().ToByteArray();
        await link.PublishAsync(
            new MqttApplicationMessage { Topic = mark, PayloadSegment = payload, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, MessageExpiryInterval = 60 }, cancellationToken);

        var began = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await foreach (var message in subscription.Messages.ReadAllAsync(stop.Token))
                if (message.Topic == mark && message.Payload.Span.SequenceEqual(payload))
                    break;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Failed($"{connection} takes messages and does not hand them on: its access list has to let {User(connection)} write and read {Topics.Root}/{hub}/#.");
        }
        return Finding.Ok(FormattableString.Invariant($"{connection} takes and hands on messages ({time.GetElapsedTime(began).TotalMilliseconds:0} ms)"));
    }

    private static string User(MqttConnection connection) => connection.User is { } user ? $"user '{user}'" : "anonymous clients";
}

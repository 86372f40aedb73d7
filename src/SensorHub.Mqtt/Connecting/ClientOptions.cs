using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Connecting;

/// <summary>Our options in MQTTnet's words.</summary>
internal static class ClientOptions
{
    public static MqttClientOptions For(MqttConnection connection, MqttLinkOptions options, SubscriptionOptions? subscription, Tls tls)
    {
        var client = new MqttClientOptions
        {
            ProtocolVersion = MqttProtocolVersion.V500,
            ClientId = options.ClientId,
            CleanSession = options.SessionExpiry <= TimeSpan.Zero,
            SessionExpiryInterval = (uint)options.SessionExpiry.TotalSeconds,
            KeepAlivePeriod = options.KeepAlive,
            Timeout = options.Timeout,
            ReceiveMaximum = (ushort)(subscription?.Capacity ?? 1),
            Credentials = connection.User is null ? null : new MqttClientCredentials(connection.User, Encoding.UTF8.GetBytes(connection.Password ?? "")),
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(connection.Host, connection.Port),
                BufferSize = options.SocketBuffer,
                LingerState = new LingerOption(false, 0), // the default resets the connection and loses the DISCONNECT
                TlsOptions = tls.Options(),
            },
        };
        if (options.Presence?.Invoke(false) is { } will)
        {
            client.WillTopic = will.Topic;
            client.WillPayload = will.Payload.ToArray();
            client.WillRetain = will.Retain;
            client.WillQualityOfServiceLevel = will.QualityOfServiceLevel;
            client.WillContentType = will.ContentType;
            client.WillPayloadFormatIndicator = will.PayloadFormatIndicator;
            client.WillUserProperties = will.UserProperties;
            client.WillDelayInterval = (uint)Math.Min(options.WillDelay.TotalSeconds, options.SessionExpiry.TotalSeconds); // mosquitto 2.0 lets it outlive the session
        }
        return client;
    }
}

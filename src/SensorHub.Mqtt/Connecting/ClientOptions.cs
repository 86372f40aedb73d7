using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Connecting;

/// <summary>Our options in MQTTnet's words.</summary>
internal static class ClientOptions
{
    public static MqttClientOptions For(MqttConnection connection, MqttLinkOptions options, SubscriptionOptions? subscription)
    {
        var client = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
            .WithClientId(options.ClientId)
            .WithCleanStart(options.SessionExpiry <= TimeSpan.Zero)
            .WithSessionExpiryInterval((uint)options.SessionExpiry.TotalSeconds)
            .WithKeepAlivePeriod(options.KeepAlive)
            .WithTimeout(options.Timeout)
            .WithReceiveMaximum((ushort)(subscription?.Capacity ?? 1));
        if (connection.User is not null)
            client.WithCredentials(connection.User, connection.Password ?? "");
        var built = client.Build();
        built.ChannelOptions = new MqttClientTcpOptions
        {
            RemoteEndpoint = new DnsEndPoint(connection.Host, connection.Port),
            BufferSize = options.SocketBuffer,
            LingerState = new LingerOption(false, 0), // the default resets the connection and loses the DISCONNECT
            TlsOptions = Tls(connection),
        };
        if (options.Presence?.Invoke(false) is { } will)
        {
            built.WillTopic = will.Topic;
            built.WillPayload = System.Buffers.BuffersExtensions.ToArray(will.Payload);
            built.WillRetain = will.Retain;
            built.WillQualityOfServiceLevel = will.QualityOfServiceLevel;
            built.WillContentType = will.ContentType;
            built.WillPayloadFormatIndicator = will.PayloadFormatIndicator;
            built.WillUserProperties = will.UserProperties;
        }
        return built;
    }

    private static MqttClientTlsOptions Tls(MqttConnection connection)
    {
        var tls = new MqttClientTlsOptions { UseTls = connection.Tls, TargetHost = connection.Host };
        if (connection is { Tls: true, CertificateAuthority: { } file })
        {
            try
            {
                tls.TrustChain = [];
                tls.TrustChain.ImportFromPemFile(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new MqttLinkException($"The certificate authority in '{file}' cannot be read: {e.Message} Give a PEM file.", e);
            }
            tls.RevocationMode = X509RevocationMode.NoCheck; // a private authority publishes no list
        }
        return tls;
    }
}

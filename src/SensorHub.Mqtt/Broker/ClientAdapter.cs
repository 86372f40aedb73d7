using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// One connection, between its bytes and MQTTnet's server. Does what that server leaves out: gives an id to clients that bring none, as MQTT 3.1.1
/// [MQTT-3.1.3-6] and 5 have it, so <c>mosquitto_sub</c> needs no <c>-i</c>; reads no faster than allowed; bounds keep-alive and topic aliases, and says so; answers
/// the filters of a subscription in the order in which they were asked for.
/// </summary>
internal sealed class ClientAdapter(IMqttChannelAdapter inner, PacketLimit channel, Connection connection, EmbeddedBrokerOptions options, TimeProvider time) : IMqttChannelAdapter
{
    /// <summary>Names that a client may give to its topics. MQTTnet's server would keep 65,535 of any length.</summary>
    private const ushort MostAliases = 32;

    private readonly Dictionary<ushort, int[]> _subscribing = [];
    private Pace? _pace = new(options.Limits, time);
    private long _received;
    private ushort _keepAlive; // seconds; 0: what the client asked for

    public long BytesReceived => inner.BytesReceived;

    public long BytesSent => inner.BytesSent;

    public X509Certificate2 ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

    /// <param name="place">Given back when the connection has gone; null: it is not counted.</param>
    /// <param name="paced">Whether it is read at a limited rate.</param>
    public void SignIn(IDisposable? place, bool paced)
    {
        connection.SignIn(place);
        if (!paced)
            _pace = null;
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        var packet = await inner.ReceivePacketAsync(cancellationToken).ConfigureAwait(false);
        switch (packet)
        {
            case MqttConnectPacket connect:
                Welcome(connect);
                break;
            case MqttPublishPacket { TopicAlias: > MostAliases }:
                throw new MqttProtocolViolationException($"A topic alias above {MostAliases}.");
            case MqttSubscribePacket { TopicFilters: [var first, ..] filters } subscribe when filters.Exists(f => f.QualityOfServiceLevel != first.QualityOfServiceLevel):
                // MQTTnet's server answers the filters in this order instead of the client's.
                lock (_subscribing)
                    _subscribing[subscribe.PacketIdentifier] = [.. Enumerable.Range(0, filters.Count).OrderByDescending(i => filters[i].QualityOfServiceLevel)];
                break;
            default:
                break;
        }
        var bytes = channel.BytesRead - _received; // MQTTnet's adapter counts what is sent as what is received
        _received += bytes;
        if (_pace is not null && packet is (MqttPublishPacket or MqttSubscribePacket or MqttUnsubscribePacket or MqttPingReqPacket))
            await _pace.TakeAsync(bytes, cancellationToken).ConfigureAwait(false);
        return packet;
    }

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket welcome)
        {
            welcome.TopicAliasMaximum = MostAliases;
            welcome.MaximumPacketSize = (uint)options.MaxPacketBytes;
            welcome.ServerKeepAlive = _keepAlive;
        }
        else if (packet is MqttSubAckPacket answer)
        {
            PutInOrder(answer);
        }
        return inner.SendPacketAsync(packet, cancellationToken);
    }

    public void ResetStatistics() => inner.ResetStatistics();

    public void Dispose() => inner.Dispose();

    private void Welcome(MqttConnectPacket connect)
    {
        if (connect.ClientId is null or "" && PacketFormatterAdapter.ProtocolVersion != MqttProtocolVersion.V500 && connect.CleanSession)
            connect.ClientId = $"auto-{Guid.NewGuid():N}";
        var most = (ushort)options.Limits.KeepAlive.TotalSeconds;
        if (connect.KeepAlivePeriod == 0 || connect.KeepAlivePeriod > most)
            connect.KeepAlivePeriod = _keepAlive = most;
    }

    private void PutInOrder(MqttSubAckPacket answer)
    {
        lock (_subscribing)
        {
            if (!_subscribing.Remove(answer.PacketIdentifier, out var order) || order.Length != answer.ReasonCodes.Count)
                return;
            var asked = new MqttSubscribeReasonCode[order.Length];
            for (var i = 0; i < order.Length; i++)
                asked[order[i]] = answer.ReasonCodes[i];
            answer.ReasonCodes = [.. asked];
        }
    }
}

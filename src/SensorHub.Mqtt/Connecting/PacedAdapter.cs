using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Connecting;

/// <summary>
/// Reads no further while the subscription has all that it may hold, so that the rest waits in the sockets and at the broker. MQTTnet itself queues whatever comes.
/// </summary>
/// <remarks>
/// An answer to a ping would be behind what is not read. It is given here: a broker that has sent more than is read is there, and the ping that it
/// gets all the same tells it that we are. Should it vanish meanwhile, TCP says so, or the next packet that is read.
/// </remarks>
internal sealed class PacedAdapter(IMqttChannelAdapter inner, Inflow inflow) : IMqttChannelAdapter
{
    private volatile TaskCompletionSource _pinged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long BytesReceived => inner.BytesReceived;

    public long BytesSent => inner.BytesSent;

    public X509Certificate2 ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public void ResetStatistics() => inner.ResetStatistics();

    public void Dispose() => inner.Dispose();

    public Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        if (inflow.IsFull)
            return HoldAsync(cancellationToken);
        var receiving = inner.ReceivePacketAsync(cancellationToken);
        if (!receiving.IsCompletedSuccessfully) // most packets are in the buffer already
            return CountAsync(receiving);
        Count(receiving.Result);
        return receiving;
    }

    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        await inner.SendPacketAsync(packet, cancellationToken).ConfigureAwait(false);
        if (packet is MqttPingReqPacket)
            _pinged.TrySetResult();
    }

    private async Task<MqttPacket> HoldAsync(CancellationToken cancellationToken)
    {
        while (inflow.IsFull)
        {
            await Task.WhenAny(inflow.RoomAsync(), _pinged.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (_pinged.Task.IsCompleted)
            {
                _pinged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return MqttPingRespPacket.Instance;
            }
        }
        return await CountAsync(inner.ReceivePacketAsync(cancellationToken)).ConfigureAwait(false);
    }

    private async Task<MqttPacket> CountAsync(Task<MqttPacket> receiving)
    {
        var packet = await receiving.ConfigureAwait(false);
        Count(packet);
        return packet;
    }

    private void Count(MqttPacket packet)
    {
        if (packet is MqttPublishPacket)
            inflow.Arrived();
    }
}

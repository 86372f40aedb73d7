using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Tests.Connecting;

public sealed class PacedAdapterTests : IDisposable
{
    private readonly MqttSubscription _subscription = new(["n"], new() { ManualAcknowledgement = true, Capacity = 2 });
    private readonly Inflow _inflow;
    private readonly PacedAdapter _adapter;

    public PacedAdapterTests()
    {
        _inflow = new Inflow(_subscription);
        _adapter = new PacedAdapter(new Flood(), _inflow);
        _inflow.Regulate();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _adapter.Dispose();

    [Fact]
    public async Task Reading_stops_when_twice_the_capacity_waits_and_goes_on_when_half_of_it_is_taken()
    {
        for (var i = 0; i < 4; i++)
            await ReceiveAsync();
        var next = _adapter.ReceivePacketAsync(Token);
        Assert.False(next.IsCompleted);
        Assert.True(_inflow.Held.IsCompleted);

        Assert.True(_subscription.Messages.TryRead(out _));
        Assert.True(_subscription.Messages.TryRead(out _));

        Assert.IsType<MqttPublishPacket>(await next);
    }

    [Fact]
    public async Task What_is_read_and_not_delivered_yet_counts()
    {
        for (var i = 0; i < 4; i++)
            await _adapter.ReceivePacketAsync(Token);

        Assert.False(_adapter.ReceivePacketAsync(Token).IsCompleted);
    }

    [Fact]
    public async Task A_ping_is_answered_while_reading_has_stopped_and_each_one_once()
    {
        for (var i = 0; i < 4; i++)
            await ReceiveAsync();
        for (var i = 0; i < 2; i++)
        {
            var next = _adapter.ReceivePacketAsync(Token);
            Assert.False(next.IsCompleted);
            await _adapter.SendPacketAsync(MqttPingReqPacket.Instance, Token);
            Assert.IsType<MqttPingRespPacket>(await next);
        }
    }

    [Fact]
    public async Task A_connection_that_ends_while_reading_has_stopped_ends_the_waiting()
    {
        using var end = new CancellationTokenSource();
        for (var i = 0; i < 4; i++)
            await ReceiveAsync();
        var next = _adapter.ReceivePacketAsync(end.Token);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    private async Task ReceiveAsync()
    {
        var packet = Assert.IsType<MqttPublishPacket>(await _adapter.ReceivePacketAsync(Token));
        var message = new MqttApplicationMessage { Topic = packet.Topic, QualityOfServiceLevel = packet.QualityOfServiceLevel };
        await _inflow.DeliverAsync(new MqttApplicationMessageReceivedEventArgs("x", message, packet, (_, _) => Task.CompletedTask));
    }

    /// <summary>A broker that never runs out of messages.</summary>
    private sealed class Flood : IMqttChannelAdapter
    {
        public long BytesReceived => 0;

        public long BytesSent => 0;

        public X509Certificate2 ClientCertificate => null!;

        public EndPoint RemoteEndPoint => null!;

        public EndPoint LocalEndPoint => null!;

        public bool IsSecureConnection => false;

        public MqttPacketFormatterAdapter PacketFormatterAdapter => null!;

        public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken) =>
            Task.FromResult<MqttPacket>(new MqttPublishPacket { Topic = "n", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });

        public void ResetStatistics()
        {
        }

        public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Tests.Contract;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class EmbeddedBrokerTests
{
    [Fact]
    public async Task A_port_in_use_is_one_clear_line_that_says_what_to_change()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var error = await Assert.ThrowsAsync<UserException>(() => EmbeddedBroker.StartAsync(new() { Port = port }, BrokerCredentials.Generate(), TimeProvider.System));
        Assert.Equal($"Port {port} on 127.0.0.1, wanted by the embedded MQTT broker, is in use by another program: choose another port (0 = any free one), or stop that program.", error.Message);
    }

    [Fact]
    public async Task It_can_be_started_again_at_once_on_the_same_port()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        for (var i = 0; i < 3; i++)
        {
            var (link, _) = await broker.ReaderAsync("n");
            await broker.StopAsync();
            await link.DisposeAsync();
            await broker.StartAgainAsync();
        }
    }

    [Fact]
    public async Task Nobody_gets_in_without_an_account_in_either_version_of_MQTT()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        foreach (var version in new[] { MqttProtocolVersion.V311, MqttProtocolVersion.V500 })
            foreach (var (user, password) in new[] { (null, null), ("hub", ""), ("hub", "x"), ("nobody", broker.Connection.Password) })
            {
                var (_, result) = await PlainAsync(broker.Connection with { User = user, Password = password }, version);
                Assert.NotEqual(MqttClientConnectResultCode.Success, result.ResultCode);
            }
    }

    [Fact]
    public async Task A_client_id_stays_with_the_account_that_took_it()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var bridge = broker.Link("my-bridge", o => o with { SessionExpiry = TimeSpan.FromHours(1) });
        bridge.Subscribe("n");
        await bridge.ConnectAsync(Patience.Token);

        var (_, result) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader), id: "my-bridge");

        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, result.ResultCode);
        Assert.True(bridge.IsConnected);
        Assert.Equal(1, bridge.Connections);
    }

    [Fact]
    public async Task A_client_without_an_id_is_given_one()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        var (first, a) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader), id: "");
        var (second, b) = await PlainAsync(broker.Embedded.Connection(BrokerRole.Reader), id: "");
        Assert.Equal((MqttClientConnectResultCode.Success, MqttClientConnectResultCode.Success), (a.ResultCode, b.ResultCode));
        Assert.NotEqual(a.AssignedClientIdentifier, b.AssignedClientIdentifier);
        first.Dispose();
        second.Dispose();
    }

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task Mosquittos_own_tools_work_as_people_type_them(string version)
    {
        var program = Require.Program("mosquitto_sub", "mosquitto-clients");
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var hub = broker.Link("hub");
        await hub.ConnectAsync(Patience.Token);
        await hub.PublishAsync(new HubMessages(Samples.Hub).Status(online: true, Samples.Time), Patience.Token);
        var reader = broker.Embedded.Connection(BrokerRole.Reader);

        using var tool = Process.Start(new ProcessStartInfo(program,
            ["-V", version, "-p", $"{reader.Port}", "-u", reader.User!, "-P", reader.Password!, "-t", "sensorhub/1/+/status", "-v", "-C", "1"])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.Equal(
            """sensorhub/1/studio-1/status {"schema":"hub/1","time":"2026-01-31T12:00:00.123456789Z","finality":"live","online":true}""",
            await tool.StandardOutput.ReadLineAsync(Patience.Token));
        await tool.WaitForExitAsync(Patience.Token);
        Assert.Equal(0, tool.ExitCode);
    }

    [Fact]
    public async Task A_packet_that_is_too_long_ends_its_connection_and_no_other()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded, new() { MaxPacketBytes = 10_000 });
        var (link, subscription) = await broker.ReaderAsync("n");
        await using var _ = link;
        var (client, _) = await PlainAsync(broker.Connection);
        using var big = client;
        await big.PublishAsync(Message("n", new string('x', 9_900)), Patience.Token);
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => big.PublishAsync(Message("n", new string('y', 10_001)), Patience.Token));
        await link.PublishAsync(Message("n", "still here"), Patience.Token);
        Assert.Equal(9_900, (await subscription.NextAsync()).Payload.Length);
        Assert.Equal("still here", (await subscription.NextAsync()).Text());
    }

    [Fact]
    public async Task A_stranger_that_announces_256_MB_is_cut_off_at_once()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(IPAddress.Loopback, broker.Connection.Port, Patience.Token);
        var stream = stranger.GetStream();
        await stream.WriteAsync(new byte[] { 0x10, 0xff, 0xff, 0xff, 0x7f }, Patience.Token);
        Assert.Equal(0, await ReadAsync(stream));

        static async Task<int> ReadAsync(NetworkStream stream)
        {
            try
            {
                return await stream.ReadAsync(new byte[1], Patience.Token);
            }
            catch (IOException)
            {
                return 0; // reset instead of closed: cut off all the same
            }
        }
    }

    [Fact]
    public async Task Retained_messages_are_there_for_who_comes_later_and_an_empty_one_clears_them()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded);
        await using var hub = broker.Link("hub");
        await hub.ConnectAsync(Patience.Token);
        await hub.PublishAsync(Message("a", "1", retain: true), Patience.Token);
        await hub.PublishAsync(Message("b", "2", retain: true), Patience.Token);
        await hub.PublishAsync(Message("b", "", retain: true), Patience.Token);
        var (link, subscription) = await broker.ReaderAsync("#");
        await using var _ = link;
        var kept = await subscription.NextAsync();
        Assert.Equal(("a", "1", true), (kept.Topic, kept.Text(), kept.Retained));
        await hub.PublishAsync(Message("c", "3"), Patience.Token);
        Assert.Equal("c", (await subscription.NextAsync()).Topic);
    }

    [Theory]
    [InlineData(-1, 262_144, 50_000)]
    [InlineData(65_536, 262_144, 50_000)]
    [InlineData(0, 10, 50_000)]
    [InlineData(0, 262_144, 5)]
    public async Task Options_out_of_range_are_refused_with_the_range(int port, int packet, int queue)
    {
        var options = new EmbeddedBrokerOptions { Port = port, MaxPacketBytes = packet, MaxQueuedMessages = queue };
        Assert.Contains(" to ", (await Assert.ThrowsAsync<UserException>(() => EmbeddedBroker.StartAsync(options, BrokerCredentials.Generate(), TimeProvider.System))).Message);
    }
}

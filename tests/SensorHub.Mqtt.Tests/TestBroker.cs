using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Testing;

namespace SensorHub.Mqtt.Tests;

public enum BrokerKind
{
    Embedded,
    Mosquitto,
}

/// <summary>A broker of the test's own, of either kind, on a free loopback port.</summary>
public sealed class TestBroker : IAsyncDisposable
{
    private MosquittoServer? _mosquitto;
    private EmbeddedBroker? _embedded;
    private EmbeddedBrokerOptions _options = new();
    private BrokerCredentials? _credentials;

    public MqttConnection Connection { get; private init; } = null!;

    public EmbeddedBroker Embedded => _embedded!;

    /// <param name="rights">False: the hub's account may do everything, as the one of <see cref="MosquittoServer"/>, for tests of other things than rights.</param>
    public static async Task<TestBroker> StartAsync(BrokerKind kind, EmbeddedBrokerOptions? options = null, bool rights = false, TimeProvider? time = null)
    {
        if (kind == BrokerKind.Mosquitto)
        {
            var mosquitto = await MosquittoServer.StartAsync();
            return new TestBroker
            {
                _mosquitto = mosquitto,
                Connection = new MqttConnection("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password),
            };
        }
        var credentials = BrokerCredentials.Generate();
        options = (options ?? new()) with { Port = 0 };
        var roles = options.Permissions;
        if (!rights)
            options = options with { Permissions = account => account.Role == BrokerRole.Hub ? RoleTable.Of(BrokerRole.Hub) with { Reads = ["#"], Publishes = ["#"] } : roles(account) };
        var embedded = await EmbeddedBroker.StartAsync(options, credentials, time ?? TimeProvider.System);
        return new TestBroker
        {
            _embedded = embedded,
            _credentials = credentials,
            _options = embedded.Options with { Port = embedded.Port },
            Connection = embedded.Connection(BrokerRole.Hub),
        };
    }

    /// <summary>As if it had crashed: with all it had.</summary>
    public async Task StopAsync()
    {
        if (_mosquitto is not null)
            await _mosquitto.StopAsync();
        if (_embedded is not null)
            await _embedded.DisposeAsync();
        _embedded = null;
    }

    public async Task StartAgainAsync()
    {
        if (_mosquitto is not null)
            await _mosquitto.StartAgainAsync();
        else
            _embedded = await EmbeddedBroker.StartAsync(_options, _credentials!, TimeProvider.System);
    }

    public MqttLink Link(string id, Func<MqttLinkOptions, MqttLinkOptions>? with = null)
    {
        var options = new MqttLinkOptions { ClientId = id, FirstRetry = TimeSpan.FromMilliseconds(10), LongestRetry = TimeSpan.FromMilliseconds(50) };
        return new MqttLink(Connection, with?.Invoke(options) ?? options, TimeProvider.System);
    }

    /// <summary>A connected link that receives what the filter matches.</summary>
    public async Task<(MqttLink Link, MqttSubscription Subscription)> ReaderAsync(string filter, SubscriptionOptions? options = null, string id = "reader")
    {
        var link = Link(id);
        var subscription = link.Subscribe(filter, options);
        await link.ConnectAsync(Patience.Token);
        return (link, subscription);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_mosquitto is not null)
            await _mosquitto.DisposeAsync();
    }

    /// <summary>A plain MQTTnet client, for what our own does not do.</summary>
    public static async Task<(IMqttClient Client, MqttClientConnectResult Result)> PlainAsync(MqttConnection to, MqttProtocolVersion version = MqttProtocolVersion.V500, string id = "plain")
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithProtocolVersion(version).WithClientId(id).WithTcpServer(to.Host, to.Port);
        if (to.User is not null)
            options.WithCredentials(to.User, to.Password);
        return (client, await client.ConnectAsync(options.Build(), Patience.Token));
    }

    public static MqttApplicationMessage Message(string topic, string text, bool retain = false) => new()
    {
        Topic = topic,
        PayloadSegment = Encoding.UTF8.GetBytes(text),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = retain,
    };
}

internal static class Reading
{
    public static async Task<ReceivedMessage> NextAsync(this MqttSubscription subscription) => await subscription.Messages.ReadAsync(Patience.Token);

    public static string Text(this ReceivedMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    public static ReadOnlySpan<byte> PayloadSegment(this MqttApplicationMessage message) => message.Payload.FirstSpan;

    public static string Text(this MqttApplicationMessage message) => Encoding.UTF8.GetString(message.Payload.ToArray());
}

/// <summary>How long a test waits for what must come: long, since only a failing test waits so long.</summary>
internal static class Patience
{
    public static CancellationToken Token => new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System).Token;

    public static async Task Until(Func<bool> condition, string what)
    {
        var token = Token;
        while (!condition())
        {
            Assert.False(token.IsCancellationRequested, $"In 60 s it did not come to this: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }
    }
}

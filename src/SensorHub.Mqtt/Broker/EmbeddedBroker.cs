using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet.Protocol;
using MQTTnet.Server;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Broker;

public sealed record EmbeddedBrokerOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 = any free one, see <see cref="EmbeddedBroker.Port"/>. 0 to 65535.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>A client that sends a longer packet is disconnected. 1 kB to 16 MB.</summary>
    public int MaxPacketBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Messages kept for a client that is slow, or away with its session kept; beyond that the oldest are dropped and
    /// counted. 100 to 60000.
    /// </summary>
    public int MaxQueuedMessages { get; init; } = 50_000;

    /// <summary>
    /// Web pages, besides our own, that may connect by WebSocket: <c>https://example.org</c>, as browsers write the
    /// Origin header.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}

/// <summary>
/// An MQTT broker inside the hub, for one machine: loopback TCP, and WebSocket on the web server
/// (<see cref="BrokerEndpoint.MapMqtt"/>). Every client needs an account. Retained messages live in memory; it has no
/// shared subscriptions.
/// </summary>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private const string RoleItem = "role";

    /// <summary>A reader whose Receive Maximum is larger is waited for from here on.</summary>
    private const int MostUnacknowledged = 8192;

    private readonly BrokerCredentials _credentials;
    private readonly ILogger _logger;
    private readonly BrokerTransport _transport;
    private readonly Backpressure _backpressure;
    private readonly MqttServer _server;
    private readonly ConcurrentDictionary<string, string> _owners = new(); // client id → user
    private long _dropped;
    private volatile bool _disposed;

    private EmbeddedBroker(EmbeddedBrokerOptions options, BrokerCredentials credentials, TimeProvider time, ILogger logger)
    {
        Options = options;
        _credentials = credentials;
        _logger = logger;
        _transport = new BrokerTransport(options.Port, options.MaxPacketBytes, logger);
        _backpressure = new Backpressure(time, patience: TimeSpan.FromSeconds(5));
        var server = new MqttServerOptionsBuilder()
            .WithoutDefaultEndpoint()
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(options.MaxQueuedMessages)
            .WithDefaultCommunicationTimeout(TimeSpan.FromSeconds(15))
            .Build();
        _server = new MqttServer(server, [_transport], new BrokerLog(logger));
        _server.ValidatingConnectionAsync += Validate;
        _server.InterceptingPublishAsync += Admit;
        _server.ClientDisconnectedAsync += Disconnected;
        _server.SessionDeletedAsync += e => Note(() =>
        {
            _owners.TryRemove(e.Id, out _);
            _backpressure.Forget(e.Id);
        });
        _server.ClientAcknowledgedPublishPacketAsync += e => Note(() => _backpressure.Change(e.ClientId, -1));
        _server.ApplicationMessageEnqueuedOrDroppedAsync += e => Note(() =>
        {
            if (e.ApplicationMessage.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce)
                _backpressure.Change(e.ReceiverClientId, +1);
        });
        _server.QueuedApplicationMessageOverwrittenAsync += e => Note(() =>
        {
            Interlocked.Increment(ref _dropped);
            _backpressure.Change(e.ReceiverClientId, -1);
        });
    }

    public EmbeddedBrokerOptions Options { get; }

    /// <summary>The TCP port on 127.0.0.1 that it listens on.</summary>
    public int Port => _transport.Port;

    /// <summary>Messages dropped because a client was too slow or too long away.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal BrokerTransport Transport => _transport;

    /// <exception cref="UserException">The port is in use, or an option is out of range.</exception>
    public static async Task<EmbeddedBroker> StartAsync(EmbeddedBrokerOptions options, BrokerCredentials credentials, TimeProvider time, ILogger<EmbeddedBroker>? logger = null)
    {
        if (options.Port is < 0 or > ushort.MaxValue)
            throw new UserException($"The embedded MQTT broker's port is 0 to 65535, not {options.Port}.");
        if (options.MaxPacketBytes is < 1024 or > 16 * 1024 * 1024)
            throw new UserException($"The embedded MQTT broker's longest packet is 1024 to 16777216 bytes, not {options.MaxPacketBytes}.");
        if (options.MaxQueuedMessages is < 100 or > 60_000)
            throw new UserException($"The embedded MQTT broker keeps 100 to 60000 messages for a client, not {options.MaxQueuedMessages}.");
        var broker = new EmbeddedBroker(options, credentials, time, logger ?? NullLogger<EmbeddedBroker>.Instance);
        await broker._server.StartAsync().ConfigureAwait(false);
        return broker;
    }

    /// <summary>How a part of this process with that role connects.</summary>
    public MqttConnection Connection(BrokerRole role)
    {
        var account = _credentials[role];
        return new MqttConnection("127.0.0.1", Port, account.User, account.Password);
    }

    /// <summary>Tells the clients, and closes their connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _server.StopAsync(new MqttServerStopOptions
        {
            DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
        }).ConfigureAwait(false);
        _server.Dispose();
    }

    private Task Validate(ValidatingConnectionEventArgs client)
    {
        if (_credentials.Find(client.UserName, client.RawPassword) is not { } account)
        {
            client.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
            _logger.LogWarning("A client at {Remote} was refused by the MQTT broker: {Reason}.", client.RemoteEndPoint,
                string.IsNullOrEmpty(client.UserName) ? "no user name" : "wrong user name or password");
            return Task.CompletedTask;
        }
        var id = client.ClientId;
        if (string.IsNullOrEmpty(id))
            client.AssignedClientIdentifier = id = $"auto-{Guid.NewGuid():N}";
        // Whoever connects with the id of a session goes on with that session, its queue and its role included.
        if (_owners.GetOrAdd(id, account.User) != account.User)
        {
            client.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            client.ReasonString = "the client id belongs to another account";
            return Task.CompletedTask;
        }
        client.SessionItems[RoleItem] = account.Role;
        if (account.Role == BrokerRole.Hub)
        {
            var limit = client.ReceiveMaximum is 0 ? MostUnacknowledged : Math.Min((int)client.ReceiveMaximum, MostUnacknowledged);
            _backpressure.Connected(id, limit, fresh: client.CleanSession ?? true);
        }
        return Task.CompletedTask;
    }

    private async Task Admit(InterceptingPublishEventArgs publish)
    {
        var role = publish.SessionItems[RoleItem] is BrokerRole known ? known : BrokerRole.Reader;
        var topic = publish.ApplicationMessage.Topic;
        if (role == BrokerRole.Reader || role == BrokerRole.Control && TopicName.Parse(topic).Kind != TopicKind.Command)
        {
            publish.ProcessPublish = false;
            publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            publish.Response.ReasonString = $"role {EnumNames.Of(role)} may not publish here";
            return;
        }
        await _backpressure.WaitAsync(publish.ClientId, publish.CancellationToken).ConfigureAwait(false);
    }

    private async Task Disconnected(ClientDisconnectedEventArgs client)
    {
        if (client.DisconnectType == MqttClientDisconnectType.Takeover)
            return; // the same client, on a newer connection
        _backpressure.Disconnected(client.ClientId);
        if (_disposed || client.SessionItems[RoleItem] is BrokerRole.Hub)
            return;
        // Only the hub's own parts keep a session: a tool that asks for one and never returns would fill the memory.
        try
        {
            var session = await _server.GetSessionAsync(client.ClientId).ConfigureAwait(false);
            await session.DeleteAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It had none.
        }
    }

    private static Task Note(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}

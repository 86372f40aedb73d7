using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

public sealed record EmbeddedBrokerOptions
{
    /// <summary>TCP port; 0 = any free one, see <see cref="EmbeddedBroker.Port"/>. 0 to 65535.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>
    /// Network address to listen on: <c>127.0.0.1</c> for this machine alone, <c>0.0.0.0</c> for all that it has. Beyond this machine only with a certificate, and with
    /// passwords of <see cref="LeastPassword"/> characters.
    /// </summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>PEM file of the certificate, with what leads to its authority behind it: TLS 1.2 or 1.3 instead of plain text. Null: plain text.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key, not encrypted.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>A client that sends a longer packet is disconnected. 1 kB to 16 MB.</summary>
    public int MaxPacketBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Messages kept for a client that is slow, or away with its session kept; beyond that the oldest are dropped and
    /// counted. One of the hub's own parts that is there and acknowledges nothing is given no more than so many. 100 to 60000.
    /// </summary>
    public int MaxQueuedMessages { get; init; } = 50_000;

    /// <summary>
    /// Web pages, besides our own, that may connect by WebSocket: <c>https://example.org</c>, as browsers write the
    /// Origin header.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>What one client can take of the broker.</summary>
    public BrokerLimits Limits { get; init; } = new();

    /// <summary>File of the retained messages. Null: in memory alone.</summary>
    public string? RetainedFile { get; init; }

    /// <summary>Characters of a password, at least, where strangers can try.</summary>
    public const int LeastPassword = 12;

    /// <summary>What an account may; tests of other things than rights let everybody do everything.</summary>
    internal Func<BrokerAccount, RolePermissions> Permissions { get; init; } =
        static account => RoleTable.Of(account.Role).Of(account.Hub is { } hub ? Slug.Parse(hub) : null);

    /// <exception cref="UserException">An option is out of range, or would let strangers read what is not encrypted; the message says which, and how to mend it.</exception>
    public void Validate()
    {
        if (Port is < 0 or > ushort.MaxValue)
            throw new UserException($"The embedded MQTT broker's port is 0 to 65535, not {Port}.");
        if (MaxPacketBytes is < 1024 or > 16 * 1024 * 1024)
            throw new UserException($"The embedded MQTT broker's longest packet is 1024 to 16777216 bytes, not {MaxPacketBytes}.");
        if (MaxQueuedMessages is < 100 or > 60_000)
            throw new UserException($"The embedded MQTT broker keeps 100 to 60000 messages for a client, not {MaxQueuedMessages}.");
        if (!IPAddress.TryParse(Bind, out var address))
            throw new UserException($"Mqtt:Bind is '{Bind}'; it takes a network address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for all.");
        if (Certificate is null != CertificateKey is null)
            throw new UserException($"Mqtt:Certificate and Mqtt:CertificateKey belong together: set Mqtt:{(Certificate is null ? "Certificate" : "CertificateKey")} too, or neither.");
        if (!IPAddress.IsLoopback(address) && Certificate is null)
            throw new UserException($"Mqtt:Bind is {Bind}, beyond this machine, where MQTT has to be encrypted: set Mqtt:Certificate and Mqtt:CertificateKey to PEM files, or leave Mqtt:Bind out to listen on 127.0.0.1 alone.");
        Limits.Validate();
    }
}

/// <summary>
/// An MQTT broker inside the hub, for one machine: TCP, on loopback unless it has a certificate, and WebSocket on the web server (<see cref="BrokerEndpoint.MapMqtt"/>).
/// Every client needs an account, whose role says what it may (<see cref="RoleTable"/>). Retained messages are on disk, sessions in memory; it has no shared subscriptions.
/// </summary>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private const string ClientItem = "client";

    /// <summary>A reader whose Receive Maximum is larger is waited for from here on.</summary>
    private const int MostUnacknowledged = 8192;

    /// <summary>Client ids that these roles alone may use, so that nobody is there first.</summary>
    private static readonly (string Prefix, BrokerRole[] Roles)[] Reserved =
    [
        ("sensorhub-hub-", [BrokerRole.Hub]), ("sensorhub-bridge-", [BrokerRole.Bridge, BrokerRole.Hub]), ("sensorhub-web-", [BrokerRole.Control, BrokerRole.Hub]),
    ];

    private readonly BrokerCredentials _credentials;
    private readonly ILogger _logger;
    private readonly ServerCertificate? _certificate;
    private readonly ConnectionLimits _connections;
    private readonly SignInDelay _signInDelay;
    private readonly BrokerTransport _transport;
    private readonly RetainedStore _retained;
    private readonly Backpressure _backpressure;
    private readonly MqttServer _server;
    private readonly ConcurrentDictionary<string, string> _owners = new(); // client id → user
    private long _dropped;
    private long _refused;
    private volatile bool _disposed;

    private EmbeddedBroker(EmbeddedBrokerOptions options, BrokerCredentials credentials, TimeProvider time, ILogger logger)
    {
        Options = options;
        _credentials = credentials;
        _logger = logger;
        _certificate = options.Certificate is { } certificate ? new ServerCertificate("MQTT broker", "Mqtt", certificate, options.CertificateKey!, time, logger) : null;
        _connections = new ConnectionLimits(options.Limits);
        _signInDelay = new SignInDelay(time);
        _transport = new BrokerTransport(options, _certificate, _connections, time, logger);
        _retained = new RetainedStore(options.RetainedFile, options.Limits, time, logger);
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
        _server.InterceptingSubscriptionAsync += e => Note(() => Admit(e));
        _server.InterceptingUnsubscriptionAsync += e => Note(() => (e.SessionItems[ClientItem] as Client)?.Unsubscribe(e.Topic));
        _server.LoadingRetainedMessageAsync += e => Note(() => e.LoadedRetainedMessages = [.. _retained.Messages]);
        _server.RetainedMessageChangedAsync += e => Note(() => _retained.Keep(e.ChangedRetainedMessage));
        _server.ClientDisconnectedAsync += Disconnected;
        _server.SessionDeletedAsync += e => Note(() =>
        {
            _owners.TryRemove(e.Id, out _);
            _backpressure.Forget(e.Id);
        });
        _server.InterceptingClientEnqueueAsync += e => Note(() =>
        {
            if (e.ApplicationMessage.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce || _backpressure.Takes(e.ReceiverClientId, options.MaxQueuedMessages))
                return;
            e.AcceptEnqueue = false;
            if (long.IsPow2(Interlocked.Increment(ref _dropped)))
                _logger.LogWarning(
                    "The MQTT client '{Client}' has {Count} messages that it has not acknowledged, and is given no more until it does. What comes from an outbox is sent again.",
                    e.ReceiverClientId, options.MaxQueuedMessages);
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

    /// <summary>The TCP port that clients connect to.</summary>
    public int Port => _transport.Port;

    /// <summary>Messages dropped because a client was too slow or too long away.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Messages and subscriptions refused because of the role, or of a limit.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    internal BrokerTransport Transport => _transport;

    /// <exception cref="UserException">The port is in use, an option is out of range, a password too short, or a file cannot be used.</exception>
    public static async Task<EmbeddedBroker> StartAsync(EmbeddedBrokerOptions options, BrokerCredentials credentials, TimeProvider time, ILogger<EmbeddedBroker>? logger = null)
    {
        options.Validate();
        if (!IPAddress.IsLoopback(IPAddress.Parse(options.Bind)) && credentials.Accounts.FirstOrDefault(a => a.Password.Length < EmbeddedBrokerOptions.LeastPassword) is { } weak)
            throw new UserException($"Mqtt:Bind is {options.Bind}, beyond this machine, and the password of the MQTT account '{weak.User}' has less than {EmbeddedBrokerOptions.LeastPassword} characters: write a longer one into {BrokerCredentials.FileName}.");
        var broker = new EmbeddedBroker(options, credentials, time, logger ?? NullLogger<EmbeddedBroker>.Instance);
        try
        {
            await broker._server.StartAsync().ConfigureAwait(false);
            return broker;
        }
        catch
        {
            broker.DisposeFiles();
            throw;
        }
    }

    /// <summary>How a part of this process with that role connects.</summary>
    public MqttConnection Connection(BrokerRole role)
    {
        var account = _credentials[role];
        return new MqttConnection("127.0.0.1", _transport.OwnPort, account.User, account.Password);
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
        DisposeFiles();
    }

    private void DisposeFiles()
    {
        _retained.Dispose();
        _certificate?.Dispose();
    }

    private async Task Validate(ValidatingConnectionEventArgs client)
    {
        var address = (client.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback;
        BrokerAccount? account = null;
        if (!await _signInDelay.CheckAsync(address, () => (account = _credentials.Find(client.UserName, client.RawPassword)) is not null, client.CancellationToken).ConfigureAwait(false))
        {
            client.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
            _logger.LogWarning("A client at {Remote} was refused by the MQTT broker: {Reason}.", client.RemoteEndPoint,
                string.IsNullOrEmpty(client.UserName) ? "no user name" : "wrong user name or password");
            return;
        }
        var role = Options.Permissions(account!);
        var id = client.ClientId;
        if (string.IsNullOrEmpty(id))
            client.AssignedClientIdentifier = id = $"auto-{Guid.NewGuid():N}";
        // Whoever connects with the id of a session goes on with that session, its queue and its role included.
        if (IsReserved(id, account!.Role) || _owners.GetOrAdd(id, account.User) != account.User)
        {
            client.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            client.ReasonString = "the client id belongs to another account";
            return;
        }
        IDisposable? place = null;
        if (!role.IsOwnPart && (place = _connections.SignIn(account.User, address, out var reason)) is null)
        {
            client.ReasonCode = client.ProtocolVersion == MqttProtocolVersion.V500 ? MqttConnectReasonCode.QuotaExceeded : MqttConnectReasonCode.ServerUnavailable;
            client.ReasonString = reason;
            _logger.LogWarning("The MQTT client '{Client}' of '{User}' at {Remote} was refused: {Reason}.", id, account.User, client.RemoteEndPoint, reason);
            return;
        }
        (client.ChannelAdapter as ClientAdapter)?.SignIn(place, paced: !role.IsOwnPart);
        client.SessionItems[ClientItem] = new Client(id, account.User, role);
        if (role.IsOwnPart)
        {
            var limit = client.ReceiveMaximum is 0 ? MostUnacknowledged : Math.Min((int)client.ReceiveMaximum, MostUnacknowledged);
            _backpressure.Connected(id, limit, fresh: client.CleanSession ?? true);
        }
    }

    private static bool IsReserved(string id, BrokerRole role) => Reserved.Any(r => id.StartsWith(r.Prefix, StringComparison.Ordinal) && !r.Roles.Contains(role));

    private async Task Admit(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        var client = publish.SessionItems[ClientItem] as Client;
        var (code, reason) = Judge(client, message);
        if (code != MqttPubAckReasonCode.Success)
        {
            publish.ProcessPublish = false;
            publish.Response.ReasonCode = code;
            publish.Response.ReasonString = reason;
            Refuse(client, "publish to", message.Topic, reason);
            return;
        }
        await _backpressure.WaitAsync(publish.ClientId, publish.CancellationToken).ConfigureAwait(false);
    }

    private (MqttPubAckReasonCode Code, string Reason) Judge(Client? client, MqttApplicationMessage message)
    {
        if (string.IsNullOrEmpty(message.Topic) || TopicFilters.HasWildcard(message.Topic) || !TopicFilters.IsWellFormed(message.Topic))
            return (MqttPubAckReasonCode.TopicNameInvalid, "that is no topic");
        if (TooLong(message.Topic) is { } tooLong)
            return (MqttPubAckReasonCode.TopicNameInvalid, tooLong);
        if (client?.Role.MayPublish(message.Topic) != true)
            return (MqttPubAckReasonCode.NotAuthorized, $"role {client?.Role.Name} may not publish here");
        if (!message.Retain)
            return default;
        if (!client.Role.Retains)
            return (MqttPubAckReasonCode.NotAuthorized, $"role {client.Role.Name} may not leave retained messages");
        return _retained.HasRoom(message) ? default : (MqttPubAckReasonCode.QuotaExceeded, "the broker keeps no more retained messages");
    }

    private void Admit(InterceptingSubscriptionEventArgs subscription)
    {
        var filter = subscription.TopicFilter.Topic;
        var client = subscription.SessionItems[ClientItem] as Client;
        var (code, reason) = Judge(client, filter);
        if (code == MqttSubscribeReasonCode.GrantedQoS0)
            return;
        subscription.ProcessSubscription = false;
        subscription.Response.ReasonCode = code;
        subscription.ReasonString = reason;
        Refuse(client, "subscribe to", filter, reason);
    }

    private (MqttSubscribeReasonCode Code, string Reason) Judge(Client? client, string? filter)
    {
        if (string.IsNullOrEmpty(filter) || !TopicFilters.IsWellFormed(filter))
            return (MqttSubscribeReasonCode.TopicFilterInvalid, "that is no topic filter");
        if (TooLong(filter) is { } tooLong)
            return (MqttSubscribeReasonCode.TopicFilterInvalid, tooLong);
        if (filter.StartsWith("$share/", StringComparison.Ordinal))
            return (MqttSubscribeReasonCode.SharedSubscriptionsNotSupported, "this broker has no shared subscriptions");
        if (client?.Role.MayRead(filter) != true)
            return (MqttSubscribeReasonCode.NotAuthorized, $"role {client?.Role.Name} may not read all of that: {string.Join(", ", client?.Role.Reads ?? [])}");
        return client.Subscribe(filter, client.Role.IsOwnPart ? int.MaxValue : Options.Limits.Subscriptions)
            ? default
            : (MqttSubscribeReasonCode.QuotaExceeded, $"a client has {Options.Limits.Subscriptions} subscriptions at most");
    }

    private string? TooLong(string topic) =>
        Encoding.UTF8.GetByteCount(topic) > Options.Limits.TopicBytes ? $"a topic has {Options.Limits.TopicBytes} bytes at most" :
        topic.AsSpan().Count('/') >= Options.Limits.TopicLevels ? $"a topic has {Options.Limits.TopicLevels} levels at most" : null;

    /// <summary>Counted; and said, once a client.</summary>
    private void Refuse(Client? client, string what, string? topic, string reason)
    {
        Interlocked.Increment(ref _refused);
        if (client?.IsFirstRefusal() == true)
            _logger.LogWarning("The MQTT client '{Client}' of '{User}' may not {What} '{Topic}': {Reason}. More of its kind are counted only.", client.Id, client.User, what, Shown(topic), reason);
    }

    /// <summary>A stranger's text in a log: short, and on one line.</summary>
    private static string Shown(string? topic) =>
        new([.. (topic ?? "").Take(100).Select(c => char.IsControl(c) ? '?' : c)]);

    private async Task Disconnected(ClientDisconnectedEventArgs client)
    {
        if (client.DisconnectType == MqttClientDisconnectType.Takeover)
            return; // the same client, on a newer connection
        _backpressure.Disconnected(client.ClientId);
        if (_disposed || client.SessionItems[ClientItem] is Client { Role.IsOwnPart: true })
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

    /// <summary>Whom a session belongs to.</summary>
    private sealed class Client(string id, string user, RolePermissions role)
    {
        private readonly HashSet<string> _filters = [];
        private int _refused;

        public string Id => id;

        public string User => user;

        public RolePermissions Role => role;

        public bool IsFirstRefusal() => Interlocked.Exchange(ref _refused, 1) == 0;

        /// <returns>False: that would be one too many.</returns>
        public bool Subscribe(string filter, int most)
        {
            lock (_filters)
                return _filters.Contains(filter) || _filters.Count < most && _filters.Add(filter);
        }

        public void Unsubscribe(string filter)
        {
            lock (_filters)
                _filters.Remove(filter);
        }
    }
}

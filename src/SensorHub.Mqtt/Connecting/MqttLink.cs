using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Exceptions;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Connecting;

/// <summary>
/// A connection to a broker that comes back by itself: connects, says that it is online, subscribes, and does so again
/// after each loss, with growing waits. MQTT 5.
/// </summary>
/// <remarks>
/// Order of use: <c>new</c>, <see cref="Subscribe"/> if it receives, then <see cref="ConnectAsync"/> (the first try must
/// succeed) or <see cref="Start"/> (keeps trying), and <see cref="DisposeAsync"/>.
/// </remarks>
public sealed class MqttLink : IAsyncDisposable
{
    private static readonly MqttClientFactory Factory = new();

    /// <summary>A connection that lasted less was hardly one: what happens to it again and again is not said each time.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(30);

    private readonly MqttLinkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackOff _backOff;
    private readonly CancellationTokenSource _disposed = new();
    private MqttSubscription? _subscription;
    private Task? _loop;
    private volatile Slot _slot = new();
    private volatile string? _fault;
    private int _connections;
    private int _losses; // in a row, each of them soon after the connection was made

    public MqttLink(MqttConnection connection, MqttLinkOptions options, TimeProvider time, ILogger<MqttLink>? logger = null)
    {
        if (options.ClientId.Length is 0 or > 64)
            throw new ArgumentException($"An MQTT client id has 1 to 64 characters, not '{options.ClientId}'.", nameof(options));
        if (options.KeepAlive < TimeSpan.FromSeconds(1) || options.KeepAlive > TimeSpan.FromSeconds(ushort.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(options), options.KeepAlive, "MQTT's keep-alive is 1 s to 65535 s.");
        Connection = connection;
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<MqttLink>.Instance;
        _backOff = new BackOff(options.FirstRetry, options.LongestRetry, new Random(options.JitterSeed ?? options.ClientId.GetHashCode(StringComparison.Ordinal)));
    }

    public MqttConnection Connection { get; }

    public string ClientId => _options.ClientId;

    public bool IsConnected => _slot.Filled.Task.IsCompletedSuccessfully;

    /// <summary>Why there is no connection now, in one line; null while there is one or before the first try.</summary>
    public string? Fault => _fault;

    /// <summary>How often a connection was made.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>What this link is to receive. Once, before connecting; it is renewed at each connect.</summary>
    /// <exception cref="InvalidOperationException">The link has a subscription already, or has been started.</exception>
    public MqttSubscription Subscribe(IEnumerable<string> filters, SubscriptionOptions? options = null)
    {
        if (_loop is not null || _subscription is not null)
            throw new InvalidOperationException("A link has one subscription, made before it connects. Give it all filters, or open another link.");
        return _subscription = new MqttSubscription([.. filters], options ?? new SubscriptionOptions());
    }

    /// <inheritdoc cref="Subscribe(IEnumerable{string}, SubscriptionOptions?)"/>
    public MqttSubscription Subscribe(string filter, SubscriptionOptions? options = null) => Subscribe([filter], options);

    /// <summary>Connects, and from then on stays connected as well as it can.</summary>
    /// <exception cref="MqttLinkException">The first try failed; the message says what to do.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfStarted();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        var first = await OpenAsync(stop.Token).ConfigureAwait(false);
        _loop = Task.Run(() => KeepAsync(first), CancellationToken.None);
    }

    /// <summary>Connects in the background, and tries until it succeeds.</summary>
    public void Start()
    {
        ThrowIfStarted();
        _loop = Task.Run(() => KeepAsync(null), CancellationToken.None);
    }

    /// <summary>Ends when there is a connection.</summary>
    public Task WhenConnectedAsync(CancellationToken cancellationToken = default) => SessionAsync(null, cancellationToken);

    /// <summary>Publishes one message on the present connection, or on the next one if there is none.</summary>
    /// <returns>When the broker has it: acknowledged, or written to the socket if it is sent at most once.</returns>
    /// <exception cref="MqttLinkException">The broker refused the message, or the connection was lost: whether it arrived is not known then.</exception>
    /// <exception cref="OperationCanceledException">Cancelled: whether it arrived is not known then either.</exception>
    public async Task PublishAsync(MqttApplicationMessage message, CancellationToken cancellationToken = default)
    {
        var session = await SessionAsync(null, cancellationToken).ConfigureAwait(false);
        MqttClientPublishResult result;
        try
        {
            result = await session.Client.PublishAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (Session.IsLoss(e) && !cancellationToken.IsCancellationRequested)
        {
            throw MqttLinkException.From(Connection, e);
        }
        catch (Exception e) when (Session.IsLoss(e) && e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken); // MQTTnet calls it a time-out when it is cancelled while it waits for the answer
        }
        if (!result.IsSuccess)
            throw new MqttLinkException($"The MQTT broker at {Connection.Host}:{Connection.Port} refuses messages on {message.Topic} ({result.ReasonCode}).");
    }

    /// <summary>The present connection, or the next one.</summary>
    /// <param name="lost">A connection that is known to be gone, even if the link has not noticed yet.</param>
    internal async Task<Session> SessionAsync(Session? lost, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        while (true)
        {
            var slot = _slot;
            var session = await slot.Filled.Task.WaitAsync(stop.Token).ConfigureAwait(false);
            if (session != lost)
                return session;
            await slot.Emptied.Task.WaitAsync(stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Says offline, leaves, and ends the subscription.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed.IsCancellationRequested)
            return;
        await _disposed.CancelAsync().ConfigureAwait(false);
        if (_loop is not null)
            await _loop.ConfigureAwait(false);
        _subscription?.Complete();
    }

    /// <summary>The 1st, 2nd, 4th, 8th … loss in a row, and what follows it: heard, and not a flood.</summary>
    private bool IsSaid => _losses == 0 || int.IsPow2(_losses);

    private void ThrowIfStarted()
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        if (_loop is not null)
            throw new InvalidOperationException("The link has been started already.");
    }

    /// <summary>Owns the connection until the link is disposed.</summary>
    private async Task KeepAsync(Session? session)
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                session ??= await OpenAsync(_disposed.Token).ConfigureAwait(false);
                _backOff.Reset();
                var made = _time.GetTimestamp();
                var reason = await session.Lost.WaitAsync(_disposed.Token).ConfigureAwait(false);
                _fault = $"The connection to the MQTT broker at {Connection.Host}:{Connection.Port} was lost: {reason}.";
                var emptied = _slot;
                _slot = new Slot();
                emptied.Emptied.TrySetResult();
                _losses = _time.GetElapsedTime(made) < Brief ? _losses + 1 : 1;
                if (_losses == 1)
                    _logger.LogWarning("{Fault} Reconnecting.", _fault);
                else if (IsSaid)
                    _logger.LogWarning("{Fault} It comes back and is lost again: {Losses} times so far.", _fault, _losses);
            }
            catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
            {
                break;
            }
            catch (MqttLinkException e)
            {
                if (_fault != e.Message && IsSaid)
                    _logger.LogWarning("{Fault} Trying again.", e.Message);
                _fault = e.Message;
            }
            session?.Client.Dispose();
            session = null;
            try
            {
                await Task.Delay(_backOff.Next(), _time, _disposed.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        if (session is not null)
            await LeaveAsync(session).ConfigureAwait(false);
    }

    private async Task<Session> OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var inflow = _subscription is null ? null : new Inflow(_subscription);
        var client = Factory.CreateMqttClient(new BufferedChannel.AdapterFactory(inflow));
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            lost.TrySetResult(e.Exception?.GetBaseException().Message.TrimEnd('.') ?? e.ReasonString ?? e.Reason.ToString());
            return Task.CompletedTask;
        };
        if (inflow is not null)
            client.ApplicationMessageReceivedAsync += inflow.DeliverAsync;
        var tls = new Tls(Connection, _time);
        int window;
        try
        {
            var result = await client.ConnectAsync(ClientOptions.For(Connection, _options, _subscription?.Options, tls), stop.Token).ConfigureAwait(false);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
                throw MqttLinkException.From(Connection, result);
            window = result.ReceiveMaximum is { } maximum and > 0 ? maximum : ushort.MaxValue;
            if (inflow is not null)
                await ReceiveAsync(client, result, inflow, lost, stop.Token).ConfigureAwait(false);
            if (_options.Presence is { } presence)
                await client.PublishAsync(presence(true), stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            client.Dispose();
            if (e is MqttLinkException || cancellationToken.IsCancellationRequested)
                throw;
            throw tls.Fault is { } fault
                ? new MqttLinkException($"The MQTT broker at {Connection.Host}:{Connection.Port} is not trusted: {fault}", e)
                : MqttLinkException.From(Connection, timeout.IsCancellationRequested ? new TimeoutException(e.Message, e) : e, tls.Trusted);
        }
        Interlocked.Increment(ref _connections);
        _fault = null;
        var session = new Session(client, window, lost.Task);
        _slot.Filled.TrySetResult(session);
        if (IsSaid)
            _logger.LogInformation("Connected to {Broker} as {Client}.", Connection, _options.ClientId);
        return session;
    }

    private async Task ReceiveAsync(IMqttClient client, MqttClientConnectResult broker, Inflow inflow, TaskCompletionSource<string> lost, CancellationToken cancellationToken)
    {
        if (!broker.IsSessionPresent)
        {
            await SubscribeAsync(client, broker, cancellationToken).ConfigureAwait(false);
            inflow.Regulate();
            return;
        }
        _subscription!.Resume(inflow);
        inflow.Regulate();
        // The broker kept the subscription, and its answer comes behind what waited for it: where that is held up, the answer is not waited for.
        var subscribing = SubscribeAsync(client, broker, _disposed.Token);
        if (await Task.WhenAny(subscribing, inflow.Held).WaitAsync(cancellationToken).ConfigureAwait(false) == subscribing)
            await subscribing.ConfigureAwait(false);
        else
            _ = subscribing.ContinueWith(
                s => lost.TrySetResult(s.Exception!.GetBaseException().Message.TrimEnd('.')), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private async Task SubscribeAsync(IMqttClient client, MqttClientConnectResult broker, CancellationToken cancellationToken)
    {
        var subscribe = new MqttClientSubscribeOptions();
        foreach (var filter in _subscription!.Filters)
        {
            if (!broker.SharedSubscriptionAvailable && filter.StartsWith("$share/", StringComparison.Ordinal))
                throw new MqttLinkException($"The MQTT broker at {Connection.Host}:{Connection.Port} has no shared subscriptions: run a single worker, or use a broker that has them, such as mosquitto.");
            subscribe.TopicFilters.Add(new MQTTnet.Packets.MqttTopicFilter { Topic = filter, QualityOfServiceLevel = MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce });
        }
        var result = await client.SubscribeAsync(subscribe, cancellationToken).ConfigureAwait(false);
        foreach (var item in result.Items)
            if (item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)
                throw new MqttLinkException($"The MQTT broker at {Connection.Host}:{Connection.Port} refuses the subscription to {item.TopicFilter.Topic} ({item.ResultCode}): check what user '{Connection.User}' may read.");
    }

    private async Task LeaveAsync(Session session)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        try
        {
            if (_options.Presence is { } presence)
                await session.Client.PublishAsync(presence(false), timeout.Token).ConfigureAwait(false);
            await session.Client.DisconnectAsync(
                new MqttClientDisconnectOptions { SessionExpiryInterval = (uint)_options.SessionExpiry.TotalSeconds }, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (Session.IsLoss(e))
        {
            _logger.LogDebug(e, "Leaving without a word: the connection is gone.");
        }
        session.Client.Dispose();
    }

    /// <summary>Where a connection is waited for: filled by the connection, emptied by its loss.</summary>
    private sealed class Slot
    {
        public TaskCompletionSource<Session> Filled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Emptied { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>One connection. It is not reused: the next one has a client of its own.</summary>
/// <param name="Window">Messages that the broker takes ahead of its acknowledgements.</param>
/// <param name="Lost">Ends with the reason when the connection is gone.</param>
internal sealed record Session(IMqttClient Client, int Window, Task<string> Lost)
{
    /// <summary>Whether the exception of an operation means that the connection is gone.</summary>
    /// <remarks>MQTTnet 5.2 dereferences what it has cleaned up already when an operation meets a disconnect.</remarks>
    public static bool IsLoss(Exception e) =>
        e is MqttCommunicationException or OperationCanceledException or ObjectDisposedException or NullReferenceException or SocketException or IOException;
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Storage.Bridging;

/// <summary>What a worker is at its broker.</summary>
public sealed record WorkerOptions
{
    /// <summary>
    /// How long the broker keeps what could not be delivered, while a worker that has its subscription to itself is away:
    /// a long weekend, and a day to notice.
    /// </summary>
    public static readonly TimeSpan SessionExpiry = TimeSpan.FromDays(7);

    /// <summary>Tells workers apart: the client id is <c>sensorhub-bridge-&lt;output&gt;-&lt;name&gt;</c>. The same after a restart, so that what waited is delivered.</summary>
    public required Slug Name { get; init; }

    /// <summary>
    /// The group that shares one subscription, each message going to one of its workers; none: all messages go to this one.
    /// </summary>
    /// <remarks>
    /// A session in a group ends with its connection. mosquitto (to 2.1) gives a group's messages to its members in turn,
    /// whether they are there or not, and drops what waits for a member whose session ends. If the session outlived the
    /// connection, a worker that died would hold its share of everything until then; so nothing is given to one that is
    /// away, and what it had in hand is sent again by the hubs, which have not heard that it is stored.
    /// </remarks>
    public Slug Group { get; init; }

    /// <summary>The hub whose messages are stored, and which <see cref="BridgeWorker.AllAsync"/> waits for; none = every hub's.</summary>
    public Slug Hub { get; init; }

    /// <summary>Whether a broker that cannot be used at the start, for this reason, is waited for. None is, unless told otherwise.</summary>
    public Func<MqttLinkException, bool> MayWait { get; init; } = _ => false;
}

/// <summary>A <see cref="Bridge"/> with a connection of its own.</summary>
public sealed class BridgeWorker : IAsyncDisposable
{
    private readonly MqttLink _link;
    private readonly CancellationTokenSource _stop = new();
    private readonly Bridge _bridge;
    private readonly Delivery? _delivery;

    private BridgeWorker(MqttConnection broker, Slug id, IPointOutput output, Quarantine quarantine, WorkerOptions worker, BridgeOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _bridge = new Bridge(id, output, quarantine, options, time, loggers.CreateLogger<Bridge>()) { Confirm = ConfirmAsync };
        _link = new MqttLink(
            broker,
            new MqttLinkOptions { ClientId = $"sensorhub-bridge-{id}-{worker.Name}", SessionExpiry = worker.Group.IsNone ? WorkerOptions.SessionExpiry : TimeSpan.Zero },
            time, loggers.CreateLogger<MqttLink>());
        var topics = worker.Hub.IsNone ? Bridge.Topics : Bridge.TopicsOf(worker.Hub);
        var filters = worker.Group.IsNone ? topics : topics.Select(filter => Mqtt.Contract.Topics.Shared(worker.Group, filter));
        if (!worker.Hub.IsNone)
            filters = filters.Append(Mqtt.Contract.Topics.Delivered(worker.Hub));
        Messages = _link.Subscribe(filters, new SubscriptionOptions { Capacity = options.Capacity, ManualAcknowledgement = true });
        if (!worker.Hub.IsNone)
            _delivery = new Delivery(worker.Hub, Messages.Messages);
    }

    public BridgeStatus Status => _bridge.Status;

    /// <summary>To the broker.</summary>
    public MqttLink Link => _link;

    /// <summary>Ends when the bridge has, with its exception if it failed.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    private MqttSubscription Messages { get; }

    /// <summary>Connects and begins.</summary>
    /// <param name="id"><see cref="Bridge.Store"/> or <see cref="Bridge.Influx"/>.</param>
    /// <param name="output">Stays the caller's to dispose, after the worker. It may be away.</param>
    /// <exception cref="MqttLinkException">The broker cannot be reached, or refuses, and is not waited for.</exception>
    /// <exception cref="UserException">The options are not valid.</exception>
    public static async Task<BridgeWorker> StartAsync(
        MqttConnection broker, Slug id, IPointOutput output, Quarantine quarantine, WorkerOptions worker, BridgeOptions options, TimeProvider time, ILoggerFactory? loggers, CancellationToken cancellationToken)
    {
        var started = new BridgeWorker(broker, id, output, quarantine, worker, options, time, loggers ?? NullLoggerFactory.Instance);
        try
        {
            await started._link.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MqttLinkException e) when (worker.MayWait(e))
        {
            started._link.Start();
        }
        catch
        {
            await started.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        started.Running = Task.Run(() => started._bridge.RunAsync(started._delivery ?? started.Messages.Messages, started._stop.Token), CancellationToken.None);
        return started;
    }

    /// <summary>Ends when all that the hub of <see cref="WorkerOptions.Hub"/> published before over this link is stored. It may never, while the output is away.</summary>
    /// <exception cref="MqttLinkException">The broker was lost meanwhile.</exception>
    public async Task AllAsync(MqttLink publisher, CancellationToken cancellationToken)
    {
        if (_delivery is null)
            throw new InvalidOperationException("The worker was not told which hub to wait for.");
        await _delivery.AllAsync(publisher, cancellationToken).ConfigureAwait(false);
        await _bridge.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores what has come, says so, and leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await Running.ConfigureAwait(false);
        }
        finally
        {
            await _link.DisposeAsync().ConfigureAwait(false);
            _stop.Dispose();
        }
    }

    /// <summary>Not on a later connection: there the broker may deliver again what was acknowledged on the one that was lost.</summary>
    private Task ConfirmAsync(MqttApplicationMessage message, CancellationToken cancellationToken) => _link.IsConnected
        ? _link.PublishAsync(message, cancellationToken)
        : throw new MqttLinkException("The connection is gone.");
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>
/// The Bluetooth of Linux: BlueZ, over D-Bus. The bus is opened with the first operation, and again with the next one
/// after it was lost, as is everything after bluetoothd was started anew. Addresses are those of the radio.
/// </summary>
public sealed class BlueZCentral(BlueZOptions options) : ICentral, IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _opening = new(1);
    private readonly SemaphoreSlim _connecting = new(1); // the kernel makes one LE connection at a time
    private BlueZSession? _session;

    public async IAsyncEnumerable<Advertisement> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (session, adapter) = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        // A reader that is too slow misses old ones: the next are coming.
        var heard = Channel.CreateBounded<Advertisement>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest });
        void Look(ObjectChange change)
        {
            if (change.Kind == ChangeKind.Gone)
                heard.Writer.TryComplete(new RadioException(BlueZTrouble.NotRunning));
            else if (change.Kind == ChangeKind.Removed && change.Interface == Names.Adapter && change.Path == adapter)
                heard.Writer.TryComplete(new RadioException(BlueZTrouble.NoAdapter));
            else if (IsHeard(change) && AdvertisementOf(session, adapter, change.Path) is { } advertisement)
                heard.Writer.TryWrite(advertisement);
        }
        session.Changed += Look;
        try
        {
            // One that is connected does not advertise: a hub that was killed has left its links behind, and is to find them.
            foreach (var device in session.Objects.All(Names.Device))
                if ((session.Objects.Has(device, Names.Device, "RSSI") || session.Objects.Find<bool>(device, Names.Device, "Connected")) && AdvertisementOf(session, adapter, device) is { } advertisement)
                    heard.Writer.TryWrite(advertisement);
            var discovering = await RunAsync(() => session.DiscoveryOf(adapter).WantAsync(cancellationToken), "the search for sensors").ConfigureAwait(false);
            await using (discovering.ConfigureAwait(false))
                await foreach (var advertisement in heard.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                    yield return advertisement;
        }
        finally
        {
            session.Changed -= Look;
        }
    }

    public async Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        var (session, adapter) = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        var device = PathOf(adapter, address);
        await FindAsync(session, adapter, device, cancellationToken).ConfigureAwait(false);
        var connection = new BlueZConnection(session, adapter, device, options);
        try
        {
            await ConnectAsync(session, adapter, connection, cancellationToken).ConfigureAwait(false);
            await connection.ResolveAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task ForgetAsync(string address, CancellationToken cancellationToken)
    {
        var (session, adapter) = await ReadyAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await session.CallAsync(adapter, Names.Adapter, "RemoveDevice", BusBody.Of("o", new ObjectPath(PathOf(adapter, address))), Soon, cancellationToken).ConfigureAwait(false);
        }
        catch (BusErrorException e) when (e.Kind() is "DoesNotExist" or "UnknownObject")
        {
        }
        catch (BusErrorException e)
        {
            throw BlueZTrouble.Of(e, "forgetting the sensor", options);
        }
    }

    public async Task PowerCycleAsync(CancellationToken cancellationToken)
    {
        var session = await SessionAsync(cancellationToken).ConfigureAwait(false);
        var adapter = BlueZDoctor.AdapterOf(session.Objects, options);
        await SwitchAsync(session, adapter, on: false, cancellationToken).ConfigureAwait(false);
        await Task.Delay(options.OffTime, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        await SwitchAsync(session, adapter, on: true, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        if (_session is { } session)
            await session.DisposeAsync().ConfigureAwait(false);
        _session = null;
        _opening.Release();
    }

    /// <summary>The bus, BlueZ on it and a powered adapter, or the reason why not.</summary>
    private async Task<(BlueZSession Session, string Adapter)> ReadyAsync(CancellationToken cancellationToken)
    {
        var session = await SessionAsync(cancellationToken).ConfigureAwait(false);
        var adapter = BlueZDoctor.AdapterOf(session.Objects, options);
        if (!session.Objects.Find<bool>(adapter, Names.Adapter, "Powered"))
            await SwitchAsync(session, adapter, on: true, cancellationToken).ConfigureAwait(false);
        return (session, adapter);
    }

    private async Task<BlueZSession> SessionAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_session is null || _session.Bus.Closed.IsCompleted)
                _session = await BlueZSession.OpenAsync(options).ConfigureAwait(false);
            await _session.LoadAsync(cancellationToken).ConfigureAwait(false);
            return _session;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task SwitchAsync(BlueZSession session, string adapter, bool on, CancellationToken cancellationToken)
    {
        bool Is() => session.Objects.Find<bool>(adapter, Names.Adapter, "Powered") == on;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await session.SetAsync(adapter, Names.Adapter, "Powered", on, Soon, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (BusErrorException e) when (e.Kind() is "Busy" or "InProgress" && attempt < 10)
            {
                await Task.Delay(RetryAfter, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (BusErrorException e)
            {
                throw BlueZTrouble.OfRadio(e, options) ?? new RadioException(BlueZTrouble.BlockedBy(options) ?? BlueZTrouble.CannotPowerOn, e);
            }
        }
        if (!await session.UntilAsync(Is, Soon, cancellationToken).ConfigureAwait(false))
            throw new RadioException(BlueZTrouble.BlockedBy(options) ?? BlueZTrouble.CannotPowerOn);
    }

    /// <summary>BlueZ connects only to what it knows, and forgets after half a minute what it only heard.</summary>
    private async Task FindAsync(BlueZSession session, string adapter, string device, CancellationToken cancellationToken)
    {
        if (session.Objects.Has(device, Names.Device))
            return;
        var discovering = await RunAsync(() => session.DiscoveryOf(adapter).WantAsync(cancellationToken), "the search for the sensor").ConfigureAwait(false);
        await using (discovering.ConfigureAwait(false))
            if (!await session.UntilAsync(() => session.Objects.Has(device, Names.Device), options.ConnectTimeout, cancellationToken).ConfigureAwait(false))
                throw NoAnswer(null);
    }

    private async Task ConnectAsync(BlueZSession session, string adapter, BlueZConnection connection, CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var quiet = await RunAsync(() => session.DiscoveryOf(adapter).HoldAsync(cancellationToken), "the connection").ConfigureAwait(false);
            await using (quiet.ConfigureAwait(false))
                await ConnectAsync(session, connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task ConnectAsync(BlueZSession session, BlueZConnection connection, CancellationToken cancellationToken)
    {
        var device = connection.Device;
        var start = options.TimeProvider.GetTimestamp();
        TimeSpan Left() => options.ConnectTimeout - options.TimeProvider.GetElapsedTime(start);
        for (var again = true; ;)
        {
            try
            {
                await session.CallAsync(device, Names.Device, "Connect", default, TimeSpan.FromMilliseconds(Math.Max(100, Left().TotalMilliseconds)), _ => connection.Watch(), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException)
            {
                await GiveUpAsync(session, device).ConfigureAwait(false);
                throw;
            }
            catch (BusErrorException e) when (e.Kind() == "AlreadyConnected")
            {
                connection.Watch();
                return;
            }
            catch (BusErrorException e) when (e.Kind() == "InProgress" && Left() > TimeSpan.Zero)
            {
                await Task.Delay(RetryAfter, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (BusErrorException e) when (again && IsPassing(e) && Left() > options.ConnectTimeout / 2)
            {
                again = false;
                await Task.Delay(RetryAfter, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (BusErrorException e)
            {
                await GiveUpAsync(session, device).ConfigureAwait(false);
                throw BlueZTrouble.OfRadio(e, options) ?? (IsPassing(e) || e.IsTimeout || e.Kind() is "InProgress" or "UnknownObject" or "DoesNotExist"
                    ? NoAnswer(e)
                    : BlueZTrouble.Of(e, "the connection", options));
            }
        }
    }

    /// <summary>What a second attempt often mends: the link broke while it was made, or the controller was busy.</summary>
    private static bool IsPassing(BusErrorException e) =>
        e.Kind() is "Failed" or "ConnectionAttemptFailed" or "NotAvailable" && !e.Message.Contains("Not Powered", StringComparison.OrdinalIgnoreCase);

    /// <summary>A connection that BlueZ still tries to make is not to come up later unnoticed.</summary>
    private static async Task GiveUpAsync(BlueZSession session, string device)
    {
        try
        {
            await session.CallAsync(device, Names.Device, "Disconnect", default, Soon, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BusErrorException or LinkException)
        {
        }
    }

    private LinkException NoAnswer(Exception? inner)
    {
        var text = $"The sensor did not answer within {options.ConnectTimeout.TotalSeconds:0} s. Is it switched on, charged and near, and not connected to another hub?";
        return inner is null ? new LinkException(text) : new LinkException(text, inner);
    }

    private async Task<T> RunAsync<T>(Func<Task<T>> operation, string what)
    {
        try
        {
            return await operation().ConfigureAwait(false);
        }
        catch (BusErrorException e)
        {
            throw BlueZTrouble.OfRadio(e, options) ?? new RadioException($"Bluetooth could not start {what}: sudo systemctl restart bluetooth", BlueZTrouble.Of(e, what, options));
        }
    }

    private static bool IsHeard(ObjectChange change) => change.Interface == Names.Device && change.Kind switch
    {
        ChangeKind.Added => true,
        ChangeKind.Changed => change.Properties.ContainsKey("RSSI") || change.Properties.ContainsKey("ManufacturerData")
            || change.Properties.ContainsKey("ServiceData") || change.Properties.ContainsKey("AdvertisingData"),
        _ => false,
    };

    /// <summary>Null for a device that is not a sensor of ours, or another adapter's.</summary>
    private static Advertisement? AdvertisementOf(BlueZSession session, string adapter, string device)
    {
        var objects = session.Objects;
        if (!new ObjectPath(device).IsUnder(adapter) || objects.Find<List<object>>(device, Names.Device, "UUIDs") is not { } services)
            return null;
        if (!services.Exists(uuid => uuid is string text && Guid.TryParse(text, out var service) && service == Gatt.Service))
            return null;
        if (objects.Find<string>(device, Names.Device, "Address") is not { Length: > 0 } address)
            return null;
        int? rssi = objects.Has(device, Names.Device, "RSSI") && objects.Find<short>(device, Names.Device, "RSSI") is var value && value is > -127 and < 127 and not 0 ? value : null;
        return new Advertisement(address, objects.Find<string>(device, Names.Device, "Name") ?? "", rssi);
    }

    /// <summary>BlueZ's path of a device is made of its address; a path is taken as it is.</summary>
    private static string PathOf(string adapter, string address) =>
        address.StartsWith('/') ? address : $"{adapter}/dev_{address.ToUpperInvariant().Replace(':', '_')}";
}

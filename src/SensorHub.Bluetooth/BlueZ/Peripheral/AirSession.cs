using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>A virtual sensor registered with one bluetoothd, until that goes away or this is cancelled.</summary>
internal sealed class AirSession(BusConnection bus, LivePeripheral sensor, AirOptions options, TimeProvider time, Action<string> say)
{
    private const string Bluez = "org.bluez";
    private const string AdapterInterface = "org.bluez.Adapter1";
    private const string DeviceInterface = "org.bluez.Device1";
    private const string GattManager = "org.bluez.GattManager1";
    private const string AdvertisingManager = "org.bluez.LEAdvertisingManager1";
    private const string PropertiesInterface = "org.freedesktop.DBus.Properties";

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AdvertisingCheck = TimeSpan.FromMilliseconds(200);

    /// <summary>Who connects looks round before it asks for a value. So long it is not disturbed by a new advertisement.</summary>
    private static readonly TimeSpan LookingRound = TimeSpan.FromSeconds(10);

    private const long Never = long.MinValue;

    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _adapter = $"/org/bluez/{options.Adapter}";
    private readonly Advertiser _advertiser = new(bus, $"/org/bluez/{options.Adapter}", sensor.Name, options.AdvertiseAgain, time);
    private long _connectedAt = Never;
    private volatile bool _isOff;
    private string? _trouble;

    /// <param name="began">Called once it is on the air.</param>
    /// <exception cref="RadioException">It cannot begin, or bluetoothd or the adapter went away.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left behind.</exception>
    public async Task RunAsync(Action began, CancellationToken cancellationToken)
    {
        using var objects = bus.Serve(GattApplication.Path, Serve(new GattApplication(sensor)));
        using var properties = await bus.MatchAsync($"type='signal',sender='{Bluez}',interface='{PropertiesInterface}',member='PropertiesChanged',path_namespace='{_adapter}'", OnProperties);
        using var removed = await bus.MatchAsync($"type='signal',sender='{Bluez}',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesRemoved'", OnRemoved);
        using var owner = await bus.MatchAsync($"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{Bluez}'", OnOwner);
        try
        {
            await PrepareAdapterAsync(cancellationToken);
            await RegisterAsync(cancellationToken);
        }
        catch (BusErrorException e)
        {
            throw AirTrouble.From(e, options.Adapter);
        }
        say($"Advertising as \"{sensor.Name}\" on {options.Adapter}. Ctrl-C ends it.");
        began();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = new[] { PumpAsync(stop.Token), AdvertiseAsync(stop.Token) };
        try
        {
            await Task.WhenAny([.. work, _ended.Task, bus.Closed]).Unwrap();
            throw new RadioException(_ended.Task.IsCompleted ? await _ended.Task : "The system's message bus (D-Bus) is gone. Waiting for it.");
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (sensor.Hub is { } hub)
                sensor.Leave(hub);
            if (cancellationToken.IsCancellationRequested)
                await WithdrawAsync();
        }
    }

    private Func<BusMessage, Task<BusBody?>> Serve(GattApplication application) => call => Task.FromResult(call.Path switch
    {
        Advertiser.Path => _advertiser.Answer(call),
        JustWorksAgent.Path => JustWorksAgent.Answer(call),
        _ => application.Answer(call),
    });

    private async Task PrepareAdapterAsync(CancellationToken cancellationToken)
    {
        var answer = await bus.CallAsync(Bluez, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", cancellationToken: cancellationToken);
        var objects = answer.Value<BusDictionary>(0);
        var adapters = objects.Where(o => o.Value is BusDictionary interfaces && interfaces.ContainsKey(AdapterInterface)).Select(o => ((ObjectPath)o.Key).Path).ToArray();
        if (objects.Find<BusDictionary>(new ObjectPath(_adapter)) is not { } adapter || !adapter.ContainsKey(AdapterInterface))
            throw AirTrouble.NoAdapter(options.Adapter, adapters);
        if (!adapter.ContainsKey(GattManager) || adapter.Find<BusDictionary>(AdvertisingManager) is not { } advertising)
            throw new RadioException($"{options.Adapter} cannot advertise: it takes an adapter with Bluetooth 4.0 Low Energy and the peripheral role.");
        if (advertising.Find<byte>("SupportedInstances") == 0)
            throw AirTrouble.Occupied(options.Adapter, advertising.Find<byte>("ActiveInstances"));
        if (!adapter.Find<BusDictionary>(AdapterInterface)!.Find<bool>("Powered"))
            await SetAsync("Powered", cancellationToken);
        await SetAsync("Pairable", cancellationToken);
    }

    private Task<BusMessage> SetAsync(string property, CancellationToken cancellationToken) =>
        bus.CallAsync(Bluez, _adapter, PropertiesInterface, "Set", BusBody.Of("ssv", AdapterInterface, property, (Variant)true), cancellationToken: cancellationToken);

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        await JustWorksAgent.RegisterAsync(bus, cancellationToken);
        await bus.CallAsync(Bluez, _adapter, GattManager, "RegisterApplication",
            BusBody.Of("oa{sv}", new ObjectPath(GattApplication.Path), new Dictionary<string, Variant>()), cancellationToken: cancellationToken);
        await _advertiser.EnsureAsync(advertising: true, cancellationToken);
    }

    /// <summary>BlueZ also forgets what an application registered when that leaves the bus; this is for those who look meanwhile.</summary>
    private async Task WithdrawAsync()
    {
        try
        {
            await _advertiser.WithdrawAsync(CancellationToken.None);
            await bus.CallAsync(Bluez, _adapter, GattManager, "UnregisterApplication", BusBody.Of("o", new ObjectPath(GattApplication.Path)));
        }
        catch (Exception e) when (e is BusErrorException or RadioException)
        {
            // bluetoothd is on its way out as well
        }
    }

    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        using var turns = new PeriodicTimer(Turn, time);
        while (await turns.WaitForNextTickAsync(cancellationToken))
            sensor.Pump();
    }

    private async Task AdvertiseAsync(CancellationToken cancellationToken)
    {
        using var checks = new PeriodicTimer(AdvertisingCheck, time);
        while (await checks.WaitForNextTickAsync(cancellationToken))
        {
            if (_isOff || Volatile.Read(ref _connectedAt) is not Never and var at && sensor.Hub is null && time.GetElapsedTime(at) < LookingRound)
                continue;
            try
            {
                await _advertiser.EnsureAsync(advertising: sensor.Hub is null, cancellationToken);
                _trouble = null;
            }
            catch (BusErrorException e)
            {
                var trouble = AirTrouble.From(e, options.Adapter).Message;
                if (trouble != _trouble)
                    say($"{trouble} Trying on.");
                _trouble = trouble;
            }
        }
    }

    private void OnProperties(BusMessage signal)
    {
        if (signal.Values is not [string changedInterface, BusDictionary changed, ..])
            return;
        if (changedInterface == DeviceInterface && changed.ContainsKey("Connected"))
        {
            var connected = changed.Find<bool>("Connected");
            Volatile.Write(ref _connectedAt, connected ? time.GetTimestamp() : Never);
            if (!connected)
                sensor.Leave(signal.Path);
        }
        else if (changedInterface == AdapterInterface && changed.ContainsKey("Powered"))
        {
            _isOff = !changed.Find<bool>("Powered");
            _advertiser.Forget();
            say(_isOff ? $"{options.Adapter} was switched off. Waiting for it." : $"{options.Adapter} is on again.");
        }
    }

    private void OnRemoved(BusMessage signal)
    {
        if (signal.Values is not [ObjectPath path, ..])
            return;
        if (path.Path == _adapter)
            _ended.TrySetResult($"{options.Adapter} was unplugged. Waiting for it.");
        else
            sensor.Leave(path.Path);
    }

    private void OnOwner(BusMessage signal)
    {
        if (signal.Values is [_, _, ""])
            _ended.TrySetResult("bluetoothd is gone. Waiting for it.");
    }
}

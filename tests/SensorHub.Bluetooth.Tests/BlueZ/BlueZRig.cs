using SensorHub.Bluetooth.BlueZ;
using SensorHub.Core.Protocol;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>A bus, a fake bluetoothd on it with one adapter, and the hub's central.</summary>
internal sealed class BlueZRig : IAsyncDisposable
{
    private BlueZRig(DBusDaemon bus, FakeBluetoothd daemon, FakeAdapter adapter, BlueZOptions options) =>
        (Bus, Daemon, Adapter, Options, Central) = (bus, daemon, adapter, options, new BlueZCentral(options));

    public DBusDaemon Bus { get; }

    public FakeBluetoothd Daemon { get; }

    public FakeAdapter Adapter { get; }

    public BlueZOptions Options { get; }

    public BlueZCentral Central { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="policy">Rules of the bus, for no permission.</param>
    public static async Task<BlueZRig> StartAsync(Func<BlueZOptions, BlueZOptions>? change = null, string policy = "")
    {
        var bus = await DBusDaemon.StartAsync(policy);
        var daemon = await FakeBluetoothd.StartAsync(bus.Address);
        return new BlueZRig(bus, daemon, daemon.AddAdapter(), (change ?? (o => o))(OptionsOf(bus)));
    }

    /// <summary>Patience for tests: long enough for a slow machine where it is to work, short where it is not.</summary>
    public static BlueZOptions OptionsOf(DBusDaemon bus) => new()
    {
        BusAddress = bus.Address,
        OffTime = TimeSpan.FromMilliseconds(50),
        RfkillFolder = "/nowhere",
    };

    /// <summary>The first sensor that is heard.</summary>
    public async Task<Advertisement> HearAsync()
    {
        await foreach (var advertisement in Central.ScanAsync(Cancel))
            return advertisement;
        throw new InvalidOperationException("The scan ended.");
    }

    /// <summary>The same, while the central is still to learn that the radio can be used again.</summary>
    public async Task<Advertisement> HearSoonAsync()
    {
        Advertisement? heard = null;
        await UntilAsync(async () =>
        {
            try
            {
                heard = await HearAsync();
            }
            catch (RadioException)
            {
            }
            return heard is not null;
        }, "a sensor is heard");
        return heard!;
    }

    public Task<IConnection> ConnectAsync(FakeSensor sensor) => Central.ConnectAsync(sensor.Address, Cancel);

    /// <summary>Connects, encrypts and subscribes to everything.</summary>
    public async Task<SensorEnd> OpenAsync(FakeSensor sensor)
    {
        var connection = await ConnectAsync(sensor);
        await connection.EncryptAsync(Cancel);
        var end = new SensorEnd(connection);
        await connection.SubscribeAsync(Profile.Control, end.Responses.Add, Cancel);
        await connection.SubscribeAsync(Profile.Data, end.Frames.Add, Cancel);
        await connection.SubscribeAsync(Profile.Backlog, end.Frames.Add, Cancel);
        return end;
    }

    /// <summary>Waits for what other threads do; a test that waits in vain fails.</summary>
    public static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var time = TimeProvider.System;
        for (var start = time.GetTimestamp(); !await holds(); await Task.Delay(TimeSpan.FromMilliseconds(5), time, Cancel))
            Assert.True(time.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"It did not come to this: {what}.");
    }

    public async ValueTask DisposeAsync()
    {
        await Central.DisposeAsync();
        await Daemon.DisposeAsync();
        await Bus.DisposeAsync();
    }
}

/// <summary>A connection that is subscribed to everything, and what came.</summary>
internal sealed class SensorEnd(IConnection connection) : IAsyncDisposable
{
    public IConnection Connection => connection;

    public Arrivals Responses { get; } = new();

    public Arrivals Frames { get; } = new();

    /// <summary>Starts the first IMU stream.</summary>
    public Task StartAsync() => connection.WriteAsync(
        Profile.Control, ControlCodec.Encode(new ControlRequest.Start(1, 10_000, 20)), withResponse: true, BlueZRig.Cancel);

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}

/// <summary>Values in the order in which they came.</summary>
internal sealed class Arrivals
{
    private readonly List<byte[]> _values = [];

    public void Add(ReadOnlyMemory<byte> value)
    {
        lock (_values)
            _values.Add(value.ToArray());
    }

    public int Count
    {
        get
        {
            lock (_values)
                return _values.Count;
        }
    }

    public IReadOnlyList<byte[]> All
    {
        get
        {
            lock (_values)
                return [.. _values];
        }
    }

    public Task UntilAsync(int count) => BlueZRig.UntilAsync(() => Count >= count, $"{count} values");
}

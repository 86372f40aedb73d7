using System.Collections.Concurrent;
using System.Net.Sockets;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.Tests.BlueZ.Peripheral;

/// <summary>
/// The side of bluetoothd that GATT applications see: it takes registrations on hci1, and plays a hub's requests as bluetoothd
/// passes them on.
/// </summary>
internal sealed class Bluetoothd(string busAddress) : IAsyncDisposable
{
    public const string Adapter = "/org/bluez/hci1";

    private BusConnection? _bus;
    private IDisposable? _served;
    private string _application = "";

    public ConcurrentQueue<string> Calls { get; } = new();

    public byte SupportedInstances { get; init; } = 4;

    /// <summary>The error that registering an advertisement ends with.</summary>
    public string? AdvertisingError { get; set; }

    public BusDictionary? Advertisement { get; private set; }

    public string AgentCapability { get; private set; } = "";

    public async Task StartAsync()
    {
        _bus = await BusConnection.OpenAsync(busAddress);
        _served = _bus.Serve("/", AnswerAsync);
        await _bus.RequestNameAsync("org.bluez");
    }

    /// <summary>bluetoothd crashes.</summary>
    public async Task StopAsync()
    {
        _served?.Dispose();
        if (_bus is not null)
            await _bus.DisposeAsync();
        _bus = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    public async Task<Dictionary<string, BusDictionary>> ObjectsAsync()
    {
        var answer = await _bus!.CallAsync(_application, "/org/sensorhub/sensor", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        return answer.Value<BusDictionary>(0).ToDictionary(o => ((ObjectPath)o.Key).Path, o => (BusDictionary)o.Value);
    }

    /// <summary>A hub's request, on a characteristic by the end of its path.</summary>
    public Task<BusMessage> AskAsync(string characteristic, string member, BusBody body) =>
        _bus!.CallAsync(_application, $"/org/sensorhub/sensor/{characteristic}", "org.bluez.GattCharacteristic1", member, body);

    public Task<BusMessage> ReadAsync(string characteristic, string hub, int offset = 0) =>
        AskAsync(characteristic, "ReadValue", BusBody.Of("a{sv}", Options(hub, 247, offset)));

    public Task WriteAsync(string characteristic, string hub, byte[] value, ushort mtu = 247) =>
        AskAsync(characteristic, "WriteValue", BusBody.Of("aya{sv}", value, Options(hub, mtu)));

    public async Task<NotifyReader> AcquireAsync(string characteristic, string hub) =>
        new((await AskAsync(characteristic, "AcquireNotify", BusBody.Of("a{sv}", Options(hub, 247)))).Value<UnixFd>(0));

    public void Connected(string hub, bool connected) => Change(Device(hub), "org.bluez.Device1", "Connected", connected);

    public void Powered(bool powered) => Change(Adapter, "org.bluez.Adapter1", "Powered", powered);

    private static string Device(string hub) => $"{Adapter}/{hub}";

    private static Dictionary<string, Variant> Options(string hub, ushort mtu, int offset = 0)
    {
        var options = new Dictionary<string, Variant> { ["device"] = new ObjectPath(Device(hub)), ["mtu"] = mtu, ["link"] = "LE" };
        if (offset > 0)
            options["offset"] = (ushort)offset;
        return options;
    }

    private void Change(string path, string @interface, string property, bool value) =>
        _bus!.Emit(path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
            BusBody.Of("sa{sv}as", @interface, new Dictionary<string, Variant> { [property] = value }, Array.Empty<string>()));

    private async Task<BusBody?> AnswerAsync(BusMessage call)
    {
        Calls.Enqueue(call.Member);
        switch (call.Member)
        {
            case "GetManagedObjects":
                return BusBody.Of("a{oa{sa{sv}}}", new Dictionary<ObjectPath, Dictionary<string, Dictionary<string, Variant>>>
                {
                    [new ObjectPath("/org/bluez")] = new(),
                    [new ObjectPath(Adapter)] = new()
                    {
                        ["org.bluez.Adapter1"] = new() { ["Powered"] = true },
                        ["org.bluez.GattManager1"] = new(),
                        ["org.bluez.LEAdvertisingManager1"] = new() { ["SupportedInstances"] = SupportedInstances, ["ActiveInstances"] = (byte)1 },
                    },
                });
            case "RegisterAgent":
                AgentCapability = call.Value<string>(1);
                return default(BusBody);
            case "RegisterApplication":
                _application = call.Sender;
                return default(BusBody);
            case "RegisterAdvertisement" when AdvertisingError is { } error:
                throw new BusErrorException(error, "");
            case "RegisterAdvertisement":
                var path = call.Value<ObjectPath>(0).Path;
                var properties = await _bus!.CallAsync(call.Sender, path, "org.freedesktop.DBus.Properties", "GetAll", BusBody.Of("s", "org.bluez.LEAdvertisement1"));
                Advertisement = properties.Value<BusDictionary>(0);
                return default(BusBody);
            case "UnregisterAdvertisement":
                Advertisement = null;
                return default(BusBody);
            case "Set" or "RequestDefaultAgent" or "UnregisterApplication":
                return default(BusBody);
            default:
                return null;
        }
    }
}

/// <summary>bluetoothd's end of the socket that notifications come through.</summary>
internal sealed class NotifyReader(UnixFd descriptor) : IDisposable
{
    private readonly Socket _socket = new(new SafeSocketHandle(descriptor.Release(), ownsHandle: true)) { Blocking = false };

    /// <summary>Null when there is none now.</summary>
    public byte[]? TryRead()
    {
        var buffer = new byte[600];
        var length = _socket.Receive(buffer, SocketFlags.None, out _);
        return length > 0 ? buffer[..length] : null;
    }

    public async Task<byte[]> ReadAsync()
    {
        byte[]? value;
        while ((value = TryRead()) is null)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        return value;
    }

    public void Dispose() => _socket.Dispose();
}

using SensorHub.Bluetooth.BlueZ.Bus;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>
/// The advertisement of firmware-protocol/README.md §2.4, registered with BlueZ while no hub is connected. BlueZ chooses the
/// interval: an application may not before it is no longer experimental.
/// </summary>
/// <param name="adapter">Path of the adapter.</param>
/// <param name="again">How often it is registered anew; null = only when BlueZ has dropped it.</param>
internal sealed class Advertiser(BusConnection bus, string adapter, string name, TimeSpan? again, TimeProvider time)
{
    public const string Path = GattApplication.Path + "/advertisement";

    private const string Manager = "org.bluez.LEAdvertisingManager1";
    private const string AdvertisementInterface = "org.bluez.LEAdvertisement1";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private bool _registered;
    private long _registeredAt;

    /// <summary>Answers bluetoothd.</summary>
    public BusBody? Answer(BusMessage call)
    {
        switch (call.Interface, call.Member)
        {
            case ("org.freedesktop.DBus.Properties", "GetAll"):
                return BusBody.Of("a{sv}", Properties());
            case (AdvertisementInterface, "Release"):
                Volatile.Write(ref _registered, false);
                return default(BusBody);
            default:
                return null;
        }
    }

    /// <summary>BlueZ has lost it, as when the adapter was switched off.</summary>
    public void Forget() => Volatile.Write(ref _registeredAt, long.MinValue);

    /// <summary>Has BlueZ advertise, or not, when that is not so already. One call at a time.</summary>
    /// <exception cref="BusErrorException">BlueZ refuses.</exception>
    public async Task EnsureAsync(bool advertising, CancellationToken cancellationToken)
    {
        if (_registered && (!advertising || IsStale()))
            await WithdrawAsync(cancellationToken);
        if (!advertising || _registered)
            return;
        await CallAsync("RegisterAdvertisement", cancellationToken, new Dictionary<string, Variant>());
        Volatile.Write(ref _registeredAt, time.GetTimestamp());
        Volatile.Write(ref _registered, true);
    }

    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _registered, false);
        try
        {
            await CallAsync("UnregisterAdvertisement", cancellationToken);
        }
        catch (BusErrorException)
        {
            // BlueZ has dropped it already
        }
    }

    private bool IsStale() => Volatile.Read(ref _registeredAt) is var at && (at == long.MinValue || again is { } often && time.GetElapsedTime(at) >= often);

    private Task<BusMessage> CallAsync(string member, CancellationToken cancellationToken, Dictionary<string, Variant>? options = null) =>
        bus.CallAsync("org.bluez", adapter, Manager, member,
            options is null ? BusBody.Of("o", new ObjectPath(Path)) : BusBody.Of("oa{sv}", new ObjectPath(Path), options), Timeout, cancellationToken);

    private Dictionary<string, Variant> Properties() => new()
    {
        ["Type"] = "peripheral",
        ["ServiceUUIDs"] = new Variant("as", new[] { Profile.Service.ToString() }),
        ["LocalName"] = name,
        ["Discoverable"] = true, // without this flag BlueZ does not report a device to its hub
    };
}

using System.Globalization;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>org.bluez.Device1, for anything that advertises: somebody's lamp, watch or scales.</summary>
public class FakeDevice : FakeObject
{
    private protected const string Interface = "org.bluez.Device1";

    private readonly string[] _uuids;
    private TimeSpan? _heard;
    private TimeSpan _due;
    private short _rssi;

    internal FakeDevice(FakeAdapter adapter, string address, string? name, params Guid[] uuids)
        : base(adapter.Daemon, $"{adapter.Path}/dev_{address.Replace(':', '_')}")
    {
        Adapter = adapter;
        Address = address;
        _uuids = [.. uuids.Select(u => u.ToString())];
        Set(Interface, "Address", "s", address);
        Set(Interface, "AddressType", "s", "random");
        if (name is not null)
            Set(Interface, "Name", "s", name);
        Set(Interface, "Alias", "s", name ?? address.Replace(':', '-'));
        Set(Interface, "Adapter", "o", new ObjectPath(adapter.Path));
        Set(Interface, "UUIDs", "as", _uuids);
        Set(Interface, "Paired", "b", false);
        Set(Interface, "Bonded", "b", false);
        Set(Interface, "Trusted", "b", false);
        Set(Interface, "Blocked", "b", false);
        Set(Interface, "LegacyPairing", "b", false);
        Set(Interface, "Connected", "b", false);
        Set(Interface, "ServicesResolved", "b", false);
    }

    public FakeAdapter Adapter { get; }

    public string Address { get; }

    /// <summary>From one advertisement to the next.</summary>
    public TimeSpan AdvertisingInterval { get; set; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Whether it can be heard. Becoming false cuts a link.</summary>
    public virtual bool IsInRange { get; set; } = true;

    private protected virtual bool Advertises => IsInRange;

    /// <summary>Whether it stays in the object tree when it is not heard any more.</summary>
    private protected virtual bool IsKept => false;

    internal override Task<BusBody?> CallAsync(BusMessage call) => throw BlueZError.ConnectionAborted.Exception;

    /// <summary>Lets time pass.</summary>
    /// <param name="listening">Whether advertisements of it reach the object tree.</param>
    internal virtual void Advance(TimeSpan now, Func<IReadOnlyList<string>, bool> listening)
    {
        if (_due <= now && Advertises)
        {
            _due = now + AdvertisingInterval;
            if (listening(_uuids))
                Hear(now);
        }
        if (IsPublished && !IsKept && now - _heard > Daemon.TemporaryTimeout)
            Unpublish();
    }

    /// <summary>Discovery has ended: the last RSSI says nothing any more.</summary>
    internal void StopHearing()
    {
        if (Property(Interface, "RSSI") is not null)
            Clear(Interface, "RSSI");
    }

    private void Hear(TimeSpan now)
    {
        _heard = now;
        _rssi = (short)(_rssi == -61 ? -63 : -61); // bluetoothd reports a change alone
        Set(Interface, "RSSI", "n", _rssi);
        Publish();
    }

    internal static string AddressOf(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"C0:FF:EE:{number >> 16 & 0xff:X2}:{number >> 8 & 0xff:X2}:{number & 0xff:X2}");
}

using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Gatt;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>org.bluez.GattCharacteristic1.</summary>
public sealed class FakeCharacteristic : FakeObject
{
    private const string Interface = "org.bluez.GattCharacteristic1";

    private readonly FakeSensor _sensor;
    private readonly string[] _flags;
    private readonly HashSet<string> _notified = [];
    private NotifySocket? _socket;
    private string? _acquiredBy;

    internal FakeCharacteristic(FakeSensor sensor, string path, string service, Guid uuid, params string[] flags) : base(sensor.Daemon, path)
    {
        (_sensor, Uuid, _flags) = (sensor, uuid, flags);
        Set(Interface, "UUID", "s", uuid.ToString());
        Set(Interface, "Service", "o", new ObjectPath(service));
        Set(Interface, "Flags", "as", flags);
        Set(Interface, "MTU", "q", (ushort)23);
        if (Notifies || flags.Contains("indicate"))
            Set(Interface, "Notifying", "b", false);
        if (Notifies)
            Set(Interface, "NotifyAcquired", "b", false);
    }

    public Guid Uuid { get; }

    /// <summary>False = as before BlueZ 5.47: notifications come as signals alone. Before the services are resolved.</summary>
    public bool OffersAcquire
    {
        get => Property(Interface, "NotifyAcquired") is not null;
        set
        {
            lock (Daemon.Gate)
                if (value)
                    Set(Interface, "NotifyAcquired", "b", false);
                else
                    Clear(Interface, "NotifyAcquired");
        }
    }

    /// <summary>Whether a client has enabled notifications or indications.</summary>
    public bool IsNotifying
    {
        get
        {
            lock (Daemon.Gate)
                return _socket is not null || _notified.Count > 0;
        }
    }

    /// <summary>Values handed to a client.</summary>
    public long Delivered { get; private set; }

    /// <summary>Values lost because a client did not read its socket.</summary>
    public long Lost { get; private set; }

    private bool Notifies => _flags.Contains("notify");

    internal override Task<BusBody?> CallAsync(BusMessage call)
    {
        lock (Daemon.Gate)
        {
            if (!_sensor.IsConnected)
                throw BlueZError.Failed("Not connected").Exception;
            return Task.FromResult(call.Member switch
            {
                "ReadValue" => Read(),
                "WriteValue" => Write(call),
                "StartNotify" => Start(call.Sender),
                "StopNotify" => Stop(call.Sender),
                "AcquireNotify" => Acquire(call.Sender),
                _ => (BusBody?)null,
            });
        }
    }

    internal override void Leave(string client)
    {
        if (_notified.Remove(client) && _notified.Count == 0 || _acquiredBy == client)
            Disable();
    }

    internal void SetMtu(int mtu) => Set(Interface, "MTU", "q", (ushort)mtu);

    internal void Deliver(byte[] value)
    {
        if (_socket is not null)
            _socket.Send(value);
        else if (_notified.Count > 0)
            Set(Interface, "Value", "ay", value, always: true);
        else
            return;
        Delivered++;
    }

    /// <summary>The client may have closed its socket.</summary>
    internal void Look()
    {
        if (_socket is { IsReleased: true })
            Disable();
    }

    /// <summary>The link is gone, or the service.</summary>
    internal void End()
    {
        _notified.Clear();
        Lost += _socket?.Lost ?? 0;
        _socket?.Dispose();
        (_socket, _acquiredBy) = (null, null);
        if (Property(Interface, "Notifying") is not null)
            Set(Interface, "Notifying", "b", false);
        if (OffersAcquire)
            Set(Interface, "NotifyAcquired", "b", false);
    }

    private BusBody? Read()
    {
        Accept(_sensor.Read(Uuid, out var value));
        return BusBody.Of("ay", value);
    }

    private BusBody? Write(BusMessage call)
    {
        var type = call.Value<BusDictionary>(1).Find<string>("type");
        if (!_flags.Contains(type == "command" ? "write-without-response" : "write"))
            throw BlueZError.NotSupported.Exception;
        Accept(_sensor.Sensor.Peripheral.Write(Uuid, call.Value<byte[]>(0)));
        return default(BusBody);
    }

    private BusBody? Start(string client)
    {
        if (_socket is not null)
            throw BlueZError.NotPermitted("Notify acquired").Exception;
        if (!Notifies && !_flags.Contains("indicate"))
            throw BlueZError.NotSupported.Exception;
        if (_notified.Count == 0)
            Accept(_sensor.Sensor.Peripheral.Configure(Uuid, enable: true));
        _notified.Add(client);
        Set(Interface, "Notifying", "b", true);
        return default(BusBody);
    }

    private BusBody? Stop(string client)
    {
        if (_socket is null && !_notified.Remove(client))
            throw BlueZError.Failed("No notify session started").Exception;
        if (_notified.Count == 0)
            Disable();
        return default(BusBody);
    }

    private BusBody? Acquire(string client)
    {
        if (_socket is not null)
            throw BlueZError.NotPermitted("Notify acquired").Exception;
        if (_notified.Count > 0)
            throw BlueZError.InProgress.Exception;
        if (!Notifies || !OffersAcquire)
            throw BlueZError.NotSupported.Exception;
        Accept(_sensor.Sensor.Peripheral.Configure(Uuid, enable: true));
        (_socket, _acquiredBy) = (new NotifySocket(), client);
        Set(Interface, "NotifyAcquired", "b", true);
        return BusBody.Of("hq", _socket.Theirs, (ushort)_sensor.Mtu);
    }

    private void Disable()
    {
        if (_sensor.IsConnected)
            _sensor.Sensor.Peripheral.Configure(Uuid, enable: false);
        End();
    }

    private static void Accept(AttError error)
    {
        if (error != AttError.None)
            throw BlueZError.Of(error).Exception;
    }
}

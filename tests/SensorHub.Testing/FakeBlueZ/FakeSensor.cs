using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>
/// A sensor in range of a fake adapter: a virtual sensor of the product behind the objects that bluetoothd makes of it. What goes
/// wrong is scripted by its properties and methods; those take effect at once.
/// </summary>
public sealed class FakeSensor : FakeDevice
{
    private const string Battery = "org.bluez.Battery1";

    private static readonly Guid DeviceInformation = Guid.Parse("0000180a-0000-1000-8000-00805f9b34fb");
    private static readonly TimeSpan PairingPatience = TimeSpan.FromSeconds(60);

    private readonly List<FakeService> _services;
    private CancellationTokenSource? _connecting;
    private CancellationTokenSource? _pairing;
    private bool _isInRange = true;
    private bool _isServiceGone;

    internal FakeSensor(FakeAdapter adapter, string address, VirtualSensor sensor) : base(adapter, address, sensor.Name, Profile.Service)
    {
        Sensor = sensor;
        _services =
        [
            new FakeService(this, 0x10, DeviceInformation,
                (StandardServices.ManufacturerName, ["read"]), (StandardServices.ModelNumber, ["read"]), (StandardServices.SerialNumber, ["read"]),
                (StandardServices.HardwareRevision, ["read"]), (StandardServices.FirmwareRevision, ["read"])),
            new FakeService(this, 0x30, Profile.Service,
                (Profile.Descriptor, ["read"]), (Profile.Control, ["write", "indicate"]), (Profile.Data, ["notify"]), (Profile.Backlog, ["notify"])),
        ];
    }

    /// <summary>The sensor itself; to be touched under no circumstances while it is connected, but read.</summary>
    public VirtualSensor Sensor { get; }

    /// <summary>Its name in the hub.</summary>
    public string Name => SensorId.Of(Sensor.Peripheral.Descriptor).ToString();

    /// <summary>Its name on the air.</summary>
    public string AdvertisedName => Sensor.Name;

    /// <summary>From the call of Connect to the link.</summary>
    public TimeSpan ConnectDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long Connect waits for a sensor that is out of range. BlueZ and the kernel: 20 s and more.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>From the link to the characteristics.</summary>
    public TimeSpan DiscoveryDelay { get; set; } = TimeSpan.FromMilliseconds(30);

    /// <summary>How much earlier than the characteristics ServicesResolved becomes true.</summary>
    public TimeSpan ResolvedTooEarlyBy { get; set; }

    /// <summary>ATT MTU of the next link.</summary>
    public int Mtu { get; set; } = 247;

    public FakePairing Pairing { get; set; }

    /// <summary>What both sides show, 0 to 999999.</summary>
    public uint Passkey { get; set; } = 123456;

    /// <summary>What the air makes of each value: nothing, the same, several, others. Called on the fake's thread.</summary>
    public Func<GattValue, IEnumerable<GattValue>> OnAir { get; set; } = value => [value];

    /// <summary>What a read gives instead of the sensor's own answer.</summary>
    public Func<Guid, byte[], byte[]> OnRead { get; set; } = (_, value) => value;

    /// <summary>Samples that left the sensor in live frames, before <see cref="OnAir"/>.</summary>
    public long SamplesSent { get; private set; }

    /// <summary>Links that were made.</summary>
    public int Links { get; private set; }

    public bool IsConnected => Property(Interface, "Connected") is { Value: true };

    public bool IsPaired => Property(Interface, "Paired") is { Value: true };

    /// <inheritdoc/>
    public override bool IsInRange
    {
        get => _isInRange;
        set
        {
            lock (Daemon.Gate)
            {
                _isInRange = value;
                if (!value)
                    Lose();
            }
        }
    }

    public FakeCharacteristic Characteristic(Guid uuid) => _services.SelectMany(s => s.Characteristics).Single(c => c.Uuid == uuid);

    /// <summary>Ends the link; the sensor goes on advertising.</summary>
    public void DropLink()
    {
        lock (Daemon.Gate)
            Lose();
    }

    /// <summary>Hands the client a value as if the sensor had sent it.</summary>
    public void Send(Guid characteristic, byte[] value)
    {
        lock (Daemon.Gate)
            Characteristic(characteristic).Deliver(value);
    }

    /// <summary>Service Changed: the sensor service goes out of the database, the link stays.</summary>
    public void RemoveService()
    {
        lock (Daemon.Gate)
        {
            _isServiceGone = true;
            Unpublish(_services[1]);
        }
    }

    /// <summary>It comes back, with the database of the next link or at once.</summary>
    public void RestoreService()
    {
        lock (Daemon.Gate)
        {
            _isServiceGone = false;
            if (IsConnected)
                PublishServices();
        }
    }

    /// <summary>A watchdog: boots anew, which loses the link.</summary>
    public void Reboot()
    {
        lock (Daemon.Gate)
        {
            Lose();
            Sensor.Reboot(Daemon.Elapsed.TotalSeconds);
        }
    }

    private protected override bool Advertises => _isInRange && !IsConnected;

    private protected override bool IsKept => IsConnected || IsPaired || _connecting is not null;

    internal IEnumerable<FakeObject> Attributes => [.. _services, .. _services.SelectMany(s => s.Characteristics)];

    internal override async Task<BusBody?> CallAsync(BusMessage call)
    {
        switch (call.Member)
        {
            case "Connect":
                await ConnectAsync();
                return default(BusBody);
            case "Disconnect":
                lock (Daemon.Gate)
                    Lose();
                return default(BusBody);
            case "Pair":
                await PairAsync(call.Sender);
                return default(BusBody);
            case "CancelPairing":
                lock (Daemon.Gate)
                    (_pairing ?? throw BlueZError.DoesNotExist.Exception).Cancel();
                return default(BusBody);
            default:
                return null;
        }
    }

    internal override Task WriteAsync(string property, Variant value)
    {
        if (property != "Trusted")
            return base.WriteAsync(property, value);
        lock (Daemon.Gate)
            Set(Interface, "Trusted", "b", value.Value);
        return Task.CompletedTask;
    }

    internal override void Leave(string client)
    {
        foreach (var attribute in Attributes)
            attribute.Leave(client);
    }

    internal override void Advance(TimeSpan now, Func<IReadOnlyList<string>, bool> listening)
    {
        Sensor.AdvanceTo(now.TotalSeconds);
        base.Advance(now, listening);
        if (!IsConnected)
            return;
        foreach (var service in _services)
            foreach (var characteristic in service.Characteristics)
                characteristic.Look();
        while (Sensor.Peripheral.TryTake(out var value))
        {
            if (value.IsIndication)
                Sensor.Peripheral.Confirm();
            else if (value.Characteristic == Profile.Data)
                SamplesSent += value.Bytes[3];
            foreach (var heard in OnAir(value))
                Characteristic(heard.Characteristic).Deliver(heard.Bytes);
        }
    }

    internal AttError Read(Guid characteristic, out byte[] value)
    {
        var error = Sensor.Peripheral.Read(characteristic, out value);
        value = OnRead(characteristic, value);
        return error;
    }

    /// <summary>The link is gone; a call of Connect that is under way too.</summary>
    internal void Lose()
    {
        _connecting?.Cancel();
        _pairing?.Cancel();
        if (!IsConnected)
            return;
        Sensor.AdvanceTo(Daemon.Elapsed.TotalSeconds);
        Sensor.Peripheral.Disconnect();
        foreach (var service in _services)
            if (IsPaired) // the database is kept
                foreach (var characteristic in service.Characteristics)
                    characteristic.End();
            else
                Unpublish(service);
        Remove(Battery);
        Set(Interface, "ServicesResolved", "b", false);
        Set(Interface, "Connected", "b", false);
    }

    /// <summary>RemoveDevice: the link and the bond.</summary>
    internal void Forget()
    {
        Lose();
        foreach (var service in _services)
            Unpublish(service);
        Bond(false);
        Set(Interface, "Trusted", "b", false);
    }

    private async Task ConnectAsync()
    {
        CancellationTokenSource cancel;
        lock (Daemon.Gate)
        {
            if (!Adapter.IsPowered)
                throw BlueZError.NotReady.Exception;
            if (IsConnected)
                return;
            if (_connecting is not null)
                throw BlueZError.InProgress.Exception;
            _connecting = cancel = new CancellationTokenSource();
        }
        try
        {
            await Daemon.WaitAsync(ConnectDelay, cancel.Token);
            for (var deadline = Daemon.Elapsed + ConnectTimeout; !IsInRange; await Daemon.WaitAsync(TimeSpan.FromMilliseconds(10), cancel.Token))
                if (Daemon.Elapsed > deadline)
                    throw BlueZError.ConnectionAborted.Exception;
            lock (Daemon.Gate)
            {
                cancel.Token.ThrowIfCancellationRequested();
                Link();
            }
        }
        catch (OperationCanceledException)
        {
            throw BlueZError.ConnectionAborted.Exception;
        }
        finally
        {
            lock (Daemon.Gate)
                _connecting = null;
            cancel.Dispose();
        }
    }

    private void Link()
    {
        Links++;
        Sensor.AdvanceTo(Daemon.Elapsed.TotalSeconds);
        Sensor.Peripheral.Connect(Mtu, IsPaired);
        Set(Interface, "Connected", "b", true);
        _ = DiscoverAsync(Links);
    }

    /// <summary>bluetoothd reads the database; meanwhile the link may be lost.</summary>
    private async Task DiscoverAsync(int link)
    {
        await Daemon.WaitAsync(DiscoveryDelay, CancellationToken.None);
        if (ResolvedTooEarlyBy > TimeSpan.Zero)
        {
            lock (Daemon.Gate)
                if (IsConnected && Links == link)
                    Set(Interface, "ServicesResolved", "b", true);
            await Daemon.WaitAsync(ResolvedTooEarlyBy, CancellationToken.None);
        }
        lock (Daemon.Gate)
        {
            if (!IsConnected || Links != link)
                return;
            PublishServices();
            Set(Interface, "ServicesResolved", "b", true);
        }
    }

    private void PublishServices()
    {
        // bluetoothd keeps the Battery service to itself and shows this instead.
        if (Sensor.Peripheral.Read(StandardServices.BatteryLevel, out var level) == AttError.None)
            Set(Battery, "Percentage", "y", level[0]);
        foreach (var service in _services)
        {
            if (_isServiceGone && service.Uuid == Profile.Service)
                continue;
            service.Publish();
            foreach (var characteristic in service.Characteristics)
            {
                characteristic.SetMtu(Mtu);
                characteristic.Publish();
            }
        }
    }

    private static void Unpublish(FakeService service)
    {
        foreach (var characteristic in service.Characteristics)
        {
            characteristic.End();
            characteristic.Unpublish();
        }
        service.Unpublish();
    }

    private async Task PairAsync(string client)
    {
        CancellationTokenSource cancel;
        lock (Daemon.Gate)
        {
            if (_pairing is not null)
                throw BlueZError.InProgress.Exception;
            if (IsPaired)
                throw BlueZError.AlreadyExists.Exception;
            _pairing = cancel = new CancellationTokenSource();
        }
        try
        {
            await ConnectAsync();
            await AgreeAsync(client, cancel.Token);
            lock (Daemon.Gate)
            {
                cancel.Token.ThrowIfCancellationRequested();
                Sensor.Peripheral.Connect(Mtu, encrypted: true);
                Bond(true);
            }
        }
        catch (OperationCanceledException)
        {
            throw BlueZError.AuthenticationCanceled.Exception;
        }
        finally
        {
            lock (Daemon.Gate)
                _pairing = null;
            cancel.Dispose();
        }
    }

    /// <summary>The part of pairing in which people are asked.</summary>
    private async Task AgreeAsync(string client, CancellationToken cancellationToken)
    {
        var device = new ObjectPath(Path);
        switch (Pairing)
        {
            case FakePairing.JustWorks:
                await Daemon.WaitAsync(TimeSpan.FromMilliseconds(10), cancellationToken);
                return;
            case FakePairing.Refused:
                throw BlueZError.AuthenticationFailed.Exception;
            case FakePairing.Silent:
                await Daemon.WaitAsync(PairingPatience, cancellationToken);
                throw BlueZError.AuthenticationTimeout.Exception;
            case FakePairing.ConfirmPasskey:
                await Daemon.AskAgentAsync(client, "RequestConfirmation", BusBody.Of("ou", device, Passkey), cancellationToken);
                return;
            case FakePairing.DisplayPasskey:
                await Daemon.AskAgentAsync(client, "DisplayPasskey", BusBody.Of("ouq", device, Passkey, (ushort)0), cancellationToken);
                await Daemon.WaitAsync(TimeSpan.FromMilliseconds(100), cancellationToken); // somebody types it
                return;
            default:
                throw new InvalidOperationException($"Unknown pairing {Pairing}.");
        }
    }

    private void Bond(bool bonded)
    {
        Set(Interface, "Paired", "b", bonded);
        Set(Interface, "Bonded", "b", bonded);
    }
}

/// <summary>How a sensor answers Pair.</summary>
public enum FakePairing
{
    /// <summary>Nobody is asked.</summary>
    JustWorks,

    /// <summary>The sensor does not want to.</summary>
    Refused,

    /// <summary>The sensor does not answer.</summary>
    Silent,

    /// <summary>Both sides show a number, and a person says that it is the same.</summary>
    ConfirmPasskey,

    /// <summary>This side shows a number, which a person types on the other.</summary>
    DisplayPasskey,
}

using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>org.bluez.Adapter1, and what is in its range.</summary>
public sealed class FakeAdapter : FakeObject
{
    private const string Interface = "org.bluez.Adapter1";

    private readonly List<FakeDevice> _devices = [];
    private readonly Dictionary<string, Session> _sessions = [];

    internal FakeAdapter(FakeBluetoothd daemon, string name, string address) : base(daemon, "/org/bluez/" + name)
    {
        Set(Interface, "Address", "s", address);
        Set(Interface, "AddressType", "s", "public");
        Set(Interface, "Name", "s", "fake");
        Set(Interface, "Alias", "s", "fake");
        Set(Interface, "Powered", "b", true);
        Set(Interface, "Discoverable", "b", false);
        Set(Interface, "Pairable", "b", true);
        Set(Interface, "Discovering", "b", false);
        Set(Interface, "UUIDs", "as", Array.Empty<string>());
        Set(Interface, "Roles", "as", new[] { "central", "peripheral" });
    }

    public IEnumerable<FakeDevice> Devices
    {
        get
        {
            lock (Daemon.Gate)
                return [.. _devices];
        }
    }

    public bool IsPowered => Property(Interface, "Powered") is { Value: true };

    public bool IsDiscovering => Property(Interface, "Discovering") is { Value: true };

    /// <summary>By rfkill: off, and it cannot be switched on.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>
    /// Another program on the machine discovers too, without a filter: bluetoothd then reports everything that it hears to everybody.
    /// </summary>
    public bool IsDiscoveredByOthers { get; set; }

    /// <summary>Virtual roller in range.</summary>
    public FakeSensor AddRoller(int seed) => Add((address, person) => new FakeSensor(
        this, address, SensorModels.CreateRoller(person, new RollerBuild(), seed, ideal: true)), seed);

    /// <summary>Virtual clip in range.</summary>
    public FakeSensor AddClip(int seed) => Add((address, person) => new FakeSensor(
        this, address, SensorModels.CreateClip(person, new ClipBuild(), seed, ideal: true)), seed);

    /// <summary>Devices of other people and makers in range.</summary>
    public void AddForeign(int count)
    {
        lock (Daemon.Gate)
            for (var i = 0; i < count; i++)
                _devices.Add(new FakeDevice(this, Daemon.NextAddress(), i % 3 == 0 ? null : $"Lamp {i}", Guid.Parse("0000fe9f-0000-1000-8000-00805f9b34fb")));
    }

    public void PowerOff()
    {
        lock (Daemon.Gate)
            Power(false);
    }

    public void PowerOn()
    {
        lock (Daemon.Gate)
            Power(!IsBlocked);
    }

    /// <summary>rfkill block bluetooth.</summary>
    public void Block()
    {
        lock (Daemon.Gate)
        {
            IsBlocked = true;
            Power(false);
        }
    }

    /// <summary>rfkill unblock bluetooth: bluetoothd leaves it off.</summary>
    public void Unblock() => IsBlocked = false;

    internal override Task<BusBody?> CallAsync(BusMessage call)
    {
        lock (Daemon.Gate)
            return Task.FromResult(call.Member switch
            {
                "SetDiscoveryFilter" => SetFilter(call),
                "StartDiscovery" => StartDiscovery(call.Sender),
                "StopDiscovery" => StopDiscovery(call.Sender),
                "RemoveDevice" => RemoveDevice(call.Value<ObjectPath>(0).Path),
                _ => (BusBody?)null,
            });
    }

    internal override Task WriteAsync(string property, Variant value)
    {
        if (property != "Powered")
            return base.WriteAsync(property, value);
        lock (Daemon.Gate)
        {
            if (IsBlocked && value.Value is true)
                throw BlueZError.Blocked.Exception;
            Power(value.Value is true);
        }
        return Task.CompletedTask;
    }

    internal override void Leave(string client)
    {
        _sessions.Remove(client);
        Discover();
    }

    internal void Advance(TimeSpan now)
    {
        foreach (var device in _devices)
            device.Advance(now, Listening);
    }

    /// <summary>bluetoothd begins or ends: what it keeps on disk stays.</summary>
    internal void CutAll()
    {
        _sessions.Clear();
        Set(Interface, "Discovering", "b", false);
        foreach (var device in _devices.OfType<FakeSensor>())
            device.Lose();
        foreach (var device in _devices)
            device.StopHearing();
    }

    /// <summary>It and all below it.</summary>
    internal IEnumerable<FakeObject> Tree => [this, .. _devices, .. _devices.OfType<FakeSensor>().SelectMany(s => s.Attributes)];

    private FakeSensor Add(Func<string, VirtualPerson, FakeSensor> create, int seed)
    {
        lock (Daemon.Gate)
        {
            var person = new VirtualPerson(Scenario.Hamstrings, new RollerBuild().RollingRadius, new Random(seed));
            var sensor = create(Daemon.NextAddress(), person);
            _devices.Add(sensor);
            return sensor;
        }
    }

    private void Power(bool on)
    {
        if (!on)
            CutAll();
        Set(Interface, "Powered", "b", on);
    }

    private bool Listening(IReadOnlyList<string> uuids) =>
        IsPowered && (IsDiscoveredByOthers || _sessions.Values.Any(s => s.IsOn && (s.Uuids.Count == 0 || s.Uuids.Intersect(uuids).Any())));

    private BusBody? SetFilter(BusMessage call)
    {
        var session = SessionOf(call.Sender);
        session.Uuids = [.. call.Value<BusDictionary>(0).Find<List<object>>("UUIDs")?.Cast<string>() ?? []];
        return default(BusBody);
    }

    private BusBody? StartDiscovery(string client)
    {
        if (!IsPowered)
            throw BlueZError.NotReady.Exception;
        var session = SessionOf(client);
        if (session.IsOn)
            throw BlueZError.InProgress.Exception;
        session.IsOn = true;
        Discover();
        return default(BusBody);
    }

    private BusBody? StopDiscovery(string client)
    {
        if (!IsPowered)
            throw BlueZError.NotReady.Exception;
        if (!SessionOf(client).IsOn)
            throw BlueZError.Failed("No discovery started").Exception;
        SessionOf(client).IsOn = false;
        Discover();
        return default(BusBody);
    }

    private BusBody? RemoveDevice(string path)
    {
        if (_devices.Find(d => d.Path == path) is not { IsPublished: true } device)
            throw BlueZError.DoesNotExist.Exception;
        (device as FakeSensor)?.Forget();
        device.Unpublish();
        return default(BusBody);
    }

    private void Discover()
    {
        var on = _sessions.Values.Any(s => s.IsOn);
        Set(Interface, "Discovering", "b", on);
        if (!on)
            foreach (var device in _devices)
                device.StopHearing();
    }

    private Session SessionOf(string client) => _sessions.TryGetValue(client, out var session) ? session : _sessions[client] = new Session();

    /// <summary>The discovery of one client.</summary>
    private sealed class Session
    {
        public bool IsOn { get; set; }

        /// <summary>Empty = everything.</summary>
        public IReadOnlyList<string> Uuids { get; set; } = [];
    }
}

using System.Buffers.Binary;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>
/// A virtual sensor in real time, between the bus's thread, which brings requests, and <see cref="Pump"/>, which lets its time
/// pass and sends what it has to say. Says in plain lines what happens.
/// </summary>
/// <remarks>
/// bluetoothd sends notifications before indications that wait. So the backlog waits until a response is confirmed: that to
/// FetchBacklog comes before its first frame (firmware-protocol/README.md §7.2). Live frames do not wait.
/// </remarks>
internal sealed class LivePeripheral(VirtualSensor sensor, TimeProvider time, Action<string> say)
{
    /// <summary>ATT's default, until the exchange (Core Specification, Vol 3 Part F §3.2.8).</summary>
    public const int DefaultMtu = 23;

    /// <summary>About what a link with a connection interval of 15 ms carries.</summary>
    private const double ValuesPerSecond = 200;

    /// <summary>
    /// The sensor's time passes in steps no longer than this, s, so that a computer that was busy elsewhere does not overrun the
    /// sensor's queue: <see cref="GattPeripheral.QueueCapacity"/> frames are more than a second.
    /// </summary>
    private const double LongestStep = 0.1;

    /// <summary>bluetoothd confirms nothing when the hub has indications off.</summary>
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<Guid, NotifySocket> _sockets = [];
    private GattValue? _unsent;
    private double _reached;
    private double _allowance;
    private long _indicatedAt;
    private bool _awaitsConfirmation;
    private byte _batterySent;

    public string Name => sensor.Name;

    /// <summary>The hub's object in BlueZ; null without one.</summary>
    public string? Hub { get; private set; }

    private GattPeripheral Peripheral => sensor.Peripheral;

    /// <param name="hub">Who asks: BlueZ's object of the device.</param>
    /// <param name="mtu">Of its connection.</param>
    public AttError Read(string hub, int mtu, Guid characteristic, out byte[] value)
    {
        lock (_gate)
        {
            Meet(hub, mtu);
            Advance();
            return Peripheral.Read(characteristic, out value);
        }
    }

    public AttError Write(string hub, int mtu, Guid characteristic, ReadOnlySpan<byte> value)
    {
        lock (_gate)
        {
            if (!Meet(hub, mtu))
                return AttError.InsufficientAuthentication;
            Advance();
            return Peripheral.Write(characteristic, value);
        }
    }

    /// <summary>bluetoothd takes the values of a characteristic from this socket from now on, whoever the hub is.</summary>
    public void Subscribe(string hub, int mtu, Guid characteristic, NotifySocket socket)
    {
        lock (_gate)
        {
            Meet(hub, mtu);
            if (_sockets.Remove(characteristic, out var former))
                former.Dispose();
            _sockets[characteristic] = socket;
            Peripheral.Configure(characteristic, enable: true);
        }
    }

    /// <summary>The hub has the last indication.</summary>
    public void Confirm()
    {
        lock (_gate)
        {
            _awaitsConfirmation = false;
            Peripheral.Confirm();
        }
    }

    /// <summary>A device is no longer connected.</summary>
    public void Leave(string device)
    {
        lock (_gate)
        {
            if (Hub != device)
                return;
            Hub = null;
            Advance();
            Peripheral.Disconnect();
            _unsent = null;
            _awaitsConfirmation = false;
            say(Peripheral.Progress.Any(s => s.IsOn)
                ? "The hub is gone. The sensor goes on measuring into its ring buffer."
                : "The hub is gone.");
        }
    }

    /// <summary>Forgets the sockets: bluetoothd is gone, or is to forget this application.</summary>
    public void CloseSockets()
    {
        lock (_gate)
        {
            foreach (var socket in _sockets.Values)
                socket.Dispose();
            _sockets.Clear();
        }
    }

    /// <summary>One turn: lets the time pass, and sends what bluetoothd takes.</summary>
    public void Pump()
    {
        lock (_gate)
        {
            Advance();
            foreach (var (characteristic, socket) in _sockets.ToArray())
                if (socket.IsHungUp)
                    Unsubscribe(characteristic, socket);
            if (Hub is not null)
                SendBattery();
        }
    }

    /// <summary>A line for each stream that was ever on.</summary>
    public IReadOnlyList<string> Totals()
    {
        lock (_gate)
            return
            [
                .. Peripheral.Progress.Where(s => s.Next > 0).Select(s => FormattableString.Invariant($"{NameOf(s.Descriptor)}: {s.Next} samples taken")),
                .. Peripheral.FramesDropped > 0 ? [FormattableString.Invariant($"{Peripheral.FramesDropped} live frames were not sent because bluetoothd lagged behind")] : Array.Empty<string>(),
            ];
    }

    private static string NameOf(StreamDescriptor stream) => FormattableString.Invariant($"Stream {stream.Id} ({stream.Kind.ToString().ToLowerInvariant()})");

    /// <summary>
    /// BlueZ does not say to an application that somebody connected: the hub is known by its first request. It keeps
    /// the subscriptions of a bond over the end of a connection, so they hold at once.
    /// </summary>
    /// <returns>False when another hub is connected: a sensor has one.</returns>
    private bool Meet(string hub, int mtu)
    {
        if (Hub is null)
        {
            Hub = hub;
            say("A hub connected.");
            Peripheral.Connect(mtu);
            foreach (var characteristic in _sockets.Keys)
                Peripheral.Configure(characteristic, enable: true);
        }
        else if (Hub != hub)
            return false;
        Peripheral.Connect(mtu); // exchanged at any time
        return true;
    }

    private void Advance()
    {
        var now = time.GetElapsedTime(_start).TotalSeconds;
        while (_reached < now)
        {
            var next = Math.Min(now, _reached + LongestStep);
            _allowance = Math.Min(_allowance + (next - _reached) * ValuesPerSecond, GattPeripheral.QueueCapacity);
            _reached = next;
            sensor.AdvanceTo(_reached);
            if (Hub is not null)
                Send();
        }
    }

    private void Send()
    {
        if (time.GetElapsedTime(_indicatedAt) >= ConfirmTimeout && _awaitsConfirmation)
        {
            _awaitsConfirmation = false;
            Peripheral.Confirm();
        }
        for (; _allowance >= 1 && TrySendNext(); _allowance--)
        {
        }
    }

    private void Unsubscribe(Guid characteristic, NotifySocket socket)
    {
        _sockets.Remove(characteristic);
        socket.Dispose();
        Peripheral.Configure(characteristic, enable: false);
    }

    private bool TrySendNext()
    {
        if (_unsent is not { } value)
        {
            if (!Peripheral.TryTake(out value, withBacklog: !_awaitsConfirmation))
                return false;
            _unsent = value;
        }
        if (!_sockets.TryGetValue(value.Characteristic, out var socket))
        {
            _unsent = null; // nobody listens any more
            if (value.IsIndication)
                Peripheral.Confirm();
            return true;
        }
        if (!socket.TrySend(value.Bytes))
            return false;
        _unsent = null;
        if (value.IsIndication)
        {
            (_awaitsConfirmation, _indicatedAt) = (true, time.GetTimestamp());
            Tell(value.Bytes);
        }
        return true;
    }

    private void SendBattery()
    {
        if (_sockets.TryGetValue(StandardServices.BatteryLevel, out var socket) &&
            Peripheral.Read(StandardServices.BatteryLevel, out var level) == AttError.None && level[0] != _batterySent && socket.TrySend(level))
            _batterySent = level[0];
    }

    /// <summary>What a response to the hub says that a person wants to know.</summary>
    private void Tell(ReadOnlySpan<byte> bytes)
    {
        if (ControlCodec.Decode(bytes, out ControlResponse? response) != DecodeStatus.Ok)
            return;
        switch (response)
        {
            case ControlResponse.Started started:
                var stream = Peripheral.Descriptor.Streams.First(s => s.Id == started.Stream);
                var rate = started.Period == 0 ? "" : FormattableString.Invariant($" at {Peripheral.Descriptor.TickRate / (double)started.Period:0.##} Hz,");
                say(FormattableString.Invariant($"{NameOf(stream)}: streaming{rate} from sample {started.NextSequence}"));
                break;
            case ControlResponse.Backlog backlog:
                say(FormattableString.Invariant(
                    $"{NameOf(Peripheral.Descriptor.Streams.First(s => s.Id == backlog.Stream))}: the hub asked for what it missed; {backlog.Count} samples from {backlog.Sequence} on"));
                break;
            case { Status: not ControlStatus.Ok }:
                say($"Refused {response.Op}: {response.Status}");
                break;
        }
    }
}

using System.Globalization;
using System.Threading.Channels;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Testing.FakeBlueZ;

/// <summary>
/// A bluetoothd for tests: org.bluez on a bus of the test's own, with adapters, and virtual sensors of the product in their range. It answers
/// with the objects, orders and errors of bluetoothd 5.66, runs in real time, and does wrong what a test scripts.
/// </summary>
public sealed class FakeBluetoothd : IAsyncDisposable
{
    private const string BusName = "org.bluez";
    private const string Root = "/org/bluez";

    /// <summary>Connection events of all links.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(7.5);

    private readonly string _address;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _start;
    private readonly List<FakeAdapter> _adapters = [];
    private readonly Dictionary<string, Agent> _agents = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly Task _running;
    private readonly Task _answering;
    private BusConnection? _bus;
    private string? _defaultAgent;
    private int _addresses;

    private FakeBluetoothd(string address)
    {
        _address = address;
        _start = _time.GetTimestamp();
        _running = RunAsync();
        _answering = AnswerAllAsync();
    }

    /// <summary>Everything here is one at a time.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Second 0 of the virtual sensors is when the fake began.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>How long an object of a device stays that is not heard, connected or bonded. BlueZ: 30 s.</summary>
    public TimeSpan TemporaryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Capability of the agent that a client registered last; null = none.</summary>
    public string? AgentCapability
    {
        get
        {
            lock (Gate)
                return _agents.Values.LastOrDefault()?.Capability;
        }
    }

    /// <param name="busAddress">Of a bus on which it may own org.bluez.</param>
    public static async Task<FakeBluetoothd> StartAsync(string busAddress)
    {
        var daemon = new FakeBluetoothd(busAddress);
        await daemon.StartAgainAsync();
        return daemon;
    }

    public FakeAdapter AddAdapter(string name = "hci0")
    {
        lock (Gate)
        {
            var adapter = new FakeAdapter(this, name, string.Create(CultureInfo.InvariantCulture, $"00:AA:01:00:00:{_adapters.Count:X2}"));
            _adapters.Add(adapter);
            adapter.Publish();
            return adapter;
        }
    }

    /// <summary>It is pulled out of its socket.</summary>
    public void Remove(FakeAdapter adapter)
    {
        lock (Gate)
        {
            adapter.CutAll();
            foreach (var item in adapter.Tree.Reverse())
                item.Unpublish();
            _adapters.Remove(adapter);
        }
    }

    /// <summary>bluetoothd is gone: its name, its objects, all links. Bonds stay.</summary>
    public async Task StopAsync()
    {
        BusConnection? bus;
        lock (Gate)
        {
            foreach (var adapter in _adapters)
                adapter.CutAll();
            (bus, _bus) = (_bus, null);
            foreach (var item in Tree.Reverse())
                item.Unpublish(); // nobody hears it: the name is gone
            _agents.Clear();
            _defaultAgent = null;
        }
        if (bus is not null)
            await bus.DisposeAsync();
    }

    /// <summary>bluetoothd is back, with its adapters and what is bonded.</summary>
    public async Task StartAgainAsync()
    {
        var bus = await BusConnection.OpenAsync(_address);
        bus.Serve("/", message =>
        {
            var call = new Call(message, new TaskCompletionSource<BusBody?>());
            _calls.Writer.TryWrite(call);
            return call.Answer.Task;
        });
        await bus.MatchAsync("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'", Leave);
        lock (Gate)
        {
            foreach (var adapter in _adapters)
            {
                adapter.Publish();
                foreach (var bonded in adapter.Devices.OfType<FakeSensor>().Where(s => s.IsPaired))
                    bonded.Publish();
            }
            _bus = bus;
        }
        await bus.RequestNameAsync(BusName);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await StopAsync();
        _calls.Writer.Complete();
        await _answering;
        _stopping.Dispose();
    }

    internal string NextAddress() => FakeDevice.AddressOf(++_addresses);

    internal void Emit(string path, string @interface, string member, BusBody body) => _bus?.Emit(path, @interface, member, body);

    internal Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, _time, cancellationToken);

    /// <summary>Asks the client's agent, else the default one.</summary>
    internal async Task AskAgentAsync(string client, string member, BusBody question, CancellationToken cancellationToken)
    {
        Agent? agent;
        BusConnection? bus;
        lock (Gate)
        {
            bus = _bus;
            if (!_agents.TryGetValue(client, out agent) && _defaultAgent is not null)
                _agents.TryGetValue(_defaultAgent, out agent);
        }
        // Without anybody who can see or say something, a sensor that insists on it is not satisfied.
        if (bus is null || agent is null || agent.Capability == "NoInputNoOutput")
            throw BlueZError.AuthenticationFailed.Exception;
        try
        {
            await bus.CallAsync(agent.Client, agent.Path, "org.bluez.Agent1", member, question, TimeSpan.FromSeconds(60), cancellationToken);
        }
        catch (BusErrorException)
        {
            throw BlueZError.AuthenticationFailed.Exception;
        }
    }

    private IEnumerable<FakeObject> Tree => _adapters.SelectMany(a => a.Tree);

    /// <summary>Time passes for everything in range.</summary>
    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Step, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                lock (Gate)
                    foreach (var adapter in _adapters)
                        adapter.Advance(Elapsed);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Calls are taken up in their order, away from the bus's thread: so signals and answers leave in the order in which they are given.</summary>
    private async Task AnswerAllAsync()
    {
        await foreach (var call in _calls.Reader.ReadAllAsync())
            _ = AnswerAsync(call);
    }

    private async Task AnswerAsync(Call call)
    {
#pragma warning disable CA1031 // whatever it is, the caller is to hear it
        try
        {
            call.Answer.SetResult(await AnswerAsync(call.Message));
        }
        catch (Exception e)
        {
            call.Answer.SetException(e);
        }
#pragma warning restore CA1031
    }

    private Task<BusBody?> AnswerAsync(BusMessage call)
    {
        if (call.Interface == Wire.ObjectManagerInterface && call.Member == "GetManagedObjects")
            lock (Gate)
                return Answer(BusBody.Of("a{oa{sa{sv}}}", Wire.Dictionary(Tree
                    .Where(o => o.IsPublished)
                    .Select(o => ((object)new ObjectPath(o.Path), (object)o.Everything())))));
        if (call is { Path: Root, Interface: "org.bluez.AgentManager1" })
            lock (Gate)
                return Answer(Manage(call));

        FakeObject? target;
        lock (Gate)
            target = Tree.FirstOrDefault(o => o.Path == call.Path && o.IsPublished);
        if (target is null)
            throw new BusErrorException(
                "org.freedesktop.DBus.Error.UnknownObject", $"Method \"{call.Member}\" with signature \"{call.Signature}\" on interface \"{call.Interface}\" doesn't exist\n");
        return call.Interface == Wire.PropertiesInterface ? AnswerPropertyAsync(target, call) : target.AnswerAsync(call);
    }

    private async Task<BusBody?> AnswerPropertyAsync(FakeObject target, BusMessage call)
    {
        switch (call.Member)
        {
            case "GetAll":
                lock (Gate)
                    return BusBody.Of("a{sv}", target.PropertiesOf(call.Value<string>(0)));
            case "Get":
                lock (Gate)
                    return BusBody.Of("v", target.Property(call.Value<string>(0), call.Value<string>(1)) ?? throw new BusErrorException(
                        "org.freedesktop.DBus.Error.InvalidArgs", $"No such property '{call.Value<string>(1)}'"));
            case "Set":
                await target.WriteAsync(call.Value<string>(1), call.Value<Variant>(2));
                return default(BusBody);
            default:
                return null;
        }
    }

    private BusBody? Manage(BusMessage call)
    {
        switch (call.Member)
        {
            case "RegisterAgent":
                if (!_agents.TryAdd(call.Sender, new Agent(call.Sender, call.Value<ObjectPath>(0).Path, call.Value<string>(1))))
                    throw BlueZError.AlreadyExists.Exception;
                return default(BusBody);
            case "UnregisterAgent":
                if (!_agents.Remove(call.Sender))
                    throw BlueZError.DoesNotExist.Exception;
                return default(BusBody);
            case "RequestDefaultAgent":
                _defaultAgent = _agents.ContainsKey(call.Sender) ? call.Sender : throw BlueZError.DoesNotExist.Exception;
                return default(BusBody);
            default:
                return null;
        }
    }

    /// <summary>A client has left the bus: what it had asked for ends.</summary>
    private void Leave(BusMessage signal)
    {
        if (signal.Value<string>(2).Length > 0)
            return;
        var client = signal.Value<string>(0);
        lock (Gate)
        {
            _agents.Remove(client);
            foreach (var item in Tree)
                item.Leave(client);
        }
    }

    private static Task<BusBody?> Answer(BusBody? body) => Task.FromResult(body);

    private sealed record Call(BusMessage Message, TaskCompletionSource<BusBody?> Answer);

    private sealed record Agent(string Client, string Path, string Capability);
}

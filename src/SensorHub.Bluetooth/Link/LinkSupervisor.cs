using System.Text;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// Keeps the wanted sensors streaming: finds them, connects, starts what is wanted of each, watches that samples arrive,
/// fetches what was missed, and recovers in stages what falls silent. What comes is recorded.
/// </summary>
public sealed class LinkSupervisor
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly LinkSurroundings _around;
    private readonly Scanner _scanner;
    private readonly Signal _wake;
    private readonly Dictionary<SensorKeeper, Task> _running = [];
    private readonly Dictionary<Slug, SensorStreams> _streams = [];
    private IReadOnlyList<WantedSensor> _wanted = [];
    private IReadOnlyList<SensorKeeper> _keepers = [];
    private Timestamp? _cycledAt;

    /// <param name="central">The radio.</param>
    /// <param name="records">Takes what the sensors say and what becomes of their links.</param>
    /// <param name="random">Seeded: the jitter of pauses.</param>
    public LinkSupervisor(ICentral central, RecordSink records, LinkOptions options, Random random)
    {
        _random = random;
        _wake = new Signal(records.Clock.TimeProvider);
        _scanner = new Scanner(central, records.Clock, options, random, OnChanged);
        _around = new LinkSurroundings(central, records, options, _scanner, new ConnectTurns(), new LinkMeter(() => Keepers.Select(k => (k.Sensor, (int)k.State))))
        {
            Changed = OnChanged,
            Moved = (sensor, address) => Moved?.Invoke(sensor, address),
            IsAddressOfAnother = (keeper, address) => Keepers.Any(k => k != keeper && k.Address == address),
            PowerCycleAsync = PowerCycleAsync,
        };
    }

    /// <summary>Something in <see cref="Links"/> or <see cref="Radio"/> has changed, other than counts and rates. Raised on any thread; has to be quick.</summary>
    public event Action? Changed;

    /// <summary>A wanted sensor was found, by its name and serial, at this other address: remember it.</summary>
    public event Action<Slug, string>? Moved;

    /// <summary>The wanted sensors, in the order in which they were named, once <see cref="RunAsync"/> runs.</summary>
    public IReadOnlyList<LinkStatus> Links => [.. Keepers.Select(k => k.Status)];

    /// <summary>Why the radio cannot be used, one line with what mends it; null when it can.</summary>
    public string? Radio => _scanner.Trouble;

    /// <summary>Sensors heard within the last 30 seconds of scanning, the strongest first. Scanning goes on while a wanted sensor is searched or somebody listens.</summary>
    public IReadOnlyList<NearbySensor> Nearby => _scanner.Nearby;

    private IReadOnlyList<SensorKeeper> Keepers
    {
        get
        {
            lock (_gate)
                return _keepers;
        }
    }

    /// <summary>Scans, to fill <see cref="Nearby"/>, until disposed.</summary>
    public IDisposable Listen() => _scanner.Listen(OnChanged);

    /// <summary>Declares which sensors shall stream what, from now on. Only what differs from before is changed.</summary>
    /// <exception cref="ArgumentException">A sensor is named twice.</exception>
    public void Want(IReadOnlyList<WantedSensor> sensors)
    {
        if (sensors.GroupBy(s => s.Sensor).FirstOrDefault(s => s.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Key} is wanted twice.", nameof(sensors));
        lock (_gate)
            _wanted = [.. sensors];
        _wake.Set();
    }

    /// <summary>Runs until cancelled, then takes leave of the sensors.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var scanning = WatchAsync(_scanner.RunAsync(stop.Token));
        try
        {
            while (true)
            {
                await ApplyAsync(stop.Token);
                await _wake.WaitAsync(Timeout.InfiniteTimeSpan, stop.Token);
            }
        }
        finally
        {
            stop.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
            foreach (var task in _running.Values.Append(scanning))
                await task.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            foreach (var keeper in _running.Keys)
                keeper.Dispose();
            _running.Clear();
            _around.Meter.Dispose();
        }
    }

    /// <summary>
    /// Asks a connected sensor something that does not concern its streams: Identify, ZeroLoad, SetLoadCalibration, GetStatus or GetRange.
    /// After the calibration changed, the descriptor is read and recorded again.
    /// </summary>
    /// <exception cref="LinkException">It is not wanted, not connected, or does not answer; the message says which.</exception>
    public async Task<ControlResponse> RequestAsync(Slug sensor, ControlRequest request, CancellationToken cancellationToken)
    {
        if (request.Op is not (ControlOp.Identify or ControlOp.ZeroLoad or ControlOp.SetLoadCalibration or ControlOp.GetStatus or ControlOp.GetRange))
            throw new ArgumentException($"{request.Op} is for the supervisor to ask.", nameof(request));
        var keeper = Keepers.FirstOrDefault(k => k.Sensor == sensor) ?? throw new LinkException($"{sensor} is not one of this hub's sensors.");
        return await keeper.RequestAsync(request, cancellationToken);
    }

    /// <summary>Connects to a sensor without pairing, reads what it says about itself, and disconnects. Of a sensor that is connected already, reads over its link.</summary>
    /// <exception cref="LinkException">It did not answer; the message says what to do.</exception>
    /// <exception cref="IncompatibleSensorException">It cannot be used; the message says why.</exception>
    public async Task<SensorLook> LookAsync(string address, CancellationToken cancellationToken)
    {
        if (Keepers.FirstOrDefault(k => k.Address == address)?.Link is { } present)
            return await LookAsync(present, cancellationToken);
        var connection = await _around.Turns.RunAsync(async cancel =>
        {
            using var resting = _scanner.Rest();
            return await _around.Central.ConnectAsync(address, cancel);
        }, cancellationToken);
        await using var link = await SensorLink.OpenAsync(connection, _around.Records.Clock, _around.Options, "This sensor", cancellationToken);
        return await LookAsync(link, cancellationToken);
    }

    private static async Task<SensorLook> LookAsync(SensorLink link, CancellationToken cancellationToken)
    {
        return new SensorLook(
            link.Sensor, link.Descriptor,
            await TextAsync(StandardServices.ManufacturerName), await TextAsync(StandardServices.ModelNumber), await TextAsync(StandardServices.SerialNumber),
            await TextAsync(StandardServices.HardwareRevision), await TextAsync(StandardServices.FirmwareRevision),
            await link.TryReadAsync(StandardServices.BatteryLevel, cancellationToken) is { Length: > 0 } level ? level.Span[0] : null);

        async Task<string?> TextAsync(Guid characteristic) =>
            await link.TryReadAsync(characteristic, cancellationToken) is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
    }

    /// <summary>Has a keeper run for each wanted sensor, and for no other.</summary>
    private async Task ApplyAsync(CancellationToken stop)
    {
        foreach (var (keeper, task) in _running.Where(r => r.Value.IsCompleted).ToList())
        {
            _running.Remove(keeper);
            keeper.Dispose();
            await task;
        }
        List<SensorKeeper> begun = [];
        List<SensorKeeper> released;
        lock (_gate)
        {
            var present = _keepers.ToDictionary(k => k.Sensor);
            List<SensorKeeper> keepers = [];
            foreach (var wanted in _wanted)
            {
                if (present.Remove(wanted.Sensor, out var keeper))
                    keeper.Update(wanted);
                else if (_running.Keys.Any(k => k.Sensor == wanted.Sensor))
                    continue; // it is taking leave, and begins anew when it has
                else
                    begun.Add(keeper = new SensorKeeper(_around, wanted, StreamsOf(wanted.Sensor), new Random(_random.Next())));
                keepers.Add(keeper);
            }
            released = [.. present.Values];
            _keepers = keepers;
        }
        foreach (var keeper in released)
            keeper.Release();
        foreach (var keeper in begun)
            _running.Add(keeper, WatchAsync(keeper.RunAsync(stop)));
        if (begun.Count + released.Count > 0)
            OnChanged();
    }

    /// <summary>Kept for when a sensor is wanted again: its numbers go on.</summary>
    private SensorStreams StreamsOf(Slug sensor) =>
        _streams.TryGetValue(sensor, out var streams) ? streams : _streams[sensor] = new SensorStreams(sensor, _around.Records, _around.Options, _around.Meter);

    private async Task WatchAsync(Task task)
    {
        try
        {
            await task;
        }
        finally
        {
            _wake.Set();
        }
    }

    private async Task<bool> PowerCycleAsync(SensorKeeper keeper, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = _around.Records.Now;
            if (_cycledAt is { } at && now - at < _around.Options.PowerCyclePause ||
                _keepers.Any(k => k != keeper && k.State is LinkState.Connecting or LinkState.Pairing or LinkState.Starting or LinkState.Streaming))
                return false;
            _cycledAt = now;
        }
        try
        {
            return await _around.Turns.RunAsync(async cancel =>
            {
                using var resting = _scanner.Rest();
                await _around.Central.PowerCycleAsync(cancel);
                return true;
            }, cancellationToken);
        }
        catch (RadioException e)
        {
            _scanner.Fail(e.Message);
            return false;
        }
        catch (LinkException)
        {
            return false; // this radio cannot, and the next stage says what a person can do
        }
    }

    private void OnChanged() => Changed?.Invoke();
}

using SensorHub.Bluetooth;
using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Web.Sensors;

namespace SensorHub.Sensors;

/// <summary>
/// Behind the sensor pages: which sensors the hub knows, whose they are, what they shall do; and what a person asks of one.
/// It tells the link supervisor what is wanted, and learns from it, from the records and from the features how it goes.
/// </summary>
/// <remarks>
/// The supervisor may live on a clock and a thread of its own, as in a simulation: everything that is asked of it is
/// posted there, and waited for here.
/// </remarks>
/// <param name="known">The sensors that were added.</param>
/// <param name="subject">The person whom the hub serves now.</param>
/// <param name="time">The hub's clock.</param>
/// <param name="say">Takes a line of trouble.</param>
/// <param name="options">How load cells are calibrated; null = defaults.</param>
public sealed class SensorDesk(KnownSensors known, Slug subject, TimeProvider time, Action<string> say, LoadCellOptions? options = null) : ISensorDesk, IObserver<SensorRecord>
{
    /// <summary>Listening costs the radio's time; a person who looks for a sensor finds it by then.</summary>
    private static readonly TimeSpan LongestScan = TimeSpan.FromMinutes(3);

    /// <summary>Pairing may wait for a person; all else ends much sooner by the supervisor's own limits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private const byte BlinkSeconds = 10;

    private readonly HubClock _clock = new(time);
    private readonly LoadCellOptions _loadOptions = Constants.Check(options ?? new LoadCellOptions());
    private readonly Lock _gate = new();
    private readonly Dictionary<Slug, Seen> _seen = [];
    private readonly Dictionary<string, string> _handles = new(StringComparer.Ordinal); // by address
    private readonly Dictionary<string, SensorLook> _looks = new(StringComparer.Ordinal); // by address
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal); // addresses
    private Attached? _attached;
    private (PairingPrompt Prompt, TaskCompletionSource<bool> Answer)? _pairing;
    private IDisposable? _listening;
    private ITimer? _scanEnd;
    private bool _scanning;
    private int _named;

    public event Action? Changed;

    /// <summary>The sensors that were added.</summary>
    public IReadOnlyList<KnownSensor> Owned => known.All;

    public DeskState State
    {
        get
        {
            var links = _attached?.Links;
            var status = (links?.Links ?? []).ToDictionary(l => l.Sensor);
            lock (_gate)
                return new DeskState
                {
                    Time = _clock.Now,
                    Subject = subject,
                    RadioTrouble = links?.Radio,
                    Scanning = _scanning,
                    Sensors = [.. known.All.Select(s => Shown(s, status.GetValueOrDefault(s.Sensor)))],
                    Nearby = [.. Unknown(links?.Nearby ?? [], status).Select(Shown)],
                    Pairing = _pairing?.Prompt,
                };
        }
    }

    /// <summary>
    /// From now on these links serve the known sensors. Before the supervisor runs, or while it does.
    /// </summary>
    /// <param name="links">The supervisor.</param>
    /// <param name="radio">Its radio: forgets bonds.</param>
    /// <param name="post">Has something done on the supervisor's thread; null = any thread will do.</param>
    public void Attach(LinkSupervisor links, ICentral radio, Action<Action>? post = null)
    {
        _attached = new Attached(links, radio, post ?? (static action => action()));
        links.Changed += Raise;
        links.Moved += (sensor, address) => Task.Run(() => Guarded(() => known.Change(sensor, s => s with { Address = address })));
        Want();
        Raise();
    }

    /// <summary>The sensors of a simulation are known without being added, and those of another one are not. Before it runs.</summary>
    /// <exception cref="UserException">The file of sensors cannot be written.</exception>
    public void Attach(VirtualSession simulation)
    {
        var present = simulation.Sensors.ToDictionary(s => SensorId.Of(s.Peripheral.Descriptor));
        foreach (var other in known.All.Where(s => !present.ContainsKey(s.Sensor)).ToList())
            known.Remove(other.Sensor);
        foreach (var sensor in present.Values)
            Introduce(sensor.Peripheral.Descriptor, simulation.AddressOf(sensor), sensor.Name);
        simulation.Linked = links => Attach(links, simulation.Radio, simulation.Time.Post);
    }

    /// <summary>Makes sure that a sensor is known: one of a simulation, which nobody has to add. What is known of it already stays.</summary>
    /// <exception cref="UserException">The file of sensors cannot be written.</exception>
    public void Introduce(SensorDescriptor sensor, string address, string advertised)
    {
        var id = SensorId.Of(sensor);
        known.Put(known.Find(id) is { } old
            ? old with { Address = address, Advertised = advertised }
            : new KnownSensor(id, sensor.Kind, KnownSensor.FirstName(sensor.Kind, sensor.Serial), address, advertised, default));
        Want();
    }

    /// <summary>A pairing needs a person: shown on the pages until it is answered.</summary>
    /// <param name="name">The sensor's.</param>
    /// <param name="passkey">Six digits to compare or to type in at the sensor; null = none.</param>
    /// <param name="needsAnswer">The person says whether it is right; false = it is typed in at the sensor, and the answer can only be no.</param>
    /// <param name="cancellationToken">The pairing is over.</param>
    /// <returns>Whether the person accepts.</returns>
    public async Task<bool> AskPairingAsync(string name, string? passkey, bool needsAnswer, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _pairing?.Answer.TrySetResult(false);
            _pairing = (new PairingPrompt(FormattableString.Invariant($"p{++_named}"), name, passkey, needsAnswer), answer);
        }
        Raise();
        try
        {
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            lock (_gate)
                if (_pairing?.Answer == answer)
                    _pairing = null;
            Raise();
        }
    }

    public void AnswerPairing(string prompt, bool accept)
    {
        lock (_gate)
            if (_pairing is { } pairing && pairing.Prompt.Id == prompt)
                pairing.Answer.TrySetResult(accept);
    }

    public void OnNext(SensorRecord value)
    {
        switch (value)
        {
            case SensorRecord.Described described when SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor, out _) == DecodeStatus.Ok:
                Of(described.Sensor).Bench.Describe(descriptor!);
                Raise();
                break;
            case SensorRecord.Frame frame when frame.Bytes.Length > 1 && Of(frame.Sensor).Bench.Take(frame.At, frame.Bytes.Span):
                Raise();
                break;
            case SensorRecord.Link { State: not LinkState.Streaming } link:
                Of(link.Sensor).Bench.Lose();
                break;
            default:
                break;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    /// <summary>How the sensors do, from the pipeline.</summary>
    public void Take(Feature feature)
    {
        switch (feature)
        {
            case SensorHealth health:
                Of(health.Sensor).Health = health;
                Raise();
                break;
            case Gap gap:
                Of(gap.Sensor).AddGap(gap);
                break;
            default:
                break;
        }
    }

    public void Scan(bool on)
    {
        var attached = on ? Links() : _attached;
        lock (_gate)
        {
            if (_scanning == on)
                return;
            _scanning = on;
            _scanEnd?.Dispose();
            _scanEnd = on ? time.CreateTimer(_ => Scan(false), null, LongestScan, Timeout.InfiniteTimeSpan) : null;
        }
        attached?.Post(() =>
        {
            lock (_gate)
            {
                // Switched twice before the first was done: what is wanted last counts.
                if (_scanning)
                    _listening ??= attached.Links.Listen();
                else
                {
                    _listening?.Dispose();
                    _listening = null;
                }
            }
            Raise();
        });
        Raise();
    }

    public Task LookAsync(string handle, CancellationToken cancellationToken) => LookAtAsync(AddressOf(handle), cancellationToken);

    public async Task<Slug> AddAsync(string handle, CancellationToken cancellationToken)
    {
        var address = AddressOf(handle);
        var advertised = Links().Links.Nearby.FirstOrDefault(n => n.Address == address)?.Name ?? "";
        SensorLook? look;
        lock (_gate)
            look = _looks.GetValueOrDefault(address);
        look ??= await LookAtAsync(address, cancellationToken).ConfigureAwait(false);
        Introduce(look.Descriptor, address, advertised);
        Raise();
        return look.Sensor;
    }

    public void Rename(Slug sensor, string name)
    {
        name = name.Trim();
        if (name.Length > KnownSensor.LongestName || name.Any(char.IsControl))
            throw new UserException($"A name has at most {KnownSensor.LongestName} characters, all on one line.");
        known.Change(Known(sensor).Sensor, s => s with { Name = name.Length > 0 ? name : KnownSensor.FirstName(s.Kind, sensor.ToString().Split('-', 2)[^1]) });
        Raise();
    }

    public void Assign(Slug sensor, Slug subject)
    {
        known.Change(Known(sensor).Sensor, s => s with { Subject = subject });
        Want();
        Raise();
    }

    public async Task IdentifyAsync(Slug sensor, CancellationToken cancellationToken) =>
        await RequestAsync(Known(sensor).Sensor, new ControlRequest.Identify(BlinkSeconds), "It has no light to blink.", cancellationToken).ConfigureAwait(false);

    public async Task ZeroLoadAsync(Slug sensor, CancellationToken cancellationToken)
    {
        var bench = Of(Known(sensor).Sensor).Bench;
        var (cells, force) = bench.BeginZero();
        await RequestAsync(sensor, new ControlRequest.ZeroLoad(cells), "It has no load cells to zero.", cancellationToken).ConfigureAwait(false);
        bench.EndZero(force);
        Raise();
    }

    public async Task WeighAsync(Slug sensor, double kilograms, int? cell, CancellationToken cancellationToken)
    {
        var bench = Of(Known(sensor).Sensor).Bench;
        var weighing = bench.BeginWeighing(cell);
        Raise();
        IReadOnlyList<double[]>? samples = null;
        try
        {
            samples = await weighing.Samples.WaitAsync(5 * _loadOptions.WeighingTime, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new UserException("Nothing comes from the load cells: wait until the roller streams, and weigh again.", e);
        }
        finally
        {
            bench.EndWeighing(kilograms, cell, samples);
            Raise();
        }
    }

    public async Task KeepGainsAsync(Slug sensor, CancellationToken cancellationToken)
    {
        var bench = Of(Known(sensor).Sensor).Bench;
        var before = bench.Calibrations;
        var wanted = bench.Wanted();
        try
        {
            foreach (var calibration in wanted)
                await RequestAsync(sensor, new ControlRequest.SetLoadCalibration(calibration), "It has no load cells.", cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            bench.Drop(); // some cells may have their new gains: what was weighed no longer fits
            throw;
        }
        bench.Keep(before);
        Raise();
    }

    public void DropPlacements(Slug sensor)
    {
        Of(Known(sensor).Sensor).Bench.Drop();
        Raise();
    }

    public async Task ForgetAsync(Slug sensor, CancellationToken cancellationToken)
    {
        var forgotten = Known(sensor);
        known.Remove(sensor);
        lock (_gate)
            _seen.Remove(sensor);
        Want();
        Raise();
        if (_attached is not { } attached)
            return;
        try
        {
            await OnLinksAsync(async () =>
            {
                await attached.Radio.ForgetAsync(forgotten.Address, CancellationToken.None);
                return true;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (UserException e)
        {
            say($"{sensor} is forgotten, but the radio may still be paired with it: {e.Message}");
        }
    }

    private void Want()
    {
        if (_attached is not { } attached)
            return;
        WantedSensor[] wanted = [.. known.All.Where(IsServed).Select(s => new WantedSensor(s.Sensor, s.Address, s.Advertised))];
        attached.Post(() => attached.Links.Want(wanted));
    }

    private bool IsServed(KnownSensor sensor) => sensor.Subject.IsNone || sensor.Subject == subject;

    private async Task<SensorLook> LookAtAsync(string address, CancellationToken cancellationToken)
    {
        var links = Links().Links;
        lock (_gate)
            if (!_busy.Add(address))
                throw new UserException("It is being asked already: wait a moment.");
        Raise();
        try
        {
            var look = await OnLinksAsync(() => links.LookAsync(address, CancellationToken.None), cancellationToken).ConfigureAwait(false);
            lock (_gate)
                _looks[address] = look;
            return look;
        }
        finally
        {
            lock (_gate)
                _busy.Remove(address);
            Raise();
        }
    }

    /// <summary>Asks a sensor, and takes no for a reason.</summary>
    private async Task RequestAsync(Slug sensor, ControlRequest request, string unavailable, CancellationToken cancellationToken)
    {
        var links = Links().Links;
        var response = await OnLinksAsync(() => links.RequestAsync(sensor, request, CancellationToken.None), cancellationToken).ConfigureAwait(false);
        if (response.Status is not (ControlStatus.Ok or ControlStatus.AlreadyInState))
            throw new UserException(response.Status switch
            {
                ControlStatus.NotAvailable => unavailable,
                ControlStatus.InCharger => "It is in its charger: take it out first.",
                ControlStatus.StorageFull => "It could not keep the calibration: its storage is full.",
                ControlStatus.UnknownOp => "Its firmware does not know how: update it.",
                var status => $"It refused: {status}.",
            });
    }

    /// <summary>Has it done on the supervisor's thread, and waits for it here. What a radio says becomes a line for a person.</summary>
    private async Task<T> OnLinksAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Links().Post(() => _ = CompleteAsync(act, done));
        try
        {
            return await done.Task.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException e)
        {
            throw new UserException(e.Message, e);
        }
        catch (TimeoutException e)
        {
            throw new UserException("The sensor does not answer. Is it switched on and near?", e);
        }
    }

    private static async Task CompleteAsync<T>(Func<Task<T>> act, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(await act());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private DeskSensor Shown(KnownSensor sensor, LinkStatus? link)
    {
        var seen = _seen.GetValueOrDefault(sensor.Sensor);
        var health = link is null ? null : seen?.Health;
        var shown = new DeskSensor
        {
            Sensor = sensor.Sensor,
            Name = sensor.Name,
            Kind = sensor.Kind,
            Subject = sensor.Subject,
            Gaps = seen?.Gaps ?? 0,
            Lost = health?.Lost ?? 0,
            Received = health?.Received ?? 0,
            ClockUncertainty = health?.ClockUncertainty,
            ClockDriftPpm = health?.ClockDriftPpm,
            Load = seen?.Bench.State,
        };
        if (!IsServed(sensor))
            return shown with { Link = LinkState.Off, Trouble = $"It is {sensor.Subject}'s, and the hub serves {subject} now: it is left alone." };
        if (link is null)
            return shown with { Link = _attached is null ? LinkState.Off : LinkState.Searching };
        return shown with
        {
            Link = link.State,
            Since = link.Since,
            Trouble = link.Trouble,
            Rssi = link.Rssi,
            Battery = link.Battery ?? health?.Battery,
            Firmware = link.Firmware ?? (link.Descriptor?.Firmware is { Length: > 0 } firmware ? firmware : null),
            Streams = [.. link.Streams.Select(s => new DeskStream(s.Kind, RoleOf(link.Descriptor, s.Stream), s.NominalRate, s.SamplesPerSecond))],
        };
    }

    private static ElementRole? RoleOf(SensorDescriptor? sensor, byte stream) =>
        sensor?.FindStream(stream) is { Kind: StreamKind.Imu } imu ? sensor.Elements.FirstOrDefault(e => e.Id == imu.Element)?.Role : null;

    /// <summary>Neither known by its address nor, while a known one is not connected, by its name: a private address changes.</summary>
    private IEnumerable<NearbySensor> Unknown(IReadOnlyList<NearbySensor> nearby, Dictionary<Slug, LinkStatus> status) => nearby.Where(n => !known.All.Any(s =>
        s.Address == n.Address ||
        _looks.GetValueOrDefault(n.Address)?.Sensor == s.Sensor ||
        s.Advertised == n.Name && s.Advertised.Length > 0 && status.GetValueOrDefault(s.Sensor)?.State is not (LinkState.Streaming or LinkState.Starting or LinkState.Stalled)));

    private DeskNearby Shown(NearbySensor nearby)
    {
        if (!_handles.TryGetValue(nearby.Address, out var handle))
            _handles[nearby.Address] = handle = FormattableString.Invariant($"n{_handles.Count + 1}");
        var look = _looks.GetValueOrDefault(nearby.Address);
        return new DeskNearby(handle, nearby.Name.Length > 0 ? nearby.Name : "Sensor without a name", nearby.Rssi, nearby.LastHeard)
        {
            Busy = _busy.Contains(nearby.Address),
            Sensor = look?.Sensor ?? default,
            Battery = look?.Battery,
            Firmware = look?.Firmware ?? look?.Descriptor.Firmware,
        };
    }

    private string AddressOf(string handle)
    {
        lock (_gate)
            return _handles.FirstOrDefault(h => h.Value == handle).Key ?? throw new UserException("That sensor is no longer there: look for sensors again.");
    }

    private Attached Links() => _attached ?? throw new UserException("The radio is not ready yet: wait a moment.");

    private KnownSensor Known(Slug sensor) => known.Find(sensor) ?? throw new UserException("There is no such sensor: it may have been forgotten.");

    private Seen Of(Slug sensor)
    {
        lock (_gate)
        {
            if (!_seen.TryGetValue(sensor, out var seen))
                _seen[sensor] = seen = new Seen(_loadOptions);
            return seen;
        }
    }

    private void Guarded(Action act)
    {
        try
        {
            act();
        }
        catch (UserException e)
        {
            say(e.Message);
        }
    }

    private void Raise() => Changed?.Invoke();

    private sealed record Attached(LinkSupervisor Links, ICentral Radio, Action<Action> Post);

    /// <summary>What records and features told of a sensor.</summary>
    private sealed class Seen(LoadCellOptions options)
    {
        private readonly Dictionary<byte, Timestamp> _lastGaps = [];
        private long _gaps;
        private SensorHealth? _health;

        public LoadBench Bench { get; } = new(options);

        public SensorHealth? Health
        {
            get => Volatile.Read(ref _health);
            set => Volatile.Write(ref _health, value);
        }

        public long Gaps => Interlocked.Read(ref _gaps);

        /// <summary>A gap is said again, under the same time, when more is known of it.</summary>
        public void AddGap(Gap gap)
        {
            if (_lastGaps.TryGetValue(gap.Stream, out var last) && gap.Time <= last)
                return;
            _lastGaps[gap.Stream] = gap.Time;
            Interlocked.Increment(ref _gaps);
        }
    }
}

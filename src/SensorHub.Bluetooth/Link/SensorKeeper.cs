using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>Keeps one wanted sensor streaming, for as long as it is wanted: finds it, uses the link until it is lost or silent, and begins again.</summary>
internal sealed class SensorKeeper : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkSurroundings _around;
    private readonly SensorStreams _streams;
    private readonly Recovery _recovery = new();
    private readonly BackOff _pause;
    private readonly Signal _heard;
    private readonly CancellationTokenSource _unwanted = new();
    private readonly Dictionary<string, Timestamp> _strangers = [];
    private WantedSensor _declared;
    private WantedSensor _wanted;
    private SensorUse? _use;
    private Timestamp _since;
    private LinkState _state;
    private string _reason = "";
    private int _tries;
    private int _darkTries;
    private int? _battery;
    private bool _cycled;

    /// <param name="streams">What is known of its streams from an earlier time.</param>
    public SensorKeeper(LinkSurroundings around, WantedSensor wanted, SensorStreams streams, Random random)
    {
        (_around, _declared, _wanted, _streams) = (around, wanted, wanted, streams);
        _pause = new BackOff(around.Options.FirstPause, around.Options.LongestPause, random);
        _heard = new Signal(Time);
        _since = around.Records.Now;
    }

    public Slug Sensor => _wanted.Sensor;

    public LinkState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>Where it is, or was last.</summary>
    public string Address
    {
        get
        {
            lock (_gate)
                return _wanted.Address;
        }
    }

    public SensorLink? Link
    {
        get
        {
            lock (_gate)
                return _use?.Link;
        }
    }

    public LinkStatus Status
    {
        get
        {
            var now = _around.Records.Now;
            var link = Link;
            var streams = _streams.Each(t => (
                Status: new StreamStatus(t.Descriptor.Id, t.Descriptor.Kind, t.NominalRate, t.Rate(now)), IsPeriodic: t.NominalRate is not null));
            var metered = streams.FirstOrDefault(s => s.Status.Kind == StreamKind.Imu, streams.FirstOrDefault(s => s.IsPeriodic)).Status;
            var descriptor = _streams.Descriptor;
            lock (_gate)
                return new LinkStatus
                {
                    Sensor = _wanted.Sensor,
                    State = _state,
                    Since = _since,
                    Reason = _reason,
                    Trouble = Trouble(),
                    Stage = _recovery.Stage,
                    Tries = _tries,
                    Rssi = _around.Scanner.At(_wanted.Address)?.Rssi,
                    Mtu = link?.Mtu,
                    Battery = _streams.Battery is { } level ? (int)Math.Round(level) : _battery,
                    Firmware = descriptor?.Firmware,
                    Descriptor = descriptor,
                    Streams = [.. streams.Select(s => s.Status)],
                    SamplesPerSecond = metered?.SamplesPerSecond ?? 0,
                    Missing = _streams.MissingSamples,
                    Fetched = _streams.Fetched,
                    GivenUp = _streams.GivenUp,
                    Malformed = _streams.Malformed,
                };
        }
    }

    private LinkOptions Options => _around.Options;

    private TimeProvider Time => _around.Records.Clock.TimeProvider;

    /// <summary>It is wanted in another way, or under another name.</summary>
    public void Update(WantedSensor wanted)
    {
        SensorUse? use;
        lock (_gate)
        {
            if (wanted == _declared)
                return; // and where it was found since then stays
            (_declared, _wanted) = (wanted, wanted);
            use = _use;
        }
        use?.Want(wanted);
        _heard.Set();
    }

    /// <summary>It is not wanted any more: <see cref="RunAsync"/> ends soon.</summary>
    public void Release() => _unwanted.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time

    public void Dispose() => _unwanted.Dispose();

    /// <summary>Asks the sensor, when it is connected.</summary>
    /// <exception cref="LinkException">It is not, or does not answer.</exception>
    public async Task<ControlResponse> RequestAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        var use = _use;
        if (use is null)
            throw new LinkException(_reason.Length > 0 ? $"{Sensor} is not connected. {_reason}" : $"{Sensor} is not connected yet.");

        // Not cancelled half-way, for the sensor answers all the same.
        return await use.RequestAsync(request).WaitAsync(cancellationToken);
    }

    /// <summary>Runs until it is wanted no more, or the hub ends.</summary>
    public async Task RunAsync(CancellationToken hub)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(hub, _unwanted.Token);
        try
        {
            while (true)
                await Time.ExactlyAsync(await TryAsync(stop.Token), stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _streams.GiveUp();
            Enter(LinkState.Off, hub.IsCancellationRequested ? "closed by the hub" : "not wanted any more");
        }
    }

    /// <summary>One try, from searching to the end of the link.</summary>
    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> TryAsync(CancellationToken stop)
    {
        var address = Address;
        try
        {
            await PrepareAsync(stop);
            (address, var connection) = await ConnectAsync(stop);
            await UseAsync(address, connection, stop);
        }
        catch (IncompatibleSensorException e)
        {
            Failed(LinkState.Refused, e.Message);
            return Options.RefusedPause;
        }
        catch (StrangerException e)
        {
            _strangers[address] = _around.Records.Now;
            Failed(LinkState.Refused, e.Message);
            return _pause.Next();
        }
        catch (PairingException e)
        {
            Failed(LinkState.Refused, e.Message);
            return Options.RefusedPause / 2;
        }
        catch (RadioException e)
        {
            _around.Scanner.Fail(e.Message);
            Failed(LinkState.Lost, e.Message);
        }
        catch (SilentException e)
        {
            Failed(LinkState.Lost, e.Message);
        }
        catch (LostException e)
        {
            Failed(LinkState.Lost, e.Message);
        }
        catch (LinkException e)
        {
            // Heard or connected, and yet it does not stream.
            _around.Meter.Recovering(Sensor, _recovery.Next(hasLink: false));
            Failed(LinkState.Lost, e.Message);
        }
        return _pause.Next();
    }

    /// <summary>What the stage of recovery asks for before the link is made anew.</summary>
    private async Task PrepareAsync(CancellationToken stop)
    {
        if (_recovery.Stage >= RecoveryStage.Rediscover)
            _around.Scanner.Renew();
        if (_recovery.Stage >= RecoveryStage.PowerCycle && !_cycled)
            _cycled = await _around.PowerCycleAsync(this, stop);
    }

    /// <summary>Searches and connects, until it has a connection.</summary>
    private async Task<(string Address, IConnection Connection)> ConnectAsync(CancellationToken stop)
    {
        while (true)
        {
            if (await FindAsync(stop) is { } found)
            {
                _darkTries = 0;
                return (found, await _around.Turns.RunAsync(cancel =>
                {
                    Enter(LinkState.Connecting, "");
                    return ConnectAsync(found, cancel);
                }, stop));
            }

            // Not heard, perhaps because it is connected to this computer already.
            var address = Address;
            _darkTries++;
            try
            {
                if (await _around.Turns.RunInTheDarkAsync(cancel => ConnectAsync(address, cancel), stop) is { } connection)
                    return (address, connection);
            }
            catch (LinkException e) when (e is not RadioException)
            {
                // As was to be expected.
            }
        }
    }

    private async Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        using var resting = _around.Scanner.Rest();
        return await _around.Central.ConnectAsync(address, cancellationToken);
    }

    /// <summary>Listens until the sensor is heard, at its address or else by its name.</summary>
    /// <returns>Null when it was not heard for so long that it should be tried all the same.</returns>
    private async Task<string?> FindAsync(CancellationToken stop)
    {
        using var listening = _around.Scanner.Listen(_heard.Set);
        var began = _around.Records.Now;
        var dark = Options.Unheard * Math.Pow(2, Math.Min(_darkTries, 4));
        while (true)
        {
            var (wanted, now) = (_wanted, _around.Records.Now);
            var deadline = Timeout.InfiniteTimeSpan;
            if (_around.Scanner.Trouble is { } trouble)
                Searching(trouble);
            else
            {
                if (_around.Scanner.At(wanted.Address) is { } known && known.LastHeard >= began && !IsStranger(wanted.Address, now))
                    return wanted.Address;
                if (now - began >= Options.AddressOnly && NamedLike(wanted, began, now) is { } other)
                    return other;
                if (now - began >= dark)
                    return null;
                var silent = _darkTries > 0 || now - began >= Options.Unheard;
                Searching(silent ? LinkText.NotHeard : "");
                deadline = dark - (now - began);
                if (!silent && Options.Unheard - (now - began) is var soon && soon < deadline)
                    deadline = soon;
            }
            await _heard.WaitAsync(deadline, stop);
        }
    }

    private string? NamedLike(WantedSensor wanted, Timestamp since, Timestamp now) =>
        wanted.Name.Length == 0
            ? null
            : _around.Scanner.Nearby.FirstOrDefault(s => s.Name == wanted.Name && s.LastHeard >= since && !IsStranger(s.Address, now) && !_around.IsAddressOfAnother(this, s.Address))?.Address;

    private bool IsStranger(string address, Timestamp now) => _strangers.TryGetValue(address, out var at) && now - at < Options.RefusedPause;

    /// <summary>One link, from its first byte to its last.</summary>
    private async Task UseAsync(string address, IConnection connection, CancellationToken stop)
    {
        _around.Meter.Connected(Sensor);
        var link = await SensorLink.OpenAsync(connection, _around.Records.Clock, Options, Sensor.ToString(), stop);
        if (link.Sensor != Sensor)
        {
            await link.DisposeAsync();
            throw new StrangerException($"{link.Sensor} answered in the place of {Sensor}: if the sensor was exchanged, forget the old one and add the new one.");
        }
        _strangers.Clear();
        await using var use = new SensorUse(link, _wanted, _streams, _recovery, _around) { Enter = Enter, Flowing = OnFlowing, Steady = OnSteady, Battery = level => _battery = level };
        lock (_gate)
        {
            _use = use;
            use.Want(_wanted);
            if (address != _wanted.Address)
                _wanted = _wanted with { Address = address };
            else
                address = "";
        }
        if (address.Length > 0)
            _around.Moved(Sensor, address);
        try
        {
            await use.RunAsync(stop);
        }
        catch (LinkException e) when (link.Lost.IsCompleted)
        {
            _around.Meter.Lost(Sensor);
            var reason = await link.Lost;
            if (_recovery.Stage == RecoveryStage.Resubscribe)
                _recovery.Undo(); // it was silent because the link was about to be lost
            throw use.HasStreamed ? new LostException(reason, e) : new LinkException(reason, e);
        }
        finally
        {
            lock (_gate)
                _use = null;
        }
    }

    private void OnFlowing()
    {
        _pause.Reset();
        lock (_gate)
            _tries = 0;
    }

    private void OnSteady()
    {
        lock (_gate)
            _recovery.Reset();
        _cycled = false;
    }

    private void Failed(LinkState state, string reason)
    {
        lock (_gate)
            _tries++;
        Enter(state, _recovery.Stage == RecoveryStage.RestartHint && state == LinkState.Lost
            ? $"{reason.TrimEnd('.')}. Connecting, searching and the adapter did not help: switch the sensor off and on, then restart the computer's Bluetooth (Linux: sudo systemctl restart bluetooth)."
            : reason);
    }

    /// <summary>What was refused stays so while it is looked at again.</summary>
    private void Searching(string reason)
    {
        if (State != LinkState.Refused)
            Enter(LinkState.Searching, reason);
    }

    private void Enter(LinkState state, string reason)
    {
        lock (_gate)
        {
            if (state == LinkState.Connecting && _state == LinkState.Refused || state == _state && reason == _reason)
                return;
            if (state != _state)
                _since = _around.Records.Now;
            (_state, _reason) = (state, reason);
        }
        _around.Records.Add(at => new SensorRecord.Link(at, Sensor, state, reason));
        _around.Changed();
    }

    private string? Trouble() =>
        _reason.Length > 0 && _state is LinkState.Streaming or LinkState.Lost or LinkState.Searching or LinkState.Stalled or LinkState.Refused ? _reason : null;

    /// <summary>Another sensor answers at this one's address.</summary>
    private sealed class StrangerException(string message) : LinkException(message);

    /// <summary>The link of a sensor that had streamed was lost: nothing is wrong with it, it is out of range.</summary>
    private sealed class LostException(string message, Exception inner) : LinkException(message, inner);
}

/// <summary>Pairing failed; the message says what to do.</summary>
internal sealed class PairingException(string message, Exception inner) : LinkException(message, inner);

/// <summary>The link is there, and nothing comes over it; what to do next is decided.</summary>
internal sealed class SilentException(string message) : LinkException(message);

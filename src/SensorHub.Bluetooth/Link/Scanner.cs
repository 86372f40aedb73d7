using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// One scan for everybody who searches or listens. It rests while nobody does, and while a link is being made, which
/// controllers do not do well beside it. A radio that cannot be used is tried again, with growing pauses.
/// </summary>
internal sealed class Scanner(ICentral central, HubClock clock, LinkOptions options, Random random, Action changed)
{
    /// <summary>Heard longer ago than this, a sensor is not near.</summary>
    private static readonly TimeSpan Near = TimeSpan.FromSeconds(30);

    /// <summary>A scan that has not failed by then works, though no sensor may be near.</summary>
    private static readonly TimeSpan Begun = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Signal _wake = new(clock.TimeProvider);
    private readonly Dictionary<string, NearbySensor> _heard = [];
    private readonly List<Action> _listeners = [];
    private CancellationTokenSource? _scan;
    private int _connecting;

    /// <summary>Why the radio cannot be used, for a person; null when it can.</summary>
    public string? Trouble { get; private set; }

    public IReadOnlyList<NearbySensor> Nearby
    {
        get
        {
            var now = clock.Now;
            lock (_gate)
                return [.. _heard.Values.Where(s => now - s.LastHeard <= Near).OrderByDescending(s => s.Rssi ?? int.MinValue).ThenBy(s => s.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The last that was heard from an address.</summary>
    public NearbySensor? At(string address)
    {
        lock (_gate)
            return _heard.GetValueOrDefault(address);
    }

    /// <summary>Scans until disposed.</summary>
    /// <param name="heard">Called for each advertisement, and when the radio works again or does not. On any thread.</param>
    public IDisposable Listen(Action heard)
    {
        lock (_gate)
            _listeners.Add(heard);
        _wake.Set();
        return new Ending(() =>
        {
            lock (_gate)
                _listeners.Remove(heard);
            StopWhenIdle();
        });
    }

    /// <summary>A link is being made: no scan until disposed.</summary>
    public IDisposable Rest()
    {
        lock (_gate)
            _connecting++;
        StopWhenIdle();
        return new Ending(() =>
        {
            lock (_gate)
                _connecting--;
            _wake.Set();
        });
    }

    /// <summary>Begins the scan anew, for one that may have died unnoticed.</summary>
    public void Renew()
    {
        CancellationTokenSource? scan;
        lock (_gate)
            scan = _scan;
        scan?.Cancel();
    }

    /// <summary>The radio said that it cannot be used.</summary>
    public void Fail(string trouble)
    {
        if (Trouble == trouble)
            return;
        Trouble = trouble;
        Tell();
        changed();
        Renew();
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = new BackOff(TimeSpan.FromSeconds(1), options.LongestPause, random);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsWanted)
            {
                await _wake.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
                continue;
            }
            var scan = new CancellationTokenSource(); // not disposed: somebody may be about to cancel it
            using var cancelling = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), scan);
            lock (_gate)
                _scan = scan;
            try
            {
                await ScanAsync(pause, scan);
                Fail("The scan for sensors ended by itself. Restart the computer's Bluetooth, on Linux with: sudo systemctl restart bluetooth");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                continue;
            }
            catch (LinkException e)
            {
                Fail(e.Message);
            }
            finally
            {
                lock (_gate)
                    _scan = null;
            }
            await clock.TimeProvider.ExactlyAsync(pause.Next(), cancellationToken);
        }
    }

    private bool IsWanted
    {
        get
        {
            lock (_gate)
                return _listeners.Count > 0 && _connecting == 0;
        }
    }

    private async Task ScanAsync(BackOff pause, CancellationTokenSource scan)
    {
        using var begun = clock.TimeProvider.CreateTimer(_ => Works(pause, scan), null, Begun, Timeout.InfiniteTimeSpan);
        using var renewal = clock.TimeProvider.CreateTimer(_ => scan.Cancel(), null, options.ScanRenewal, Timeout.InfiniteTimeSpan);
        await foreach (var advertisement in central.ScanAsync(scan.Token))
        {
            Works(pause, scan);
            renewal.Change(options.ScanRenewal, Timeout.InfiniteTimeSpan);
            var now = clock.Now;
            lock (_gate)
            {
                foreach (var gone in _heard.Values.Where(s => now - s.LastHeard > Near).ToList())
                    _heard.Remove(gone.Address);
                _heard[advertisement.Address] = new NearbySensor(
                    advertisement.Address, advertisement.Name, advertisement.Rssi ?? _heard.GetValueOrDefault(advertisement.Address)?.Rssi, now);
            }
            Tell();
        }
        scan.Token.ThrowIfCancellationRequested();
    }

    private void Works(BackOff pause, CancellationTokenSource scan)
    {
        lock (_gate)
            if (_scan != scan)
                return; // it has failed meanwhile
        pause.Reset();
        if (Trouble is null)
            return;
        Trouble = null;
        Tell();
        changed();
    }

    private void Tell()
    {
        Action[] listeners;
        lock (_gate)
            listeners = [.. _listeners];
        foreach (var listener in listeners)
            listener();
    }

    private void StopWhenIdle()
    {
        if (!IsWanted)
            Renew();
    }

    private sealed class Ending(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}

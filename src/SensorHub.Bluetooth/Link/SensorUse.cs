using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// The use of one link: encrypts it, starts what is wanted, keeps time, fetches what is missing, and watches that samples
/// come, until the link is lost or given up.
/// </summary>
internal sealed class SensorUse : IAsyncDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedRetry = TimeSpan.FromSeconds(5);

    private readonly SensorStreams _streams;
    private readonly Recovery _recovery;
    private readonly LinkSurroundings _around;
    private readonly TimeExchanges _exchanges;
    private readonly BacklogFetcher _fetcher;
    private readonly Signal _wake;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _running = [];
    private WantedSensor _wanted;
    private bool _wantsChange;
    private LinkException? _failure;
    private string _trouble = "";

    public SensorUse(SensorLink link, WantedSensor wanted, SensorStreams streams, Recovery recovery, LinkSurroundings around)
    {
        (Link, _wanted, _streams, _recovery, _around) = (link, wanted, streams, recovery, around);
        _wake = new Signal(Time);
        _exchanges = new TimeExchanges(link, around.Records, around.Options);
        _fetcher = new BacklogFetcher(link, streams, around.Records, around.Options, Receive);
    }

    public SensorLink Link { get; }

    /// <summary>All that is wanted has come over this link.</summary>
    public bool HasStreamed { get; private set; }

    /// <summary>Takes a state and why.</summary>
    public required Action<LinkState, string> Enter { get; init; }

    /// <summary>Called when all that is wanted comes.</summary>
    public required Action Flowing { get; init; }

    /// <summary>Called when it has come for a while.</summary>
    public required Action Steady { get; init; }

    /// <summary>Takes the level that the Battery service gives, %.</summary>
    public required Action<int> Battery { get; init; }

    private LinkOptions Options => _around.Options;

    private TimeProvider Time => _around.Records.Clock.TimeProvider;

    private Timestamp Now => _around.Records.Now;

    /// <summary>What is wanted has changed.</summary>
    public void Want(WantedSensor wanted)
    {
        _wanted = wanted;
        Volatile.Write(ref _wantsChange, true);
        _wake.Set();
    }

    /// <summary>Runs until the link is lost.</summary>
    /// <exception cref="LinkException">It is lost, or of no use; the message says why.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Describe();
        Enter(LinkState.Pairing, "");
        await PairAsync(cancellationToken);
        Enter(LinkState.Starting, "");
        await Link.EnableControlAsync(cancellationToken);
        await Link.EnableFramesAsync(Receive, cancellationToken);
        try
        {
            var state = await AskAsync<ControlResponse.State>(new ControlRequest.GetStatus());
            _streams.Begin(state.BootId);
            await _exchanges.BeginAsync(cancellationToken);
            Volatile.Write(ref _wantsChange, false);
            await StartAsync(On(state), cancellationToken);
            _running.Add(GuardAsync(_exchanges.KeepAsync(_closing.Token)));
            _running.Add(GuardAsync(_fetcher.RunAsync(_closing.Token)));
            _running.Add(WakeWhenLostAsync());
            await ReadBatteryAsync(cancellationToken);
            await WatchAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await TakeLeaveAsync();
            throw;
        }
    }

    /// <summary>Asks something that does not concern the streams.</summary>
    public async Task<ControlResponse> RequestAsync(ControlRequest request)
    {
        var response = await Link.RequestAsync(request, CancellationToken.None);
        if (response.Status == ControlStatus.Ok && request is ControlRequest.ZeroLoad or ControlRequest.SetLoadCalibration)
        {
            await Link.ReadDescriptorAsync(CancellationToken.None);
            Describe();
            _around.Changed();
        }
        return response;
    }

    public async ValueTask DisposeAsync()
    {
        _closing.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
        await Link.DisposeAsync();
        foreach (var task in _running)
            await task;
        _closing.Dispose();
    }

    private void Describe()
    {
        _around.Records.Add(at => new SensorRecord.Described(at, Link.Sensor, Link.DescriptorBytes));
        _streams.Describe(Link.Descriptor);
    }

    private async Task PairAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Link.EncryptAsync(cancellationToken).WaitAsync(Options.PairingTimeout, Time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new PairingException(FormattableString.Invariant($"{Link.Sensor} was not paired within {Options.PairingTimeout.TotalSeconds:0} s: press its button, or switch it off and on, and confirm the pairing."), e);
        }
        catch (LinkException e) when (e is not RadioException && !Link.Lost.IsCompleted)
        {
            throw new PairingException(e.Message, e);
        }
    }

    /// <summary>Called in the radio's callback, once a frame.</summary>
    private void Receive(ReadOnlyMemory<byte> bytes)
    {
        _around.Records.Add(at => new SensorRecord.Frame(at, Link.Sensor, bytes));
        if (!_streams.Take(bytes.Span))
            return;
        _fetcher.Wake();
        _wake.Set();
    }

    /// <summary>Which streams are on, by the sensor's word.</summary>
    private HashSet<byte> On(ControlResponse.State state) =>
        [.. Link.Descriptor.Streams.Where((_, i) => (state.Streaming & 1 << i) != 0).Select(s => s.Id)];

    /// <summary>Starts and stops what differs from what is wanted.</summary>
    /// <param name="on">What is on at the sensor, and not known to be sending.</param>
    private async Task StartAsync(HashSet<byte> on, CancellationToken cancellationToken)
    {
        foreach (var stream in Link.Descriptor.Streams)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wanted = _wanted.PeriodOf(stream, Link.Descriptor.TickRate);
            var present = _streams.PeriodOf(stream.Id);
            if (wanted is { } period && present != period)
            {
                if (present is not null)
                    await StopAsync(stream.Id);
                await StartAsync(stream.Id, period);
            }
            else if (wanted is null && (present is not null || on.Contains(stream.Id)))
                await StopAsync(stream.Id);
        }
        _fetcher.Wake();
    }

    private async Task StartAsync(byte stream, uint period)
    {
        // Taken in the radio's callback: the first frame may be right behind the answer.
        var request = new ControlRequest.Start(stream, period, Options.LatencyMilliseconds);
        Task<ControlResponse> SendAsync() => Link.RequestAsync(request, CancellationToken.None, (answer, _) =>
        {
            if (answer is ControlResponse.Started started)
                _streams.Started(started);
        });
        var response = await SendAsync();
        if (response.Status == ControlStatus.AlreadyInState)
        {
            // Sending, by a Start before this link or one whose answer was lost: only a new Start fits its frames to this link's MTU.
            await StopAsync(stream);
            response = await SendAsync();
        }
        if (response.Status != ControlStatus.Ok)
            _streams.Refused(stream, response.Status);
    }

    private async Task StopAsync(byte stream)
    {
        await Link.RequestAsync(new ControlRequest.Stop(stream), CancellationToken.None);
        _streams.Stopped(stream);
    }

    private async Task ReadBatteryAsync(CancellationToken cancellationToken)
    {
        if (await Link.TryReadAsync(StandardServices.BatteryLevel, cancellationToken) is { Length: > 0 } level)
            Battery(level.Span[0]);
    }

    /// <summary>The watchdog: on samples, not on the link.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var check = Now + CheckInterval;
        var retry = Now + RefusedRetry;
        Timestamp? streamsSince = null;
        var isStable = false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Link.Lost.IsCompleted)
                throw new LinkException(await Link.Lost);
            if (_running.Find(t => t.IsFaulted) is { } broken)
                await broken;
            if (Volatile.Read(ref _failure) is { } failure)
                throw new LinkException(failure.Message, failure);
            if (Interlocked.Exchange(ref _wantsChange, false))
                await StartAsync([], cancellationToken);

            var now = Now;
            if (now >= check)
            {
                check = now + CheckInterval;
                _trouble = _streams.Trouble() ?? "";
            }
            var refused = _streams.Each(t => (t.Descriptor, t.Refusal)).Where(t => t.Refusal is not null).ToList();
            var silent = _streams.Each(t => (t.Descriptor, At: t.SilentAt(Options))).Where(t => t.At <= now).ToList();
            if (refused.Count > 0)
            {
                EnterRefused(refused[0].Descriptor, refused[0].Refusal!.Value);
                if (now >= retry)
                {
                    retry = now + RefusedRetry;
                    await RetryAsync(refused.Select(r => r.Descriptor.Id), cancellationToken);
                    continue;
                }
            }
            if (silent.Count > 0)
            {
                streamsSince = null;
                await RecoverAsync([.. silent.Select(s => s.Descriptor)], cancellationToken);
                continue;
            }
            if (refused.Count == 0 && _streams.Each(t => t.Comes).All(comes => comes))
            {
                if (streamsSince is null)
                {
                    (streamsSince, HasStreamed) = (now, true);
                    Flowing();
                }
                Enter(LinkState.Streaming, _trouble);
                if (!isStable && now - streamsSince.Value >= Options.Stable)
                {
                    isStable = true;
                    Steady();
                }
            }
            else
                streamsSince = null;
            if (streamsSince is null)
                isStable = false;

            var next = check;
            if (refused.Count > 0 && retry < next)
                next = retry;
            foreach (var due in _streams.Each(t => t.SilentAt(Options)))
                if (due is { } at && at < next)
                    next = at;
            await _wake.WaitAsync(next - now, cancellationToken);
        }
    }

    private void EnterRefused(StreamDescriptor stream, ControlStatus why)
    {
        var everything = _streams.Each(t => t.Refusal).All(r => r is not null);
        Enter(everything ? LinkState.Refused : LinkState.Stalled, $"{Link.Sensor} does not start its {LinkText.Of(stream.Kind)} stream: {LinkText.Of(why)}.");
    }

    private async Task RetryAsync(IEnumerable<byte> streams, CancellationToken cancellationToken)
    {
        foreach (var id in streams)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Link.Descriptor.FindStream(id) is { } stream && _wanted.PeriodOf(stream, Link.Descriptor.TickRate) is { } period)
                await StartAsync(id, period);
            else
                _streams.Stopped(id);
        }
    }

    /// <summary>Wanted streams are silent: enables them anew, or gives the link up.</summary>
    private async Task RecoverAsync(IReadOnlyList<StreamDescriptor> silent, CancellationToken cancellationToken)
    {
        var stage = _recovery.Next(hasLink: true);
        var names = string.Join(" and ", silent.Select(s => LinkText.Of(s.Kind)).Distinct());
        var why = _streams.WhyUnreadable is { } status ? $": its frames cannot be read ({LinkText.Of(status)})" : "";
        var reason = $"{Link.Sensor} is connected, but no {names} samples arrive{why}.";
        Enter(LinkState.Stalled, reason);
        _around.Meter.Stalled(Link.Sensor);
        _around.Meter.Recovering(Link.Sensor, stage);
        if (stage > RecoveryStage.Resubscribe)
            throw new SilentException(reason);
        await Link.EnableFramesAnewAsync(Receive, cancellationToken);
        foreach (var stream in Link.Descriptor.Streams)
            if (_streams.PeriodOf(stream.Id) is { } period)
                await StartAsync(stream.Id, period);
        _streams.Expect();
    }

    private async Task GuardAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (LinkException e)
        {
            Volatile.Write(ref _failure, e);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
        }
        finally
        {
            _wake.Set();
        }
    }

    private async Task WakeWhenLostAsync()
    {
        await Link.Lost;
        _wake.Set();
    }

    private async Task<T> AskAsync<T>(ControlRequest request) where T : ControlResponse =>
        await Link.RequestAsync(request, CancellationToken.None) as T
        ?? throw new LinkException($"{Link.Sensor} refused {request.Op}.");

    /// <summary>Nobody wants the streams any more: the sensor need not go on measuring.</summary>
    private async Task TakeLeaveAsync()
    {
        var isFetching = _fetcher.IsRunning;
        _closing.Cancel();
        try
        {
            await StopAllAsync(isFetching).WaitAsync(Options.Farewell, Time);
        }
        catch (TimeoutException)
        {
            // It will stop by itself, ten minutes after the link is closed (firmware-protocol/README.md §6).
        }
    }

    private async Task StopAllAsync(bool isFetching)
    {
        try
        {
            if (isFetching)
                await Link.RequestAsync(new ControlRequest.AbortBacklog(), CancellationToken.None);
            foreach (var stream in Link.Descriptor.Streams)
                if (_streams.PeriodOf(stream.Id) is not null)
                    await StopAsync(stream.Id);
        }
        catch (LinkException)
        {
            // Lost meanwhile.
        }
    }
}

namespace SensorHub.Core.Timing;

/// <summary>
/// A clock and an event loop in one: asynchronous code awaits delays on it as on any <see cref="TimeProvider"/>, all on
/// one thread, and time moves only when everything waits. The same code gives the same result at any speed, so
/// simulations, replays and tests are deterministic and run as fast as the machine can.
/// </summary>
/// <remarks>
/// Code on the loop must stay on it: no <c>ConfigureAwait(false)</c>, no <c>Task.Run</c>. Other threads hand work in by
/// <see cref="Post"/>; it runs at the virtual time reached by then.
/// </remarks>
/// <param name="start">What the clock shows at first.</param>
/// <param name="speed">Virtual seconds per real second; <see cref="double.PositiveInfinity"/> = as fast as it goes.</param>
/// <param name="pacing">The real clock that paces a finite speed.</param>
public sealed class VirtualTime(DateTimeOffset start, double speed = double.PositiveInfinity, TimeProvider? pacing = null) : TimeProvider
{
    private readonly TimeProvider _pacing = pacing ?? System;
    private readonly object _gate = new(); // a monitor: the loop also waits on it
    private bool _woken;
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly PriorityQueue<(Timer Timer, long Version), (long Due, long Order)> _timers = new();
    private long _now;
    private long _order;

    /// <summary>The clock moves in ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Volatile.Read(ref _now));

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Has the loop run this as soon as it can. From any thread.</summary>
    public void Post(Action action) => Enqueue(static state => ((Action)state!)(), action);

    /// <summary>Runs the loop on this thread until the task that <paramref name="main"/> starts has ended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was waiting is abandoned.</exception>
    /// <exception cref="InvalidOperationException">Everything waits for something that can never happen.</exception>
    public void Run(Func<Task> main, CancellationToken cancellationToken = default)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        using var wake = cancellationToken.Register(Wake);
        var realStart = _pacing.GetTimestamp();
        var virtualStart = _now;
        try
        {
            var task = main();
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryTakeReady(out var item))
                    item.Callback(item.State);
                else if (task.IsCompleted)
                    break;
                else if (NextDue() is not { } due)
                    WaitForPost(cancellationToken);
                else if (!double.IsPositiveInfinity(speed) && RealWait(due) is var wait && wait > TimeSpan.Zero)
                    Sleep(wait);
                else
                    Fire();
            }
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        TimeSpan RealWait(long due) => TimeSpan.FromTicks((long)((due - virtualStart) / speed)) - _pacing.GetElapsedTime(realStart);
    }

    private bool TryTakeReady(out (SendOrPostCallback Callback, object? State) item)
    {
        lock (_gate)
        {
            _woken = false;
            return _ready.TryDequeue(out item);
        }
    }

    private long? NextDue()
    {
        lock (_gate)
        {
            while (_timers.TryPeek(out var next, out var key))
            {
                if (next.Timer.Version == next.Version)
                    return key.Due;
                _timers.Dequeue();
            }
            return null;
        }
    }

    private void Fire()
    {
        Timer timer;
        lock (_gate)
        {
            if (!_timers.TryDequeue(out var next, out var key) || next.Timer.Version != next.Version)
                return;
            Volatile.Write(ref _now, Math.Max(_now, key.Due));
            timer = next.Timer;
            timer.Rearm();
        }
        timer.Invoke();
    }

    private void WaitForPost(CancellationToken cancellationToken)
    {
        // At a finite speed another thread may still post; at full speed nobody will.
        if (double.IsPositiveInfinity(speed) && !cancellationToken.CanBeCanceled)
            throw new InvalidOperationException("Everything on the virtual clock waits, and nothing is due.");
        Sleep(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits on the real clock, unless something was posted or scheduled since the loop last looked.</summary>
    private void Sleep(TimeSpan wait)
    {
        lock (_gate)
            if (!_woken)
                Monitor.Wait(_gate, wait);
    }

    private void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Enqueue(SendOrPostCallback callback, object? state)
    {
        lock (_gate)
        {
            _ready.Enqueue((callback, state));
            Wake();
        }
    }

    private sealed class Context(VirtualTime owner) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => owner.Enqueue(d, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class Timer(VirtualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        /// <summary>Grows with each change, so that entries of the queue from before it are known to be void.</summary>
        public long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                _period = period;
                Schedule(dueTime);
                owner.Wake();
                return true;
            }
        }

        public void Rearm() => Schedule(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);

        public void Invoke() => callback(state);

        public void Dispose()
        {
            lock (owner._gate)
                Version++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Schedule(TimeSpan dueTime)
        {
            Version++;
            if (dueTime != Timeout.InfiniteTimeSpan)
                owner._timers.Enqueue((this, Version), (owner._now + dueTime.Ticks, owner._order++));
        }
    }
}

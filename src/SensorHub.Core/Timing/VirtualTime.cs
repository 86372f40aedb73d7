namespace SensorHub.Core.Timing;

/// <summary>
/// A clock and an event loop in one: asynchronous code awaits delays on it as on any <see cref="TimeProvider"/>, all on
/// one thread, and time moves only when everything waits. The same code gives the same result at any speed, so
/// simulations, replays and tests are deterministic and run as fast as the machine can.
/// </summary>
/// <remarks>
/// Code on the loop must stay on it. Leave out <c>ConfigureAwait(false)</c>, <c>Task.Run</c>, <c>CancelAsync</c>, and
/// <c>RunContinuationsAsynchronously</c> on tasks that go through <c>WhenAny</c>, <c>WhenAll</c> or <c>WaitAsync</c>: they
/// continue on the thread pool, while time here moves on. At infinite speed <see cref="Run"/> refuses such strays.
/// <c>Task.Delay</c> cuts to whole milliseconds on every clock; a timer is exact to the tick of 100 ns.
/// Other threads hand work in by <see cref="Post"/>.
/// </remarks>
/// <param name="start">What the clock shows at first.</param>
/// <param name="speed">Virtual seconds per real second, above 0; <see cref="double.PositiveInfinity"/> = as fast as it goes.</param>
/// <param name="pacing">The real clock that paces a finite speed.</param>
/// <param name="since">
/// Timestamp of <paramref name="pacing"/> when it was <paramref name="start"/>: by the time the first run begins some time has passed, which it catches up with. Null = the first
/// run begins at <paramref name="start"/>.
/// </param>
public sealed class VirtualTime(DateTimeOffset start, double speed = double.PositiveInfinity, TimeProvider? pacing = null, long? since = null) : TimeProvider
{
    private readonly TimeProvider _pacing = pacing ?? System;
    private readonly double _speed = speed > 0 ? speed : throw new ArgumentOutOfRangeException(nameof(speed), speed, "The speed is above 0.");
    private readonly long? _since = since;
    private readonly object _gate = new(); // a monitor: the loop also waits on it
    private readonly Queue<Work> _ready = new();
    private readonly PriorityQueue<(Timer Timer, long Version), (long Due, long Order)> _timers = new();
    private bool _woken;
    private bool _running;
    private int _loopThread;
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

    /// <summary>
    /// Has the loop run this as soon as it can. From any thread. At a finite speed it runs at the virtual time that the real
    /// clock stands for; at infinite speed, at the time reached by then.
    /// </summary>
    public void Post(Action action) => Enqueue(new Work(static state => ((Action)state!)(), action, IsStray: false, IsFromOutside: Environment.CurrentManagedThreadId != _loopThread));

    /// <summary>Runs the loop on this thread until the task that <paramref name="main"/> starts has ended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was waiting is abandoned.</exception>
    /// <exception cref="InvalidOperationException">
    /// At infinite speed: everything waits for something that can never happen, or code left the loop. Or it is running already.
    /// </exception>
    public void Run(Func<Task> main, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _running, true))
            throw new InvalidOperationException("This virtual clock is running already.");
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        _loopThread = Environment.CurrentManagedThreadId;
        try
        {
            using var cancelling = cancellationToken.Register(Wake);
            using var alarm = _pacing.CreateTimer(static state => ((VirtualTime)state!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            new Loop(this, alarm, cancellationToken).Run(main());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            _loopThread = 0;
            Volatile.Write(ref _running, false);
        }
    }

    private bool IsInstant => double.IsPositiveInfinity(_speed);

    /// <summary>One run of the loop, with the real and the virtual time at which it began.</summary>
    private sealed class Loop(VirtualTime owner, ITimer alarm, CancellationToken cancellationToken)
    {
        private readonly long _realStart = owner._now == 0 && owner._since is { } since ? since : owner._pacing.GetTimestamp();
        private readonly long _virtualStart = owner._now;

        public void Run(Task task)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (owner.TryTakeReady(out var work))
                {
                    if (work.IsStray && owner.IsInstant)
                        throw new InvalidOperationException("Code on the virtual clock was continued by another thread, so its time would be a matter of chance: see the remarks of VirtualTime.");
                    if (work.IsFromOutside && !owner.IsInstant)
                        CatchUp(owner.NextDue());
                    work.Callback(work.State);
                }
                else if (task.IsCompleted)
                    break;
                else if (owner.NextDue() is var due && due is null && owner.IsInstant)
                    throw new InvalidOperationException("Everything on the virtual clock waits, and nothing is due.");
                else if (!owner.IsInstant && RealWait(due) is var wait && wait != TimeSpan.Zero)
                    Sleep(wait, due);
                else
                    owner.Fire();
            }
            task.GetAwaiter().GetResult();
        }

        /// <summary>Until then on the real clock, in whole milliseconds, which is what real timers can.</summary>
        private TimeSpan RealWait(long? due)
        {
            if (due is null)
                return Timeout.InfiniteTimeSpan;
            var wait = TimeSpan.FromTicks((long)((due.Value - _virtualStart) / owner._speed)) - owner._pacing.GetElapsedTime(_realStart);
            return wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        }

        /// <summary>Waits on the real clock, unless something was posted or scheduled since the loop last looked.</summary>
        private void Sleep(TimeSpan wait, long? due)
        {
            alarm.Change(wait, Timeout.InfiniteTimeSpan);
            lock (owner._gate)
            {
                // Cancelling wakes the loop, but its check may have come just before: look again under the lock.
                while (!owner._woken && !cancellationToken.IsCancellationRequested)
                    Monitor.Wait(owner._gate);

                CatchUp(due);
            }
        }

        /// <summary>What was posted runs at the time that it is now, not at that of the last timer; nor beyond the next.</summary>
        private void CatchUp(long? due)
        {
            var paced = _virtualStart + (long)(owner._pacing.GetElapsedTime(_realStart).Ticks * owner._speed);
            Volatile.Write(ref owner._now, Math.Max(owner._now, Math.Min(paced, due ?? paced)));
        }
    }

    private bool TryTakeReady(out Work work)
    {
        lock (_gate)
        {
            _woken = false;
            return _ready.TryDequeue(out work);
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

    private void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Enqueue(Work work)
    {
        lock (_gate)
        {
            _ready.Enqueue(work);
            Wake();
        }
    }

    /// <param name="IsStray">A continuation that another thread queued.</param>
    /// <param name="IsFromOutside">Posted by another thread.</param>
    private readonly record struct Work(SendOrPostCallback Callback, object? State, bool IsStray, bool IsFromOutside = false);

    private sealed class Context(VirtualTime owner) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) =>
            owner.Enqueue(new Work(d, state, IsStray: Environment.CurrentManagedThreadId != owner._loopThread));

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class Timer(VirtualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private bool _disposed;

        /// <summary>Grows with each change, so that entries of the queue from before it are known to be void.</summary>
        public long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ThrowIfNoTime(dueTime, nameof(dueTime));
            ThrowIfNoTime(period, nameof(period));
            lock (owner._gate)
            {
                if (_disposed)
                    return false;
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
            {
                _disposed = true;
                Version++;
            }
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

        private static void ThrowIfNoTime(TimeSpan time, string name)
        {
            if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
                throw new ArgumentOutOfRangeException(name, time, "A time to wait is not negative.");
        }
    }
}

using System.Collections.Concurrent;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>
/// A connection to a D-Bus message bus through libsystemd's sd-bus, which belongs to one thread: this one waits for the bus
/// and for work, and every operation is handed to it.
/// </summary>
internal sealed class BusConnection : IAsyncDisposable
{
    /// <summary>Where the system's bus is when the environment does not say (D-Bus specification, "System message bus").</summary>
    private const string SystemBus = "unix:path=/run/dbus/system_bus_socket";
    private const string Driver = "org.freedesktop.DBus";
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<BusConnection> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<Action> _work = new();
    private readonly HashSet<BusSlot> _slots = [];
    private readonly Lock _ending = new();
    private readonly string _address;
    private readonly Thread _thread;
    private UnixFd? _wake;
    private nint _bus;
    private bool _stopping;
    private bool _ended;

    private BusConnection(string address)
    {
        _address = address;
        _thread = new Thread(Run) { IsBackground = true, Name = "D-Bus" };
    }

    /// <summary>Our name on the bus, as in <c>:1.42</c>.</summary>
    public string UniqueName { get; private set; } = "";

    /// <summary>Ends when the bus is gone, or this is disposed.</summary>
    public Task Closed => _closed.Task;

    /// <param name="address">As D-Bus writes it; null = DBUS_SYSTEM_BUS_ADDRESS, or else the system's bus.</param>
    /// <exception cref="RadioException">No libsystemd, no bus, or no permission: with the remedy.</exception>
    public static Task<BusConnection> OpenAsync(string? address = null)
    {
        if (!OperatingSystem.IsLinux())
            throw new RadioException("BlueZ is the Bluetooth of Linux: on this system use the InTheHand build of the hub.");
        address ??= Environment.GetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS") is { Length: > 0 } given ? given : SystemBus;
        var connection = new BusConnection(address);
        connection._thread.Start();
        return connection._opened.Task;
    }

    /// <summary>Calls a method and waits for the answer.</summary>
    /// <param name="timeout">Null = 25 s.</param>
    /// <exception cref="BusErrorException">The peer answered with an error, or not in time (<see cref="BusErrorException.NoReply"/> or Timeout).</exception>
    /// <exception cref="RadioException">The bus is gone.</exception>
    public Task<BusMessage> CallAsync(
        string destination, string path, string @interface, string member, BusBody body = default, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        CallAsync(destination, path, @interface, member, body, timeout, null, cancellationToken);

    /// <summary>The same, and tells of the answer on the bus's thread, in order with signals.</summary>
    /// <param name="received">Quick, and without exceptions.</param>
    public async Task<BusMessage> CallAsync(
        string destination, string path, string @interface, string member, BusBody body, TimeSpan? timeout, Action<BusMessage>? received,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = new BusCall(destination, path, @interface, member, body, timeout, received, Close);
        Post(() => Open(call, unless: call.Answer));
        await using var registration = cancellationToken.Register(() =>
        {
            call.Cancel(cancellationToken);
            Post(() => Close(call));
        });
        return await call.Answer.ConfigureAwait(false);
    }

    /// <summary>
    /// Receives signals, on the bus's thread, in order: <paramref name="receive"/> has to be quick and must not throw. A rule
    /// with a well-known name as sender lets through what others sent who match another rule of this connection: look at the sender.
    /// </summary>
    /// <param name="rule">As in <c>type='signal',interface='…'</c>.</param>
    /// <returns>Ends it; nothing is received after.</returns>
    public async Task<IDisposable> MatchAsync(string rule, Action<BusMessage> receive)
    {
        var match = new BusMatch(rule, receive);
        Post(() => Open(match, unless: match.IsInstalled));
        try
        {
            await match.IsInstalled.ConfigureAwait(false);
        }
        catch
        {
            Post(() => Close(match));
            throw;
        }
        return new Ending(() =>
        {
            match.Stop();
            Post(() => Close(match));
        });
    }

    /// <summary>
    /// Serves every method call to the path and below. <paramref name="answer"/> is called on the bus's thread and may
    /// complete later; null answers that the method is unknown, a <see cref="BusErrorException"/> is the answer. A
    /// <see cref="UnixFd"/> that is a value of the answer is closed once the message has its duplicate.
    /// </summary>
    /// <returns>Ends it.</returns>
    public IDisposable Serve(string pathPrefix, Func<BusMessage, Task<BusBody?>> answer)
    {
        Require(ObjectPath.IsValid(pathPrefix), pathPrefix);
        var service = new BusService(pathPrefix, answer, RunOrPost);
        RunOrPost(() => Open(service, unless: null));
        return new Ending(() => RunOrPost(() =>
        {
            if (!_slots.Contains(service))
                return;
            Close(service);
            service.End(Gone());
        }));
    }

    /// <summary>Sends a signal to everybody. Signals and answers leave in the order in which they are given.</summary>
    public void Emit(string path, string @interface, string member, BusBody body)
    {
        Require(ObjectPath.IsValid(path), path);
        RunOrPost(() => Send(path, @interface, member, body));
    }

    /// <exception cref="BusErrorException">Somebody else has it, or we may not.</exception>
    public async Task RequestNameAsync(string name)
    {
        const uint doNotQueue = 4;
        var answer = await CallAsync(Driver, "/org/freedesktop/DBus", Driver, "RequestName", BusBody.Of("su", name, doNotQueue)).ConfigureAwait(false);
        if (answer.Value<uint>(0) is not (1 or 4)) // primary owner, already owner
            throw new BusErrorException("org.freedesktop.DBus.Error.AddressInUse", $"The name {name} is taken.");
    }

    public Task ReleaseNameAsync(string name) =>
        CallAsync(Driver, "/org/freedesktop/DBus", Driver, "ReleaseName", BusBody.Of("s", name));

    /// <summary>Sends what waits, and closes. Calls that wait for an answer end with <see cref="RadioException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        Post(() => _stopping = true);
        await Closed.ConfigureAwait(false);
    }

    internal static RadioException Gone() =>
        new("The system's message bus (D-Bus) is gone: sudo systemctl start dbus");

    private static void Require(bool valid, string path)
    {
        if (!valid)
            throw new ArgumentException($"'{path}' is not the path of a D-Bus object.");
    }

    private void RunOrPost(Action work)
    {
        if (Thread.CurrentThread == _thread)
            work();
        else
            Post(work);
    }

    /// <summary>Has the thread do it; after the end, on this one, where it finds no bus.</summary>
    private void Post(Action work)
    {
        lock (_ending)
        {
            if (!_ended)
            {
                _work.Enqueue(work);
                Wake();
                return;
            }
        }
        work();
    }

    private unsafe void Wake()
    {
        var one = 1UL;
        if (_wake is not null)
            Libc.Write((int)_wake.DangerousGetHandle(), &one, sizeof(ulong));
    }

    /// <param name="unless">Who waits may have given up already.</param>
    private void Open(BusSlot slot, Task? unless)
    {
        if (unless is { IsCompleted: true })
            return;
        if (_bus == 0)
        {
            slot.End(Gone());
            return;
        }
        try
        {
            slot.Open(_bus);
            _slots.Add(slot);
        }
        catch (BusErrorException e)
        {
            slot.End(SystemdBus.IsReady(_bus) > 0 ? e : Gone());
        }
    }

    private void Close(BusSlot slot)
    {
        if (_slots.Remove(slot))
            slot.Close();
    }

    private unsafe void Send(string path, string @interface, string member, BusBody body)
    {
        if (_bus == 0 || SystemdBus.NewSignal(_bus, out var signal, path, @interface, member) < 0)
            return;
        try
        {
            BusWriter.WriteAll(signal, body.Signature, body.Values);
            _ = SystemdBus.Send(_bus, signal, null);
        }
        catch (BusErrorException)
        {
            // a descriptor that is closed already: a signal has nobody to tell
        }
        finally
        {
            SystemdBus.MessageUnref(signal);
        }
    }

    private void Run()
    {
        try
        {
            Start();
            _opened.TrySetResult(this);
            while (!_stopping && Step())
            {
            }
            Flush();
        }
        catch (DllNotFoundException e)
        {
            _opened.TrySetException(new RadioException("Bluetooth on Linux needs libsystemd: sudo apt install libsystemd0", e));
        }
        catch (EntryPointNotFoundException e)
        {
            _opened.TrySetException(new RadioException("Bluetooth on Linux needs libsystemd 237 or later: update the system.", e));
        }
        catch (RadioException e)
        {
            _opened.TrySetException(e);
        }
        End();
    }

    private void Start()
    {
        _wake = new UnixFd(Libc.EventDescriptor(0, Libc.EventCloseOnExecNonBlocking));
        Check(SystemdBus.New(out _bus));
        Check(SystemdBus.SetAddress(_bus, _address));
        Check(SystemdBus.SetBusClient(_bus, 1));
        Check(SystemdBus.Start(_bus));
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (SystemdBus.IsReady(_bus) == 0)
        {
            if (time.GetElapsedTime(start) is var elapsed && elapsed >= OpenTimeout)
                throw new RadioException("The system's message bus (D-Bus) does not answer: sudo systemctl restart dbus");
            var result = ProcessOnce();
            Check(result);
            if (result == 0)
                Wait(OpenTimeout - elapsed);
        }
        Check(SystemdBus.GetUniqueName(_bus, out var name));
        UniqueName = BusMessage.TextOf(name);
    }

    private void Check(int result)
    {
        const int permission = 1, access = 13;
        if (result >= 0)
            return;
        var whose = _address == SystemBus ? "the system's message bus (D-Bus)" : "the message bus that DBUS_SYSTEM_BUS_ADDRESS names";
        throw -result is permission or access
            ? new RadioException($"No permission for {whose}: sudo usermod -aG bluetooth $USER, then log in again")
            : new RadioException($"There is no access to {whose} (errno {-result}): sudo apt install dbus && sudo systemctl start dbus");
    }

    private unsafe int ProcessOnce() => SystemdBus.Process(_bus, null);

    /// <returns>False when the bus is gone.</returns>
    private bool Step()
    {
        while (_work.TryDequeue(out var work))
            work();
        if (_stopping)
            return true;
        var result = ProcessOnce();
        // The work may have been the end, and its wake has been heard already.
        return result > 0 || result == 0 && (_stopping || Wait(Timeout.InfiniteTimeSpan));
    }

    /// <summary>Until the bus or somebody who has work wants something, or a call is too late.</summary>
    /// <returns>False when the bus is gone.</returns>
    private unsafe bool Wait(TimeSpan atMost)
    {
        var events = SystemdBus.GetEvents(_bus);
        if (events < 0 || SystemdBus.GetTimeout(_bus, out var due) < 0)
            return false;
        var wait = atMost;
        if (due != ulong.MaxValue)
        {
            // TimeProvider.System is the monotonic clock as well.
            var now = TimeProvider.System.GetElapsedTime(0);
            var left = TimeSpan.FromMicroseconds(due) - now;
            wait = wait < TimeSpan.Zero || left < wait ? left : wait;
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        }
        var descriptors = stackalloc Libc.PollDescriptor[2];
        descriptors[0] = new Libc.PollDescriptor { Descriptor = SystemdBus.GetDescriptor(_bus), Events = (short)events };
        descriptors[1] = new Libc.PollDescriptor { Descriptor = (int)_wake!.DangerousGetHandle(), Events = Libc.PollIn };
        Libc.Poll(descriptors, 2, wait < TimeSpan.Zero ? -1 : (int)Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue));
        if (descriptors[1].Returned != 0)
        {
            ulong count;
            Libc.Read(descriptors[1].Descriptor, &count, sizeof(ulong));
        }
        return true;
    }

    /// <summary>A moment for what is not written yet.</summary>
    private void Flush()
    {
        const int pollOut = 4;
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (SystemdBus.GetEvents(_bus) is >= 0 and var events && (events & pollOut) != 0
            && FlushTimeout - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero && Wait(left) && ProcessOnce() >= 0)
        {
        }
    }

    private void End()
    {
        foreach (var slot in _slots)
        {
            slot.Close();
            slot.End(Gone());
        }
        _slots.Clear();
        if (_bus != 0)
            SystemdBus.CloseUnref(_bus);
        _bus = 0;
        lock (_ending)
        {
            _ended = true;
            _wake?.Dispose();
        }
        while (_work.TryDequeue(out var work))
            work();
        _closed.TrySetResult();
    }

    private sealed class Ending(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}

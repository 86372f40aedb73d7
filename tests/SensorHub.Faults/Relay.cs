using System.Net;
using System.Net.Sockets;

namespace SensorHub.Faults;

/// <summary>How a network fails.</summary>
internal enum Cut
{
    /// <summary>Connections are reset, and new ones too.</summary>
    Reset,

    /// <summary>Nothing comes through, and nobody is told; what was on its way comes when it is mended, as TCP has it.</summary>
    BlackHole,

    /// <summary>The server has lost its connections, and the client is not told: what it writes goes nowhere. New connections come through.</summary>
    HalfOpen,
}

/// <summary>A stretch of network between a client and a server, of our own, so that it can be cut.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly int _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Wire> _wires = [];
    private readonly Task _accepting;
    private TaskCompletionSource _open = new();
    private bool _refuses;

    /// <param name="target">Port of the server on 127.0.0.1.</param>
    public Relay(int target)
    {
        _target = target;
        _open.SetResult();
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients find the server.</summary>
    public int Port { get; }

    public void Cut(Cut how)
    {
        lock (_gate)
        {
            switch (how)
            {
                case Faults.Cut.Reset:
                    _refuses = true;
                    ResetAll();
                    break;
                case Faults.Cut.BlackHole:
                    _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    break;
                default:
                    foreach (var wire in _wires)
                        wire.Halve();
                    break;
            }
        }
    }

    /// <summary>The network is back. A client whose connection was lost at the other end learns it now, as by its next packet.</summary>
    public void Mend()
    {
        lock (_gate)
        {
            _refuses = false;
            _open.TrySetResult();
            foreach (var wire in _wires.Where(w => w.IsHalved).ToList())
                wire.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Stop();
        Mend();
        lock (_gate)
            ResetAll();
        await _accepting;
    }

    private void ResetAll()
    {
        foreach (var wire in _wires.ToList())
            wire.Reset();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptSocketAsync(_closed.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task CarryAsync(Socket near)
    {
        var wire = new Wire(near);
        try
        {
            await _open.Task;
            lock (_gate)
            {
                if (_refuses || _closed.IsCancellationRequested)
                    return;
                _wires.Add(wire);
            }
            await wire.Far.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _target), _closed.Token);
            await Task.WhenAny(CopyAsync(wire, near, wire.Far), CopyAsync(wire, wire.Far, near));
            while (wire.IsHalved && !wire.IsReset)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, _closed.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
        finally
        {
            lock (_gate)
                _wires.Remove(wire);
            wire.Reset();
        }
    }

    private async Task CopyAsync(Wire wire, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                await _open.Task;
                if (wire.IsHalved)
                    continue;
                for (var sent = 0; sent < length;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
            }
            if (!wire.IsHalved)
                wire.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>One connection: near is the client's end, far the server's.</summary>
    private sealed class Wire
    {
        private readonly Socket _near;

        public Wire(Socket near)
        {
            (_near, Far) = (near, new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            (_near.NoDelay, Far.NoDelay) = (true, true);
        }

        public Socket Far { get; }

        public bool IsHalved { get; private set; }

        public bool IsReset { get; private set; }

        public void Halve()
        {
            IsHalved = true;
            Reset(Far);
        }

        public void Reset()
        {
            IsReset = true;
            Reset(_near);
            Reset(Far);
        }

        /// <summary>One side said goodbye; the other hears it behind what was sent.</summary>
        public void Close()
        {
            _near.Dispose();
            Far.Dispose();
        }

        private static void Reset(Socket socket)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
            }
            socket.Dispose();
        }
    }
}

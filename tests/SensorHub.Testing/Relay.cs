using System.Net;
using System.Net.Sockets;

namespace SensorHub.Testing;

/// <summary>A stretch of network before a server on loopback, that a test cuts, shuts or silences.</summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<TcpClient> _ends = [];
    private readonly Task _accepting;
    private volatile Stretch _stretch = new();
    private bool _shut;

    /// <param name="target">Port of the server.</param>
    public Relay(int target)
    {
        _listener.Start();
        _accepting = AcceptAsync(target);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends the connections that there are; new ones are possible.</summary>
    public void Cut()
    {
        lock (_ends)
        {
            _ends.ForEach(end => end.Dispose());
            _ends.Clear();
        }
    }

    /// <summary>Ends the connections that there are; new ones are ended at once.</summary>
    public void Shut()
    {
        lock (_ends)
        {
            _shut = true;
            Cut();
        }
    }

    /// <summary>New connections are possible again.</summary>
    public void Reopen()
    {
        lock (_ends)
            _shut = false;
    }

    /// <summary>As after a change of network: nothing comes through the connections that there are, ever, and nobody is told; new ones work.</summary>
    public void Strand()
    {
        lock (_ends)
        {
            _stretch.IsHeld = true;
            _stretch = new Stretch();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        _listener.Stop();
        Shut();
        await _accepting;
        _disposed.Dispose();
    }

    private async Task AcceptAsync(int target)
    {
        while (!_disposed.IsCancellationRequested)
        {
            TcpClient? near = null, far = null;
            try
            {
                near = await _listener.AcceptTcpClientAsync(_disposed.Token);
                far = new TcpClient();
                near.NoDelay = far.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, target, _disposed.Token);
                lock (_ends)
                {
                    if (_shut)
                        throw new IOException("shut");
                    _ends.AddRange([near, far]);
                    _ = CopyAsync(near, far, _stretch);
                    _ = CopyAsync(far, near, _stretch);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                near?.Dispose();
                far?.Dispose();
            }
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to, Stretch stretch)
    {
        try
        {
            var buffer = new byte[4096];
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var length)
                if (!stretch.IsHeld)
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One end has gone, and the other goes with it.
        }
        if (stretch.IsHeld)
            return; // an end that goes is not seen by the other
        from.Dispose();
        to.Dispose();
    }

    /// <summary>What the connections of a time go through.</summary>
    private sealed class Stretch
    {
        public volatile bool IsHeld;
    }
}

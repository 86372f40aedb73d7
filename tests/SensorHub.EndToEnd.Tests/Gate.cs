using System.Net;
using System.Net.Sockets;

namespace SensorHub.EndToEnd.Tests;

/// <summary>A stretch of network before a server that can be shut, so that a test says when its clients may come back.</summary>
internal sealed class Gate : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<TcpClient> _ends = [];
    private readonly Task _accepting;
    private bool _shut;

    /// <param name="target">Port of the server on loopback.</param>
    public Gate(int target)
    {
        _listener.Start();
        _accepting = AcceptAsync(target);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends the connections that there are; new ones are ended at once.</summary>
    public void Shut()
    {
        lock (_ends)
        {
            _shut = true;
            _ends.ForEach(end => end.Dispose());
            _ends.Clear();
        }
    }

    public void Open()
    {
        lock (_ends)
            _shut = false;
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
                await far.ConnectAsync(IPAddress.Loopback, target, _disposed.Token);
                lock (_ends)
                {
                    if (_shut)
                        throw new IOException("shut");
                    _ends.AddRange([near, far]);
                }
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                near?.Dispose();
                far?.Dispose();
            }
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One end has gone, and the other goes with it.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace SensorHub.Mqtt.Tests;

/// <summary>A stretch of network between client and broker that can be cut without a word.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly List<TcpClient> _ends = [];
    private readonly Task _accepting;

    public Relay(int target)
    {
        _listener.Start();
        _accepting = AcceptAsync(target);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends the connections that there are; new ones are possible.</summary>
    public Task CutAsync()
    {
        lock (_ends)
        {
            _ends.ForEach(end => end.Dispose());
            _ends.Clear();
        }
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Stop();
        await CutAsync();
        await _accepting;
    }

    private async Task AcceptAsync(int target)
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_closed.Token);
                var far = new TcpClient { NoDelay = true };
                near.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, target, _closed.Token);
                lock (_ends)
                    _ends.AddRange([near, far]);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
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
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}

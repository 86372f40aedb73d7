using System.Net.Sockets;
using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>Values of one characteristic on their way to a receiver, until disposed.</summary>
internal interface ISubscription : IDisposable;

/// <summary>Values that come as signals of the bus (StartNotify).</summary>
internal sealed class SignalSubscription : ISubscription
{
    private readonly BlueZSession _session;
    private readonly string _path;
    private readonly Action<ReadOnlyMemory<byte>> _receive;
    private readonly Action<string> _lose;
    private volatile bool _ended;

    /// <param name="lose">Ends the link, with the reason.</param>
    public SignalSubscription(BlueZSession session, string path, Action<ReadOnlyMemory<byte>> receive, Action<string> lose)
    {
        (_session, _path, _receive, _lose) = (session, path, receive, lose);
        session.Changed += OnChanged;
    }

    public void Dispose()
    {
        _ended = true;
        _session.Changed -= OnChanged;
    }

    private void OnChanged(ObjectChange change)
    {
        if (_ended || change.Kind != ChangeKind.Changed || change.Interface != Names.GattCharacteristic || change.Path != _path || change.Properties.Find<byte[]>("Value") is not { } value)
            return;
#pragma warning disable CA1031 // what a receiver throws is not to reach the bus, and not to be lost either
        try
        {
            _receive(value);
        }
        catch (Exception e)
        {
            _lose($"the hub failed on what the sensor sent ({e.Message})");
        }
#pragma warning restore CA1031
    }
}

/// <summary>Values that come by a socket, each a packet (AcquireNotify). Its end is the link's.</summary>
internal sealed class SocketSubscription : ISubscription
{
    private readonly Socket _socket;
    private volatile bool _ended;

    /// <param name="lose">Ends the link, with the reason.</param>
    public SocketSubscription(UnixFd descriptor, Action<ReadOnlyMemory<byte>> receive, Action<string> lose)
    {
        _socket = new Socket(new SafeSocketHandle(descriptor.Release(), ownsHandle: true));
        _ = Task.Run(() => ReceiveAsync(receive, lose));
    }

    public void Dispose()
    {
        _ended = true;
        _socket.Dispose();
    }

    private async Task ReceiveAsync(Action<ReadOnlyMemory<byte>> receive, Action<string> lose)
    {
        var buffer = new byte[1024]; // an attribute's value has 512 at most
        var reason = "the radio closed the sensor's data";
#pragma warning disable CA1031 // as above
        try
        {
            while (await _socket.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false) is > 0 and var count)
                if (!_ended)
                    receive(buffer.AsSpan(0, count).ToArray());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
        catch (Exception e)
        {
            reason = $"the hub failed on what the sensor sent ({e.Message})";
        }
#pragma warning restore CA1031
        if (!_ended)
            lose(reason);
        _socket.Dispose();
    }
}

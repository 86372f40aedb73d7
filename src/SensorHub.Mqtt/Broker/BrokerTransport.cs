using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using MQTTnet.Adapter;
using MQTTnet.Channel;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Server;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// Brings connections to MQTTnet's server: from a loopback socket, and WebSockets that the web server accepted. Stands
/// in for MQTTnet's own adapters to put <see cref="PacketLimit"/> before the first byte.
/// </summary>
internal sealed class BrokerTransport(int port, int maxPacketBytes, ILogger logger) : IMqttServerAdapter
{
    private const int SocketBuffer = 256 * 1024;

    private readonly CancellationTokenSource _stopped = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private IMqttNetLogger _mqttLogger = MqttNetNullLogger.Instance;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public int Port => ((IPEndPoint)_listener!.LocalEndPoint!).Port;

    /// <exception cref="UserException">The port is in use, or may not be used.</exception>
    public Task StartAsync(MqttServerOptions options, IMqttNetLogger mqttLogger)
    {
        _mqttLogger = mqttLogger;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveBufferSize = SocketBuffer, // accepted sockets inherit these
            SendBufferSize = SocketBuffer,
        };
        try
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            _listener.Listen();
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new UserException(e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Port {port} on 127.0.0.1, wanted by the embedded MQTT broker, is in use by another program: choose another port (0 = any free one), or stop that program.",
                SocketError.AccessDenied => $"Port {port} on 127.0.0.1, wanted by the embedded MQTT broker, needs more rights: choose one above 1023.",
                _ => $"The embedded MQTT broker cannot listen on 127.0.0.1:{port}: {e.Message}",
            }, e);
        }
        _accepting = Task.Run(AcceptAsync);
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _stopped.Dispose();
    }

    /// <summary>Ends when the client has gone or the broker stops.</summary>
    public Task ServeAsync(WebSocket socket, EndPoint? remote, bool encrypted) =>
        ServeAsync(new MqttWebSocketChannel(socket, remote, encrypted, null));

    private async Task AcceptAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener!.AcceptAsync(_stopped.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                _ = Task.Run(() => ServeAsync(new MqttTcpChannel(new NetworkStream(socket, ownsSocket: true), socket.LocalEndPoint, socket.RemoteEndPoint, null)));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                logger.LogDebug(e, "A connection to the MQTT broker was gone before it was accepted.");
            }
        }
    }

    private async Task ServeAsync(IMqttChannel channel)
    {
        var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(4096, 65535));
        using var adapter = new NamedClients(new MqttChannelAdapter(new PacketLimit(channel, maxPacketBytes), formatter, _mqttLogger));
        try
        {
            if (ClientHandler is { } handler)
                await handler(adapter).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or SocketException or WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            logger.LogDebug(e, "A connection to the MQTT broker ended.");
        }
    }
}

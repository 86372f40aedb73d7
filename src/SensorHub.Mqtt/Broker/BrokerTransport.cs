using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
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
/// Brings connections to MQTTnet's server: from its sockets, with TLS where there is a certificate, and WebSockets that the web server accepted. Stands in for MQTTnet's
/// own adapters to put <see cref="PacketLimit"/> before the first byte, and to close who does not sign in.
/// </summary>
/// <param name="certificate">Null: plain text.</param>
internal sealed class BrokerTransport(EmbeddedBrokerOptions options, ServerCertificate? certificate, ConnectionLimits connections, TimeProvider time, ILogger logger) : IMqttServerAdapter
{
    private const int SocketBuffer = 256 * 1024;

    private readonly CancellationTokenSource _stopped = new();
    private readonly List<Socket> _listeners = [];
    private Task _accepting = Task.CompletedTask;
    private IMqttNetLogger _mqttLogger = MqttNetNullLogger.Instance;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>For clients.</summary>
    public int Port { get; private set; }

    /// <summary>Plain text on 127.0.0.1, for the parts of this process; the same as <see cref="Port"/> where that is so too.</summary>
    public int OwnPort { get; private set; }

    /// <exception cref="UserException">The port is in use, or may not be used.</exception>
    public Task StartAsync(MqttServerOptions server, IMqttNetLogger mqttLogger)
    {
        _mqttLogger = mqttLogger;
        var address = IPAddress.Parse(options.Bind);
        var listener = Listen(address, options.Port);
        Port = OwnPort = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(listener, certificate);
        if (certificate is not null || !address.Equals(IPAddress.Loopback))
        {
            var own = Listen(IPAddress.Loopback, 0);
            OwnPort = ((IPEndPoint)own.LocalEndPoint!).Port;
            _accepting = Task.WhenAll(_accepting, AcceptAsync(own, null));
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        _listeners.ForEach(listener => listener.Dispose());
        await _accepting.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        _stopped.Dispose();
    }

    /// <summary>Ends when the client has gone or the broker stops.</summary>
    public async Task ServeAsync(WebSocket socket, EndPoint? remote, bool encrypted)
    {
        using var connection = new Connection(connections, options.Limits, time, socket.Abort);
        await ServeAsync(new MqttWebSocketChannel(socket, remote, encrypted, null), connection).ConfigureAwait(false);
    }

    private Socket Listen(IPAddress address, int port)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveBufferSize = SocketBuffer, // accepted sockets inherit these
            SendBufferSize = SocketBuffer,
        };
        _listeners.Add(listener);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen();
            return listener;
        }
        catch (SocketException e)
        {
            _listeners.ForEach(l => l.Dispose());
            throw new UserException(e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Port {port} on {address}, wanted by the embedded MQTT broker, is in use by another program: choose another port (0 = any free one), or stop that program.",
                SocketError.AccessDenied => $"Port {port} on {address}, wanted by the embedded MQTT broker, needs more rights: choose one above 1023.",
                SocketError.AddressNotAvailable => $"The address {address}, wanted by the embedded MQTT broker, is not one of this machine: set Mqtt:Bind to one that is, or to 0.0.0.0 for all.",
                _ => $"The embedded MQTT broker cannot listen on {address}:{port}: {e.Message}",
            }, e);
        }
    }

    private Task AcceptAsync(Socket listener, ServerCertificate? tls) => Task.Run(async () =>
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stopped.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                var connection = new Connection(connections, options.Limits, time, socket.Dispose); // here: the order decides which is the oldest
                _ = Task.Run(() => ServeAsync(socket, tls, connection));
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
    });

    private async Task ServeAsync(Socket socket, ServerCertificate? tls, Connection connection)
    {
        using var _ = connection;
        try
        {
            var (local, remote) = (socket.LocalEndPoint, socket.RemoteEndPoint);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is not null)
            {
                var encrypted = new SslStream(stream);
                stream = encrypted;
                await encrypted.AuthenticateAsServerAsync(tls.Options, _stopped.Token).ConfigureAwait(false);
            }
            await ServeAsync(new MqttTcpChannel(stream, local, remote, null), connection).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e) || e is AuthenticationException)
        {
            logger.LogDebug(e, "A connection to the MQTT broker ended before it was encrypted.");
            socket.Dispose();
        }
    }

    private async Task ServeAsync(IMqttChannel channel, Connection connection)
    {
        var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(4096, 65535));
        var limited = new PacketLimit(channel, options.MaxPacketBytes);
        using var adapter = new ClientAdapter(new MqttChannelAdapter(limited, formatter, _mqttLogger), limited, connection, options, time);
        try
        {
            if (ClientHandler is { } handler)
                await handler(adapter).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e) || e is MqttCommunicationException or MqttProtocolViolationException)
        {
            logger.LogDebug(e, "A connection to the MQTT broker ended.");
        }
    }

    private static bool IsEnd(Exception e) => e is SocketException or WebSocketException or IOException or ObjectDisposedException or OperationCanceledException;
}

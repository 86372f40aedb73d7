using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Channel;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Mqtt.Connecting;

/// <summary>
/// Many packets to a system call. MQTTnet asks the socket for each packet's header and for its body, and writes each acknowledgement alone; a bridge that
/// takes tens of thousands of messages a second spends half of its time on that.
/// </summary>
/// <remarks>
/// Acknowledgements of messages leave together, at once when nothing is being sent. Any other packet is written when it returns, and behind all before it:
/// a confirmation that has been published is preceded by its acknowledgements, and a DISCONNECT by everything. An acknowledgement that a lost connection takes
/// with it was no use: the broker delivers the message again.
/// </remarks>
internal sealed class BufferedChannel(IMqttChannel inner) : IMqttChannel
{
    private const int Size = 64 * 1024;
    private const int PublishAcknowledgement = 4; // packet type of PUBACK (MQTT 5, 2.1.2)

    private readonly byte[] _received = new byte[Size];
    private int _start;
    private int _end;

    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte> _waiting = new(Size);
    private ArrayBufferWriter<byte> _leaving = new(Size);
    private Task? _sending;
    private bool _beginsPacket = true;

    public X509Certificate2 ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public void Dispose() => inner.Dispose();

    public Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _start < _end ? Task.FromResult(Take(buffer.AsSpan(offset, count))) : FillAsync(buffer.AsMemory(offset, count), cancellationToken);

    public Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var mayWait = _beginsPacket && isEndOfPacket && buffer.FirstSpan[0] >> 4 == PublishAcknowledgement && _waiting.WrittenCount < Size;
            _beginsPacket = isEndOfPacket;
            foreach (var segment in buffer)
                _waiting.Write(segment.Span);
            _sending ??= Task.Run(SendAsync, CancellationToken.None);
            return mayWait ? Task.CompletedTask : _sending.WaitAsync(cancellationToken);
        }
    }

    private async Task<int> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        (_start, _end) = (0, await inner.ReadAsync(_received, 0, Size, cancellationToken).ConfigureAwait(false));
        return Take(buffer.Span);
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _received.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <summary>Sends what waits, and what came meanwhile. After a failure nothing is sent any more: each write repeats it.</summary>
    private async Task SendAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.WrittenCount == 0)
                {
                    _sending = null;
                    return;
                }
                (_waiting, _leaving) = (_leaving, _waiting);
            }
            await inner.WriteAsync(new ReadOnlySequence<byte>(_leaving.WrittenMemory), true, CancellationToken.None).ConfigureAwait(false);
            _leaving.ResetWrittenCount();
        }
    }

    /// <summary>Makes clients with such channels, over TCP.</summary>
    /// <param name="inflow">Of a client that receives.</param>
    public sealed class AdapterFactory(Inflow? inflow) : IMqttClientAdapterFactory
    {
        public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger)
        {
            var formatter = new MqttPacketFormatterAdapter(options.ProtocolVersion, new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax));
            var adapter = new MqttChannelAdapter(new BufferedChannel(new MqttTcpChannel(options)), formatter, logger)
            {
                AllowPacketFragmentation = options.AllowPacketFragmentation,
                PacketInspector = packetInspector,
            };
            return inflow is null ? adapter : new PacedAdapter(adapter, inflow);
        }
    }
}

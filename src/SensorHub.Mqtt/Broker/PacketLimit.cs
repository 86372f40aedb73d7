using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;
using MQTTnet.Exceptions;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// Ends a connection whose next packet is longer than allowed, before memory is taken for it. MQTTnet 5 has no such
/// limit and believes a stranger's length of up to 256 MB.
/// </summary>
internal sealed class PacketLimit(IMqttChannel inner, int maxBytes) : IMqttChannel
{
    // A packet begins with a byte of type and flags, and its length in 1 to 4 bytes of 7 bits (MQTT 5 §2.1.4).
    private enum Part
    {
        Type,
        Length,
        Body,
    }

    /// <summary>Bytes of all packets so far.</summary>
    public long BytesRead { get; private set; }

    private Part _part;
    private int _length;
    private int _shift;

    public X509Certificate2 ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, isEndOfPacket, cancellationToken);

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        var read = await inner.ReadAsync(buffer, offset, count, cancellationToken).ConfigureAwait(false);
        BytesRead += read;
        Follow(buffer.AsSpan(offset, read));
        return read;
    }

    public void Dispose() => inner.Dispose();

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            switch (_part)
            {
                case Part.Type:
                    (_part, _length, _shift) = (Part.Length, 0, 0);
                    bytes = bytes[1..];
                    break;
                case Part.Length:
                    _length |= (bytes[0] & 0x7f) << _shift;
                    _shift += 7;
                    if (_length > maxBytes || _shift > 28)
                        throw new MqttProtocolViolationException($"A packet of more than {maxBytes} bytes.");
                    if ((bytes[0] & 0x80) == 0)
                        _part = _length == 0 ? Part.Type : Part.Body;
                    bytes = bytes[1..];
                    break;
                default:
                    var taken = Math.Min(_length, bytes.Length);
                    _length -= taken;
                    if (_length == 0)
                        _part = Part.Type;
                    bytes = bytes[taken..];
                    break;
            }
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SensorHub.Benchmarks;

/// <summary>
/// A publisher that costs next to nothing: MQTT 5 packets written by hand, many to a system call, at least once. It is to load a broker on
/// the machine of what is measured, not to be a client.
/// </summary>
internal sealed class MqttSource : IAsyncDisposable
{
    private const int InFlight = 60_000; // of 65,535 packet identifiers

    private readonly TcpClient _connection = new() { NoDelay = true };
    private readonly ArrayBufferWriter<byte> _packets = new(256 * 1024);
    private readonly SemaphoreSlim _progress = new(0);
    private NetworkStream? _stream;
    private Task _acknowledgements = Task.CompletedTask;
    private long _sent;
    private long _acknowledged;

    /// <summary>Messages that the broker has.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public static async Task<MqttSource> ConnectAsync(int port, string user, string password, string clientId)
    {
        var source = new MqttSource();
        await source._connection.ConnectAsync(IPAddress.Loopback, port);
        source._stream = source._connection.GetStream();
        byte[] body = [.. Text("MQTT"), 5, 0b1100_0010, 0, 0, 0, .. Text(clientId), .. Text(user), .. Text(password)]; // clean, no keep-alive
        await source._stream.WriteAsync((byte[])[0x10, (byte)body.Length, .. body]);
        var answer = new byte[2];
        await source._stream.ReadExactlyAsync(answer);
        answer = new byte[answer[1]];
        await source._stream.ReadExactlyAsync(answer);
        if (answer[1] != 0)
            throw new InvalidOperationException($"The broker refuses the connection: {answer[1]}.");
        source._acknowledgements = source.ReadAcknowledgementsAsync();
        return source;
    }

    /// <summary>Adds a message to what <see cref="FlushAsync"/> sends.</summary>
    /// <param name="topic">UTF-8.</param>
    /// <param name="properties">As in the packet, fewer than 128 bytes.</param>
    public void Add(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> properties = default)
    {
        var length = 2 + topic.Length + 2 + 1 + properties.Length + payload.Length;
        var packet = _packets.GetSpan(5 + length);
        packet[0] = 0x32; // PUBLISH, at least once
        var at = 1;
        for (var rest = length; ; rest >>= 7)
        {
            packet[at++] = (byte)(rest > 0x7f ? rest & 0x7f | 0x80 : rest);
            if (rest <= 0x7f)
                break;
        }
        BinaryPrimitives.WriteUInt16BigEndian(packet[at..], (ushort)topic.Length);
        topic.CopyTo(packet[(at + 2)..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(at + 2 + topic.Length)..], (ushort)(1 + _sent++ % ushort.MaxValue));
        packet[at + 4 + topic.Length] = (byte)properties.Length;
        properties.CopyTo(packet[(at + 5 + topic.Length)..]);
        payload.CopyTo(packet[(at + 5 + topic.Length + properties.Length)..]);
        _packets.Advance(at + length);
    }

    /// <summary>A user property, as <see cref="Add"/> takes it.</summary>
    public static byte[] UserProperty(string name, string value) => [0x26, .. Text(name), .. Text(value)];

    public bool IsFull => _packets.WrittenCount > 128 * 1024;

    public async Task FlushAsync()
    {
        while (_sent - Acknowledged > InFlight)
            await _progress.WaitAsync();
        await _stream!.WriteAsync(_packets.WrittenMemory);
        _packets.ResetWrittenCount();
    }

    /// <summary>Ends when the broker has everything.</summary>
    public async Task DrainAsync()
    {
        await FlushAsync();
        while (Acknowledged < _sent)
            await _progress.WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream!.WriteAsync((byte[])[0xe0, 0]); // DISCONNECT
        _connection.Dispose();
        await _acknowledgements;
        _progress.Dispose();
    }

    private async Task ReadAcknowledgementsAsync()
    {
        var bytes = new byte[64 * 1024];
        var total = 0L;
        try
        {
            while (await _stream!.ReadAsync(bytes) is > 0 and var read)
            {
                total += read;
                Interlocked.Exchange(ref _acknowledged, total / 4); // the PUBACK of a message that somebody receives has four bytes, and nothing else comes
                _progress.Release();
            }
        }
        catch (IOException)
        {
            // Disposed.
        }
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
}

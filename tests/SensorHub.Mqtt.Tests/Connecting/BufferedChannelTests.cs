using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;
using SensorHub.Mqtt.Connecting;

namespace SensorHub.Mqtt.Tests.Connecting;

public class BufferedChannelTests
{
    private static readonly byte[] Acknowledgement = [0x40, 2, 0, 7];
    private static readonly byte[] Disconnect = [0xe0, 0];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packets_that_came_together_are_read_from_the_connection_once()
    {
        var connection = new Connection { Incoming = [.. Enumerable.Range(0, 100).Select(i => (byte)i)] };
        using var channel = new BufferedChannel(connection);
        var read = new byte[100];

        for (var i = 0; i < 100; i += 2)
            Assert.Equal(2, await channel.ReadAsync(read, i, 2, Token));

        Assert.Equal(connection.Incoming, read);
        Assert.Equal(1, connection.Reads);
    }

    [Fact]
    public async Task The_end_of_the_connection_is_the_end_of_reading()
    {
        using var channel = new BufferedChannel(new Connection());

        Assert.Equal(0, await channel.ReadAsync(new byte[2], 0, 2, Token));
    }

    [Fact]
    public async Task Acknowledgements_leave_together_and_before_what_follows_them()
    {
        var connection = new Connection();
        using var channel = new BufferedChannel(connection);
        connection.Pause();
        for (var i = 0; i < 100; i++)
            await channel.WriteAsync(new(Acknowledgement), true, Token);

        var leaving = channel.WriteAsync(new(Disconnect), true, Token);
        Assert.False(leaving.IsCompleted);
        connection.Resume();
        await leaving;

        Assert.Equal([.. Enumerable.Repeat(Acknowledgement, 100).SelectMany(a => a), .. Disconnect], connection.Outgoing);
        Assert.InRange(connection.Writes, 1, 2); // one that was on its way, and the rest
    }

    [Fact]
    public async Task A_payload_that_begins_like_an_acknowledgement_is_none()
    {
        var connection = new Connection();
        using var channel = new BufferedChannel(connection);
        connection.Pause();
        var first = channel.WriteAsync(new(new byte[] { 0x32, 9, 0, 1, (byte)'t', 0, 1, 0 }), false, Token);
        var second = channel.WriteAsync(new("@@"u8.ToArray()), true, Token);

        Assert.False(second.IsCompleted);
        connection.Resume();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task A_connection_that_failed_fails_every_write_from_then_on()
    {
        var connection = new Connection { Failure = new IOException("reset") };
        using var channel = new BufferedChannel(connection);
        await channel.WriteAsync(new(Acknowledgement), true, Token);

        await Assert.ThrowsAsync<IOException>(() => channel.WriteAsync(new(Disconnect), true, Token));
        await Assert.ThrowsAsync<IOException>(() => channel.WriteAsync(new(Disconnect), true, Token));
    }

    /// <summary>A connection in memory.</summary>
    private sealed class Connection : IMqttChannel
    {
        private TaskCompletionSource _open = Opened();

        public byte[] Incoming { get; init; } = [];

        public List<byte> Outgoing { get; } = [];

        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public Exception? Failure { get; init; }

        public X509Certificate2 ClientCertificate => null!;

        public EndPoint RemoteEndPoint => null!;

        public EndPoint LocalEndPoint => null!;

        public bool IsSecureConnection => false;

        public void Pause() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Resume() => _open.SetResult();

        public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Reads++;
            Incoming.CopyTo(buffer, offset);
            return Task.FromResult(Incoming.Length);
        }

        public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
        {
            await _open.Task;
            if (Failure is not null)
                throw Failure;
            Writes++;
            Outgoing.AddRange(buffer.ToArray());
        }

        public void Dispose()
        {
        }

        private static TaskCompletionSource Opened()
        {
            var open = new TaskCompletionSource();
            open.SetResult();
            return open;
        }
    }
}

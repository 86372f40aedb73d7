using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class SensorSessionTests
{
    private readonly VirtualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<SensorRecord> _records = [];
    private readonly RecordSink _sink;
    private readonly VirtualRadio _radio;
    private readonly VirtualSensor _roller;
    private readonly string _address;

    public SensorSessionTests()
    {
        _sink = new RecordSink(new HubClock(_time), _records.Add);
        _radio = new VirtualRadio(RadioOptions.Perfect, seed: 1, _time);
        _roller = SensorModels.CreateRoller(new VirtualPerson(Scenario.Desk, new RollerBuild().RollingRadius, new Random(1)), new RollerBuild(), seed: 1, ideal: true);
        _address = _radio.Add(_roller);
    }

    [Fact]
    public void A_scan_hears_a_sensor_by_its_name_until_it_is_connected() => Run(async cancel =>
    {
        var heard = 0;
        IConnection? connection = null;
        await foreach (var advertisement in _radio.ScanAsync(cancel))
        {
            Assert.Equal(($"SH Roller {_roller.Peripheral.Descriptor.Serial[^4..]}", _address), (advertisement.Name, advertisement.Address));
            if (++heard == 3)
                break;
        }
        connection = await _radio.ConnectAsync(_address, cancel);
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _radio.ScanAsync(soon.Token))
                Assert.Fail("A connected sensor does not advertise.");
        });
        await connection.DisposeAsync();
    });

    [Fact]
    public void A_session_describes_exchanges_time_starts_every_stream_and_records_what_comes() => Run(async cancel =>
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = Session().RunAsync(stop.Token);
        await _time.ExactlyAsync(TimeSpan.FromSeconds(25), cancel);
        Assert.Equal(0b1111, Status());
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.IsType<SensorRecord.Described>(_records[0]);
        Assert.All(_records.Skip(1).Take(6), r => Assert.IsType<SensorRecord.TimeExchanged>(r));
        Assert.Equal(6 + 2 * 3, _records.Count(r => r is SensorRecord.TimeExchanged)); // two rounds
        Assert.Equal(LinkState.Streaming, _records.OfType<SensorRecord.Link>().First().State);
        Assert.Equal(LinkState.Lost, Assert.IsType<SensorRecord.Link>(_records[^1]).State);
        Assert.True(_records.Count(r => r is SensorRecord.Frame) > 600);

        int Status() => _records.OfType<SensorRecord.Frame>().Select(f => (int)f.Bytes.Span[1]).Distinct().Count() is 3 ? 0b1111 : 0; // no event has happened
    });

    [Fact]
    public void The_four_stamps_of_an_exchange_hold_the_true_offset_within_half_the_round_trip() => Run(async cancel =>
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = Session().RunAsync(stop.Token);
        await _time.ExactlyAsync(TimeSpan.FromSeconds(60), cancel);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.All(_records.OfType<SensorRecord.TimeExchanged>(), e =>
        {
            var received = _roller.Clock.Seconds(e.Received.Ticks);
            var sent = _roller.Clock.Seconds(e.Sent);
            var asked = e.RequestedAt.UnixNanoseconds * 1e-9;
            var got = e.At.UnixNanoseconds * 1e-9;
            Assert.True(asked <= received + 1e-6 && received < sent && sent <= got);
            Assert.InRange(got - asked, 0.014, 0.046); // one to three connection intervals
        });
    });

    [Fact]
    public void A_missing_range_can_be_fetched_from_the_ring() => Run(async cancel =>
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var session = Session();
        await Assert.ThrowsAsync<LinkException>(() => session.FetchAsync(1, 1, 0, 10, cancel));
        var running = session.RunAsync(stop.Token);
        await _time.ExactlyAsync(TimeSpan.FromSeconds(20), cancel);
        Assert.Null(await session.FetchAsync(1, _roller.Peripheral.BootId ^ 1, 500, 400, cancel)); // another boot
        var answer = await session.FetchAsync(1, _roller.Peripheral.BootId, 500, 400, cancel);
        Assert.Equal(new ControlResponse.Backlog(1, 500, 400), answer);
        await _time.ExactlyAsync(TimeSpan.FromSeconds(2), cancel);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var fetched = _records.OfType<SensorRecord.Frame>().Where(f => (f.Bytes.Span[2] & (byte)FrameFlags.Backlog) != 0).ToList();
        Assert.Equal(400, fetched.Sum(f => f.Bytes.Span[3]));
        foreach (var backlog in fetched)
            Assert.DoesNotContain(_records.OfType<SensorRecord.Frame>(), live => live != backlog && live.Bytes.Span.SequenceEqual(backlog.Bytes.Span));
    });

    [Fact]
    public void Requests_from_several_sides_go_one_after_the_other() => Run(async cancel =>
    {
        await using var link = await SensorLink.OpenAsync(_radio, _address, new HubClock(_time), new LinkOptions(), cancel);
        await link.EnableControlAsync(cancel);
        var answers = await Task.WhenAll(Enumerable.Range(1, 5).Select(i => link.RequestAsync(new ControlRequest.ExchangeTime((uint)i), cancel)));
        Assert.Equal([1u, 2, 3, 4, 5], answers.Cast<ControlResponse.Time>().Select(t => t.Cookie));
    });

    [Fact]
    public void A_link_that_is_lost_ends_requests_with_its_reason() => Run(async cancel =>
    {
        var radio = new VirtualRadio(RadioOptions.Perfect with { Outages = [new Outage(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1))] }, seed: 1, _time);
        await using var link = await SensorLink.OpenAsync(radio, radio.Add(_roller), new HubClock(_time), new LinkOptions(), cancel);
        await link.EnableControlAsync(cancel);
        await _time.ExactlyAsync(TimeSpan.FromSeconds(5), cancel);
        var e = await Assert.ThrowsAsync<LinkException>(() => link.RequestAsync(new ControlRequest.GetStatus(), cancel));
        Assert.Equal("The link was lost: nothing was heard for the supervision time-out.", e.Message);
        e = await Assert.ThrowsAsync<LinkException>(() => radio.ConnectAsync("virtual-1", cancel));
        Assert.StartsWith("The sensor did not answer within 10 s.", e.Message, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(new byte[] { 2, 0 }, "A sensor in range speaks protocol 2.x, and this hub 1.x: update the one that is older.")]
    [InlineData(new byte[] { 1, 0, 1, 1 }, "A sensor in range describes itself wrongly: ")]
    public void A_descriptor_that_cannot_be_used_is_refused_with_a_clear_message_and_not_tried_again(byte[] descriptor, string message) => Run(async cancel =>
    {
        var stranger = new Stranger(descriptor);
        var loop = new ReconnectLoop(stranger, "x", _sink, new LinkOptions(), new Random(1));
        var e = await Assert.ThrowsAsync<IncompatibleSensorException>(() => loop.RunAsync(cancel));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.Equal((1, true), (stranger.Connections, stranger.IsClosed));
        Assert.Empty(_records);
    });

    [Fact]
    public void A_sensor_that_does_not_answer_counts_as_lost_after_five_seconds() => Run(async cancel =>
    {
        var stranger = new Stranger(SensorDescriptorCodec.Encode(_roller.Peripheral.Descriptor));
        var options = new LinkOptions { TimeExchangeSpread = TimeSpan.Zero };
        var e = await Assert.ThrowsAsync<LinkException>(() => new SensorSession(stranger, "x", _sink, options).RunAsync(cancel));
        Assert.EndsWith("did not answer ExchangeTime within 5 s.", e.Message, StringComparison.Ordinal);
        Assert.Equal(e.Message, Assert.IsType<SensorRecord.Link>(_records[^1]).Reason);
        Assert.Equal(5, _sink.Now.UnixNanoseconds * 1e-9);
    });

    private SensorSession Session() => new(_radio, _address, _sink, new LinkOptions());

    private void Run(Func<CancellationToken, Task> test) => _time.Run(() => test(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

    /// <summary>A peripheral that gives its descriptor and says no more.</summary>
    private sealed class Stranger(byte[] descriptor) : ICentral, IConnection
    {
        public int Connections { get; private set; }

        public bool IsClosed { get; private set; }

        public int? Mtu => null;

        public Task<string> Lost { get; } = new TaskCompletionSource<string>().Task;

        public IAsyncEnumerable<Advertisement> ScanAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken)
        {
            Connections++;
            return Task.FromResult<IConnection>(this);
        }

        public Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken) => Task.FromResult<ReadOnlyMemory<byte>>(descriptor);

        public Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, bool withResponse, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task EncryptAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task ForgetAsync(string address, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task PowerCycleAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task UnsubscribeAsync(Guid characteristic, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return ValueTask.CompletedTask;
        }
    }
}

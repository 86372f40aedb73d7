using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class SensorLinkTests
{
    private readonly VirtualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly VirtualRadio _radio;
    private readonly VirtualSensor _roller;
    private readonly string _address;

    public SensorLinkTests()
    {
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

    [Fact]
    public void A_sensor_that_does_not_answer_counts_as_lost_after_five_seconds() => Run(async cancel =>
    {
        var stranger = new Stranger(SensorDescriptorCodec.Encode(_roller.Peripheral.Descriptor));
        var clock = new HubClock(_time);
        await using var link = await SensorLink.OpenAsync(stranger, "x", clock, new LinkOptions(), cancel);
        var e = await Assert.ThrowsAsync<LinkException>(() => link.RequestAsync(new ControlRequest.GetStatus(), cancel));
        Assert.Equal($"{link.Sensor} did not answer GetStatus within 5 s.", e.Message);
        Assert.Equal(5, clock.Now.UnixNanoseconds * 1e-9);
    });

    private void Run(Func<CancellationToken, Task> test) => _time.Run(() => test(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

    /// <summary>A peripheral that gives its descriptor and says no more.</summary>
    private sealed class Stranger(byte[] descriptor) : ICentral, IConnection
    {
        public int? Mtu => null;

        public Task<string> Lost { get; } = new TaskCompletionSource<string>().Task;

        public IAsyncEnumerable<Advertisement> ScanAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken) => Task.FromResult<IConnection>(this);

        public Task<ReadOnlyMemory<byte>> ReadAsync(Guid characteristic, CancellationToken cancellationToken) => Task.FromResult<ReadOnlyMemory<byte>>(descriptor);

        public Task WriteAsync(Guid characteristic, ReadOnlyMemory<byte> value, bool withResponse, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task EncryptAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task ForgetAsync(string address, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task PowerCycleAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task UnsubscribeAsync(Guid characteristic, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SubscribeAsync(Guid characteristic, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

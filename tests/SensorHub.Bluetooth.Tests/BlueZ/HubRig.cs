using SensorHub.Bluetooth.Link;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>The hub's links above a fake bluetoothd, in real time, and what they recorded.</summary>
internal sealed class HubRig : IAsyncDisposable
{
    private readonly List<SensorRecord> _records = [];
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(BlueZRig.Cancel);
    private readonly Task _running;

    private HubRig(BlueZRig radio)
    {
        Radio = radio;
        Links = new LinkSupervisor(radio.Central, new RecordSink(new HubClock(TimeProvider.System), Add), Options, new Random(1));
        _running = Task.Run(() => Links.RunAsync(_stop.Token));
    }

    public BlueZRig Radio { get; }

    public LinkSupervisor Links { get; }

    /// <summary>As delivered, but with the pauses of a test.</summary>
    private static LinkOptions Options { get; } = new()
    {
        FirstTimeExchanges = 2,
        FirstPause = TimeSpan.FromMilliseconds(100),
        LongestPause = TimeSpan.FromSeconds(0.5),
        RefusedPause = TimeSpan.FromSeconds(1),
        AddressOnly = TimeSpan.FromSeconds(0.5),
        Silence = TimeSpan.FromSeconds(1),
    };

    public static async Task<HubRig> StartAsync() => new(await BlueZRig.StartAsync());

    public void Want(params IEnumerable<FakeSensor> sensors) =>
        Links.Want([.. sensors.Select(s => new WantedSensor(NameOf(s), s.Address, s.Sensor.Name))]);

    public static Slug NameOf(FakeSensor sensor) => SensorId.Of(sensor.Sensor.Peripheral.Descriptor);

    public LinkStatus? Status(FakeSensor sensor) => Links.Links.FirstOrDefault(l => l.Sensor == NameOf(sensor));

    public IReadOnlyList<SensorRecord> Records
    {
        get
        {
            lock (_records)
                return [.. _records];
        }
    }

    public IEnumerable<SensorRecord.Link> States(FakeSensor sensor) => Records.OfType<SensorRecord.Link>().Where(l => l.Sensor == NameOf(sensor));

    /// <summary>Waits until so many more samples of the sensor's streams arrived, and none is known to be missing.</summary>
    public async Task StreamAsync(FakeSensor sensor, int samples = 100)
    {
        var before = Received(sensor);
        await BlueZRig.UntilAsync(
            () => Received(sensor) >= before + samples && Status(sensor) is { State: LinkState.Streaming, Missing: 0 },
            $"{samples} samples of {NameOf(sensor)}, which is {Status(sensor)?.State} ({Status(sensor)?.Reason})");
    }

    public Task UntilAsync(FakeSensor sensor, LinkState state, string reason = "") => BlueZRig.UntilAsync(
        () => States(sensor).Any(s => s.State == state && s.Reason.Contains(reason, StringComparison.Ordinal)), $"{NameOf(sensor)} {state} {reason}");

    /// <summary>Every sample of every stream that was on is recorded, from its first to its last, and none was given up.</summary>
    public void AssertNothingMissing(FakeSensor sensor)
    {
        var records = Records;
        Assert.DoesNotContain(records.OfType<SensorRecord.GivenUp>(), g => g.Sensor == NameOf(sensor));
        Assert.True(Numbers(sensor).Count > 0);
        foreach (var ((boot, stream), numbers) in Numbers(sensor))
            Assert.True(numbers.Count == numbers.Max + 1L, $"Of stream {stream} of boot {boot:x8}, {numbers.Max + 1L - numbers.Count} samples are missing.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await Radio.DisposeAsync();
    }

    private long Received(FakeSensor sensor) => Numbers(sensor).Values.Sum(n => (long)n.Count);

    private Dictionary<(uint Boot, byte Stream), SortedSet<uint>> Numbers(FakeSensor sensor)
    {
        var numbers = new Dictionary<(uint, byte), SortedSet<uint>>();
        foreach (var record in Records.OfType<SensorRecord.Frame>().Where(f => f.Sensor == NameOf(sensor)))
        {
            if (FrameCodec.Decode(record.Bytes.Span, out var frame) != DecodeStatus.Ok ||
                FrameCodec.Check(frame, sensor.Sensor.Peripheral.Descriptor, out _) != DecodeStatus.Ok)
                continue;
            var key = (frame.Header.BootId, frame.Header.Stream);
            if (!numbers.TryGetValue(key, out var set))
                numbers[key] = set = [];
            for (uint i = 0; i < frame.Header.Count; i++)
                set.Add(frame.Header.Sequence + i);
        }
        return numbers;
    }

    private void Add(SensorRecord record)
    {
        lock (_records)
            _records.Add(record);
    }
}

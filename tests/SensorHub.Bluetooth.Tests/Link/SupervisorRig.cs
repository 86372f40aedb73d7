using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Tests.Virtual;
using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Link;

/// <summary>A supervisor, a virtual radio, and clips whose samples say at which tick they were taken, on a virtual clock.</summary>
internal sealed class SupervisorRig
{
    public const uint Period = 10_000;

    private readonly VirtualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly int _seed;

    public SupervisorRig(RadioOptions? radio = null, LinkOptions? options = null, int seed = 1)
    {
        _seed = seed;
        Radio = new VirtualRadio(radio ?? RadioOptions.Perfect, seed, _time);
        Links = new LinkSupervisor(Radio, new RecordSink(new HubClock(_time), Records.Add), options ?? new LinkOptions(), new Random(seed));
    }

    public List<SensorRecord> Records { get; } = [];

    public VirtualRadio Radio { get; }

    public LinkSupervisor Links { get; }

    public List<WantedSensor> Wanted { get; } = [];

    public TimeProvider Time => _time;

    public double Seconds => Radio.Elapsed.TotalSeconds;

    /// <summary>Brings a clip into range, and wants it.</summary>
    /// <param name="depth">Samples that the ring buffers of its IMUs keep.</param>
    public VirtualSensor Add(string serial = "SIM00001", uint depth = 6000, bool wanted = true)
    {
        var clip = SensorModels.ClipDescriptor(serial);
        VirtualSensor? sensor = null;
        var counting = new Counting(() => sensor!.Clock);
        sensor = new VirtualSensor(
            clip with { Streams = [.. clip.Streams.Select(s => s.Kind == StreamKind.Imu ? s with { BufferDepth = depth } : s)] },
            new DeviceClock(-100, SensorModels.TickRate, driftPpm: 0),
            clip.Streams.ToDictionary(s => s.Id, s => s.Kind == StreamKind.Imu ? (IStreamSource)counting : new BatteryStream(80, 0)),
            Noise.Fork(_seed, serial));
        var address = Radio.Add(sensor);
        if (wanted)
            Want(sensor, address);
        return sensor;
    }

    public void Want(VirtualSensor sensor, string address)
    {
        Wanted.Add(new WantedSensor(SensorId.Of(sensor.Peripheral.Descriptor), address, sensor.Name));
        Links.Want([.. Wanted]);
    }

    /// <summary>Runs the supervisor while the test says what happens; then it takes leave.</summary>
    public void Run(Func<CancellationToken, Task> test) => _time.Run(async () =>
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Links.RunAsync(stop.Token);
        await await Task.WhenAny(running, test(stop.Token));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }, TestContext.Current.CancellationToken);

    public void Run(double seconds) => Run(cancel => WaitAsync(seconds, cancel));

    public Task WaitAsync(double seconds, CancellationToken cancellationToken) => _time.ExactlyAsync(TimeSpan.FromSeconds(seconds), cancellationToken);

    public Task UntilAsync(double seconds, CancellationToken cancellationToken) => WaitAsync(seconds - Seconds, cancellationToken);

    public LinkStatus Status(VirtualSensor sensor) => Links.Links.Single(l => l.Sensor == SensorId.Of(sensor.Peripheral.Descriptor));

    public List<SensorRecord.Link> States(VirtualSensor sensor) =>
        [.. Records.OfType<SensorRecord.Link>().Where(l => l.Sensor == SensorId.Of(sensor.Peripheral.Descriptor))];

    /// <summary>Reboots, as after a watchdog: the radio hears nothing of it.</summary>
    public void Reboot(VirtualSensor sensor) => sensor.Reboot(Seconds);

    /// <summary>
    /// Checks that what came of a sensor is what was measured, to the bit, nothing twice, and that with what was given up it is all that is
    /// known to have been numbered.
    /// </summary>
    public Account Check(VirtualSensor sensor)
    {
        var name = SensorId.Of(sensor.Peripheral.Descriptor);
        var seen = new Dictionary<(byte Stream, uint Boot), HashSet<uint>>();
        var account = new Account();
        foreach (var record in Records)
            if (record is SensorRecord.Frame { Bytes: var bytes } frame && frame.Sensor == name &&
                FrameCodec.Decode(bytes.Span, out var decoded) == DecodeStatus.Ok &&
                FrameCodec.Check(decoded, sensor.Peripheral.Descriptor, out var stream) == DecodeStatus.Ok)
            {
                var header = decoded.Header;
                for (var i = 0; i < header.Count; i++)
                {
                    Assert.True(Of(header.Stream, header.BootId).Add(unchecked(header.Sequence + (uint)i)), $"{header} came twice.");
                    if (stream!.Kind != StreamKind.Imu)
                        continue;
                    var number = (header.Ticks + (ulong)i * header.Period) / Period;
                    Assert.Equal((long)(number % 30_000), stream.ReadRaw(decoded.Samples, i, 0));
                    Assert.Equal((long)(number / 30_000), stream.ReadRaw(decoded.Samples, i, 1));
                }
                account.Received += header.Count;
                account.Fetched += (header.Flags & FrameFlags.Backlog) != 0 ? header.Count : 0;
            }
            else if (record is SensorRecord.GivenUp given && given.Sensor == name)
            {
                for (uint i = 0; i < given.Count; i++)
                    Assert.True(Of(given.Stream, given.BootId).Add(unchecked(given.Sequence + i)), $"{given} came, or was given up before.");
                account.GivenUp += given.Count;
            }
        foreach (var ((stream, boot), numbers) in seen)
            Assert.True(numbers.Count == numbers.Max() + 1L, $"Of stream {stream} of boot {boot:x8}, {numbers.Max() + 1L - numbers.Count} samples neither came nor were given up.");
        return account;

        HashSet<uint> Of(byte stream, uint boot) => seen.TryGetValue((stream, boot), out var numbers) ? numbers : seen[(stream, boot)] = [];
    }

    public sealed class Account
    {
        public long Received { get; set; }

        public long Fetched { get; set; }

        public long GivenUp { get; set; }
    }

    /// <summary>Channel 0 and 1 say in counts how many periods since boot it is.</summary>
    private sealed class Counting(Func<DeviceClock> clock) : IStreamSource
    {
        private static readonly StreamDescriptor Imu = SensorModels.ClipDescriptor("SIM00000").Streams[0];

        public bool TryRead(double seconds, Span<double> channels)
        {
            var number = (long)Math.Round((seconds - clock().Seconds(0)) * SensorModels.TickRate / Period);
            channels.Clear();
            channels[0] = number % 30_000 * (double)Imu.Channels[0].Scale;
            channels[1] = number / 30_000 * (double)Imu.Channels[1].Scale;
            return true;
        }
    }
}

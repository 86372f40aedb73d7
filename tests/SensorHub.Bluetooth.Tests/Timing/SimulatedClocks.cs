using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Timing;

/// <summary>Under which two sensors are connected to the hub.</summary>
/// <param name="DriftPpm">Of the first sensor's clock; the second errs by as much the other way.</param>
internal sealed record ClockCondition(string Name, double IntervalMs, double DriftPpm)
{
    public double WarmingPpm { get; init; }

    public RadioOptions Radio { get; init; } = RadioOptions.Perfect with { MissedEvents = 0.03, HostDelay = TimeSpan.FromMilliseconds(2) };
}

/// <summary>
/// Two virtual sensors over a virtual radio, and the hub's side of their links; the records go into a <see cref="SampleClock"/> a sensor.
/// </summary>
internal sealed class SimulatedClocks
{
    private readonly VirtualTime _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly List<Side> _sides = [];

    /// <returns>Of each sensor, the first sample stamped in each second since the simulation began that had one.</returns>
    public static IReadOnlyDictionary<int, Stamped>[] Run(ClockCondition condition, int seed, double seconds)
    {
        var clocks = new SimulatedClocks();
        var radio = new VirtualRadio(condition.Radio with { ConnectionInterval = TimeSpan.FromMilliseconds(condition.IntervalMs) }, seed, clocks._time);
        var hub = new HubClock(clocks._time);
        var start = hub.Now;
        var sink = new RecordSink(hub, record => clocks.Take(record, start));
        var wanted = new List<WantedSensor>();
        for (var i = 0; i < 2; i++)
        {
            var random = Noise.Fork(seed, $"clock {i}");
            var clock = new DeviceClock(-(10 + 3600 * random.NextDouble()), SensorModels.TickRate, i == 0 ? condition.DriftPpm : -condition.DriftPpm, i == 0 ? condition.WarmingPpm : 0);
            var descriptor = i == 0 ? SensorModels.RollerDescriptor($"R{seed:0000}") : SensorModels.ClipDescriptor($"C{seed:0000}");
            var sources = descriptor.Streams.Where(s => !s.IsIrregular).ToDictionary(s => s.Id, s => (IStreamSource)new Nothing());
            var sensor = new VirtualSensor(descriptor, clock, sources, random);
            clocks._sides.Add(new Side(SensorId.Of(descriptor), sensor));
            wanted.Add(new WantedSensor(SensorId.Of(descriptor), radio.Add(sensor), sensor.Name));
        }
        using var stop = new CancellationTokenSource();
        clocks._time.Run(async () =>
        {
            var links = new LinkSupervisor(radio, sink, new LinkOptions(), Noise.Fork(seed, "links"));
            links.Want(wanted);
            var linking = links.RunAsync(stop.Token);
            await clocks._time.ExactlyAsync(TimeSpan.FromSeconds(seconds), CancellationToken.None);
            stop.Cancel();
            await linking.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        });
        return [.. clocks._sides.Select(s => s.Stamps)];
    }

    private void Take(SensorRecord record, Timestamp start)
    {
        switch (record)
        {
            case SensorRecord.TimeExchanged exchange:
                _sides.First(s => s.Name == exchange.Sensor).Exchange(exchange, start);
                break;
            case SensorRecord.Frame frame:
                _sides.First(s => s.Name == frame.Sensor).Frame(frame, start);
                break;
        }
    }

    /// <param name="Error">Stamp − truth, s.</param>
    /// <param name="Uncertainty">Standard, as stated when the stamp was given, s.</param>
    internal readonly record struct Stamped(double Error, double Uncertainty);

    private sealed class Side(Core.Slug name, VirtualSensor sensor)
    {
        private readonly SampleClock _clock = new(SensorModels.TickRate);
        private readonly Dictionary<int, Stamped> _stamps = [];

        public Core.Slug Name => name;

        public IReadOnlyDictionary<int, Stamped> Stamps => _stamps;

        public void Exchange(SensorRecord.TimeExchanged exchange, Timestamp start)
        {
            _clock.Exchange(exchange.RequestedAt, exchange.Received, exchange.Sent, exchange.At);
        }

        public void Frame(SensorRecord.Frame record, Timestamp start)
        {
            Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(record.Bytes.Span, out var frame));
            if (frame.Header.Flags.HasFlag(FrameFlags.Backlog))
                return; // the clock is one of live frames
            var last = new DeviceTime(frame.Header.BootId, frame.Header.Ticks + (ulong)(frame.Header.Count - 1) * frame.Header.Period);
            var taken = sensor.Clock.Seconds(last.Ticks);
            Assert.True(_clock.Arrive(last, record.At));
            var stamp = _clock.Stamp(last);
            _stamps.TryAdd((int)taken, new Stamped((stamp - start).TotalSeconds - taken, _clock.Uncertainty(record.At)!.Value.TotalSeconds));
        }
    }

    /// <summary>A stream whose values do not matter.</summary>
    private sealed class Nothing : IStreamSource
    {
        public bool TryRead(double seconds, Span<double> channels)
        {
            channels.Clear();
            return true;
        }
    }
}

using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>
/// A sensor made of a descriptor, sources for its streams, a clock and a GATT server: everything behind the antenna.
/// Physical values become counts by the scales of its own descriptor, with their quantisation and saturation.
/// </summary>
public sealed class VirtualSensor : ISampleSource
{
    private readonly IReadOnlyDictionary<byte, IStreamSource> _sources;
    private readonly double[] _values = new double[SensorDescriptorCodec.MaxChannels];
    private readonly Random _boots;

    internal VirtualSensor(SensorDescriptor descriptor, DeviceClock clock, IReadOnlyDictionary<byte, IStreamSource> sources, Random boots)
    {
        _sources = sources;
        _boots = boots;
        Clock = clock;
        Peripheral = new GattPeripheral(descriptor, this, NextBootId());
    }

    public GattPeripheral Peripheral { get; }

    public DeviceClock Clock { get; private set; }

    /// <summary>The advertised local name.</summary>
    public string Name => Peripheral.Descriptor is var d && d.Kind == SensorKind.Roller ? $"SH Roller {d.Serial[^4..]}" : $"SH Clip {d.Serial[^4..]}";

    /// <summary>Lets the time of the simulation pass.</summary>
    public void AdvanceTo(double seconds) => Peripheral.Advance(Math.Max(Peripheral.Now, Clock.Ticks(seconds)));

    /// <summary>Something happens to the sensor: a tap, a button, a charger. On the thread of the session.</summary>
    public void Report(double seconds, EventCode code, byte argument)
    {
        AdvanceTo(seconds);
        Peripheral.Report(code, argument);
    }

    /// <summary>The sensor boots anew, as after a watchdog: its clock starts at 0 and it forgets all samples.</summary>
    /// <param name="bootId">Not 0; null = drawn from the seed.</param>
    public void Reboot(double seconds, uint? bootId = null)
    {
        Clock = Clock.Rebooted(seconds);
        Peripheral.Reboot(bootId ?? NextBootId());
    }

    public SampleOutcome Measure(StreamDescriptor stream, ulong ticks, Span<byte> sample)
    {
        if (!_sources.TryGetValue(stream.Id, out var source) || !source.TryRead(Clock.Seconds(ticks), _values))
            return SampleOutcome.Absent;
        var outcome = SampleOutcome.Taken;
        for (var channel = 0; channel < stream.Channels.Count; channel++)
            if (!stream.Write(sample, 0, channel, _values[channel]))
                outcome = SampleOutcome.Saturated;
        return outcome;
    }

    private uint NextBootId() => (uint)_boots.NextInt64(1, 1L << 32);
}

using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Link;

/// <summary>A sensor that shall stream.</summary>
/// <param name="Sensor">Who it is, by kind and serial: what answers at the address and is not this is refused.</param>
/// <param name="Address">Where it was last; the radio's name for it. Private addresses change: see <see cref="LinkSupervisor.Moved"/>.</param>
/// <param name="Name">The advertised local name, by which it is found when its address is not heard. Empty = by its address alone.</param>
/// <param name="Streams">What it shall stream; null = everything, at the fastest rate.</param>
public sealed record WantedSensor(Slug Sensor, string Address, string Name, IReadOnlyList<WantedStream>? Streams = null)
{
    /// <summary>The period at which this stream is wanted, in ticks of the sensor, 0 for events; null = not at all.</summary>
    internal uint? PeriodOf(StreamDescriptor stream, uint tickRate)
    {
        if (stream.Kind is < StreamKind.Imu or > StreamKind.Events)
            return null; // of a newer minor version
        var wanted = Streams?.FirstOrDefault(s => s.Kind == stream.Kind);
        if (Streams is not null && wanted is null)
            return null;
        if (stream.IsIrregular)
            return 0;
        return wanted?.RateHz is { } rate
            ? stream.Periods.MinBy(period => Math.Abs((double)tickRate / period - rate))
            : stream.Periods[0];
    }
}

/// <summary>Streams of one kind that a sensor shall send.</summary>
/// <param name="RateHz">Samples a second, above 0: the nearest rate that the sensor offers is taken; null = its fastest. Without meaning for events.</param>
public sealed record WantedStream(StreamKind Kind, double? RateHz = null);

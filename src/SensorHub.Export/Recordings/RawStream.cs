using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Export.Tables;

namespace SensorHub.Export.Recordings;

/// <summary>A sampled stream of a sensor: an IMU element, or the load cells.</summary>
public sealed class RawStream
{
    private RawStream(Slug sensor, StreamDescriptor stream, string place, ElementRole? element, IReadOnlyList<RawChannel> channels, SensorDescriptor descriptor)
    {
        (Sensor, Stream, Place, Element, Channels) = (sensor, stream, place, element, channels);
        Periods = [.. stream.Periods.Select(p => (double)p / descriptor.TickRate)];
    }

    public Slug Sensor { get; }

    public StreamDescriptor Stream { get; }

    /// <summary><c>lower</c>, <c>upper</c>, <c>core</c>, <c>load</c>.</summary>
    public string Place { get; }

    /// <summary>Of an IMU.</summary>
    public ElementRole? Element { get; }

    public IReadOnlyList<RawChannel> Channels { get; }

    /// <summary>Periods on offer, s, fastest first.</summary>
    public IReadOnlyList<double> Periods { get; }

    /// <summary>The stream, if its samples have times: an IMU with six axes and a known place, or load cells of which one at least is calibrated.</summary>
    public static RawStream? Of(Slug sensor, StreamDescriptor stream, SensorDescriptor descriptor)
    {
        var channels = new List<RawChannel>();
        var element = descriptor.Elements.FirstOrDefault(e => e.Id == stream.Element)?.Role;
        if (stream.Kind == StreamKind.Imu && element is { } role)
        {
            for (var i = 0; i < 6; i++)
            {
                var (quantity, axis) = (i < 3 ? Quantity.Acceleration : Quantity.AngularRate, (byte)(i % 3));
                if (stream.FindChannel(quantity, axis) is not (>= 0 and var channel))
                    return null;
                channels.Add(new(ChannelNames.Of(stream.Channels[channel], channel), quantity, axis, i < 3 ? "m/s²" : "rad/s", $"{(i < 3 ? "Specific force, gravity included, along" : "Angular rate about")} {"xyz"[axis]} of the element.", channel, null));
            }
            AddOthers();
            return new RawStream(sensor, stream, EnumNames.Of(role), role, channels, descriptor);
        }
        if (stream.Kind != StreamKind.Load)
            return null;
        byte[] cells = [.. from c in descriptor.LoadCalibrations where stream.FindChannel(Quantity.LoadCounts, c.Axis) >= 0 orderby c.Axis select c.Axis];
        if (cells.Length == 0)
            return null;
        for (var i = 0; i < cells.Length; i++)
            channels.Add(new(ChannelNames.OfForce(cells[i]), Quantity.LoadCounts, cells[i], "N", FormattableString.Invariant($"Load cell {cells[i] + 1}, by its calibration and temperature."), null, i));
        AddOthers();
        return new RawStream(sensor, stream, "load", null, channels, descriptor);

        void AddOthers()
        {
            for (var i = 0; i < stream.Channels.Count; i++)
            {
                var channel = stream.Channels[i];
                if (channel.Quantity is Quantity.Acceleration or Quantity.AngularRate && stream.Kind == StreamKind.Imu)
                    continue;
                var (unit, what) = channel.Quantity switch
                {
                    Quantity.LoadCounts => ("1", FormattableString.Invariant($"Load cell {channel.Axis + 1} as it was sent, in counts.")),
                    Quantity.Temperature => ("°C", "Temperature."),
                    Quantity.Pressure => ("Pa", channel.Axis == 0 ? "Pressure in the bladder." : "Pressure of the air around it."),
                    _ => ("1", FormattableString.Invariant($"Channel {i} of the stream, {EnumNames.Of(channel.Quantity)}.")),
                };
                channels.Add(new(ChannelNames.Of(channel, i), channel.Quantity, channel.Axis, unit, what, i, null));
            }
        }
    }

    /// <summary>Whether samples of the one fit the channels of the other.</summary>
    public bool Fits(Slug sensor, StreamDescriptor stream) =>
        sensor == Sensor && stream.Id == Stream.Id && (ReferenceEquals(stream, Stream) || (stream.Element == Stream.Element && stream.Kind == Stream.Kind && stream.Channels.SequenceEqual(Stream.Channels)));

    public IEnumerable<Column> Columns => Channels.Select(c => new Column(c.Name, ColumnType.Float, c.Unit, c.Description));
}

/// <summary>A channel in its physical unit.</summary>
/// <param name="Name">Of its column, with the unit.</param>
/// <param name="Channel">Of the stream; null for a calibrated load cell.</param>
/// <param name="Cell">Of the packet's load cells; null for a channel that is read as it is.</param>
public sealed record RawChannel(string Name, Quantity Quantity, byte Axis, string Unit, string Description, int? Channel, int? Cell);

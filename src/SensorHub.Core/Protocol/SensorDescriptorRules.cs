namespace SensorHub.Core.Protocol;

/// <summary>
/// What the values of a descriptor must be, alone and together: firmware-protocol/README.md §3.4, rule by rule and in
/// its order. A hub relies on it: an IMU stream has its six channels, every load cell its calibration.
/// </summary>
/// <remarks>
/// Roles, stream kinds and quantities that a newer minor version may name pass; nobody looks for them.
/// </remarks>
internal static class SensorDescriptorRules
{
    /// <summary>The first rule that the descriptor breaks, or null.</summary>
    public static DescriptorFault? FindFault(SensorDescriptor sensor) =>
        InSensor(sensor) ?? InElements(sensor.Elements) ?? InCalibrations(sensor.LoadCalibrations) ?? InRoller(sensor) ?? InStreams(sensor);

    private static DescriptorFault? InSensor(SensorDescriptor sensor) => sensor switch
    {
        { Kind: not (SensorKind.Roller or SensorKind.Clip) } => Bad($"no sensor of kind {(byte)sensor.Kind} is known."),
        { TickRate: 0 } => Bad("the tick rate is 0."),
        _ => null,
    };

    private static DescriptorFault? InElements(IReadOnlyList<ElementDescriptor> elements)
    {
        for (var i = 0; i < elements.Count; i++)
        {
            var (id, role) = elements[i];
            if (id == 0 || role == 0)
                return Bad("an element's id or role is 0.");
            for (var j = 0; j < i; j++)
                if (elements[j].Id == id || elements[j].Role == role)
                    return Bad($"two elements have the id {id} or the role {(byte)role}.");
        }
        return null;
    }

    private static DescriptorFault? InCalibrations(IReadOnlyList<LoadCalibration> calibrations)
    {
        for (var i = 0; i < calibrations.Count; i++)
        {
            if (!calibrations[i].IsValid)
                return Bad($"the calibration of load cell {calibrations[i].Axis} has a cell above 7, a gain of 0 or a number that is not finite.");
            for (var j = 0; j < i; j++)
                if (calibrations[j].Axis == calibrations[i].Axis)
                    return Bad($"load cell {calibrations[i].Axis} has two calibrations.");
        }
        return null;
    }

    private static DescriptorFault? InRoller(SensorDescriptor sensor) => sensor switch
    {
        { Kind: SensorKind.Roller, Roller: null } => Missing("a roller needs its geometry."),
        { Kind: SensorKind.Clip, Roller: not null } => Bad("a clip has no roller's geometry."),
        { Roller: { } r } when !(float.IsFinite(r.Radius) && r.Radius > 0 && float.IsFinite(r.Length) && r.Length > 0) =>
            Bad("the roller's radius and length are not both above 0."),
        { Roller: { Arrangement: > LoadArrangement.StrainPairs } r } => Bad($"no load arrangement {(byte)r.Arrangement} is known."),
        _ => null,
    };

    private static DescriptorFault? InStreams(SensorDescriptor sensor)
    {
        for (var i = 0; i < sensor.Streams.Count; i++)
            if ((InStream(sensor, i) ?? InChannels(sensor.Streams[i]) ?? InKind(sensor, sensor.Streams[i])) is { } fault)
                return fault;
        var hasLoad = sensor.Streams.Any(s => s.Kind == StreamKind.Load);
        return hasLoad == (sensor.Roller is { Arrangement: not LoadArrangement.None })
            ? null
            : Bad("a load stream and a load arrangement come together or not at all.");
    }

    private static DescriptorFault? InStream(SensorDescriptor sensor, int index)
    {
        var stream = sensor.Streams[index];
        var isNamed = stream.Kind is >= StreamKind.Imu and <= StreamKind.Events;
        if (stream.Kind == 0)
            return Bad($"stream {stream.Id} is of kind 0.");
        for (var j = 0; j < index; j++)
            if (sensor.Streams[j] is var other && (other.Id == stream.Id || isNamed && other.Kind == stream.Kind && other.Element == stream.Element))
                return Bad($"two streams have the id {stream.Id}, or the same kind and element.");
        if (stream.Element != 0 && !sensor.Elements.Any(e => e.Id == stream.Element))
            return Bad($"stream {stream.Id} belongs to element {stream.Element}, which is not declared.");
        if (isNamed && (stream.Element != 0) != (stream.Kind == StreamKind.Imu))
            return Bad($"stream {stream.Id}: an IMU stream belongs to an element, every other to the sensor as a whole.");
        if (isNamed && stream.IsIrregular != (stream.Kind == StreamKind.Events))
            return Bad($"stream {stream.Id}: an event stream has no periods, every other at least one.");
        for (var i = 0; i < stream.Periods.Count; i++)
            if (stream.Periods[i] <= (i == 0 ? 0 : stream.Periods[i - 1]))
                return Bad($"stream {stream.Id}: its periods do not rise from above 0.");
        return null;
    }

    private static DescriptorFault? InChannels(StreamDescriptor stream)
    {
        for (var i = 0; i < stream.Channels.Count; i++)
        {
            var channel = stream.Channels[i];
            if (channel.Type is < RawType.U8 or > RawType.I32)
                return Bad($"stream {stream.Id}, channel {i}: no raw type {(byte)channel.Type} is known.");
            if (!float.IsFinite(channel.Scale) || channel.Scale == 0 || !float.IsFinite(channel.Offset))
                return Bad($"stream {stream.Id}, channel {i}: scale and offset are not finite, or the scale is 0.");
            if (channel.Quantity is Quantity.LoadCounts or Quantity.EventCode or Quantity.EventArgument or Quantity.TickOffset &&
                (channel.Scale != 1 || channel.Offset != 0))
                return Bad($"stream {stream.Id}, channel {i}: {channel.Quantity} is a whole number, with scale 1 and offset 0.");
            if (stream.FindChannel(channel.Quantity, channel.Axis) != i)
                return Bad($"stream {stream.Id}, channel {i}: an earlier channel has the same quantity and axis.");
        }
        return null;
    }

    private static DescriptorFault? InKind(SensorDescriptor sensor, StreamDescriptor stream) => stream.Kind switch
    {
        StreamKind.Imu => InAxes(stream, Quantity.Acceleration, 3) ?? InAxes(stream, Quantity.AngularRate, 3),
        StreamKind.Load => InLoad(sensor, stream),
        StreamKind.Battery => InAxes(stream, Quantity.BatteryLevel, 1),
        StreamKind.Events => InAxes(stream, Quantity.EventCode, 1) ?? InAxes(stream, Quantity.TickOffset, 1),
        _ => null,
    };

    private static DescriptorFault? InLoad(SensorDescriptor sensor, StreamDescriptor stream)
    {
        var cells = stream.Channels.Count(c => c.Quantity == Quantity.LoadCounts);
        if (cells > SensorDescriptorCodec.MaxCells)
            return Bad($"stream {stream.Id} has {cells} load cells; {SensorDescriptorCodec.MaxCells} is the most.");
        if (InAxes(stream, Quantity.LoadCounts, Math.Max(cells, 1)) is { } missing)
            return missing;
        for (var cell = 0; cell < cells; cell++)
            if (!sensor.LoadCalibrations.Any(c => c.Axis == cell))
                return Missing($"load cell {cell} has no calibration.");
        return sensor.Roller is { Arrangement: LoadArrangement.StrainPairs } && cells % 2 != 0
            ? Bad($"stream {stream.Id}: strain gauges come in pairs, not {cells}.")
            : null;
    }

    /// <summary>The quantity is there with each of the axes 0 to <paramref name="count"/> − 1.</summary>
    private static DescriptorFault? InAxes(StreamDescriptor stream, Quantity quantity, int count)
    {
        for (var axis = 0; axis < count; axis++)
            if (stream.FindChannel(quantity, (byte)axis) < 0)
                return Missing($"stream {stream.Id} needs a channel {quantity} with axis {axis}.");
        return null;
    }

    private static DescriptorFault Bad(string what) => new(DecodeStatus.BadValue, what);

    private static DescriptorFault Missing(string what) => new(DecodeStatus.Missing, what);
}

/// <summary>Why a descriptor is refused, for the firmware's maker.</summary>
internal sealed record DescriptorFault(DecodeStatus Status, string What);

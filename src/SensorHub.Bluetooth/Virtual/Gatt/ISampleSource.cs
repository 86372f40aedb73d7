using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>The measuring part of a virtual sensor.</summary>
public interface ISampleSource
{
    /// <summary>Measures once.</summary>
    /// <param name="stream">A stream with a period.</param>
    /// <param name="ticks">Device ticks of the sample.</param>
    /// <param name="sample">Where to write it: <see cref="StreamDescriptor.SampleSize"/> bytes.</param>
    SampleOutcome Measure(StreamDescriptor stream, ulong ticks, Span<byte> sample);
}

public enum SampleOutcome : byte
{
    Taken,

    /// <summary>Taken, and a channel was at the end of its range.</summary>
    Saturated,

    /// <summary>Not taken: its sequence number stays empty.</summary>
    Absent,
}

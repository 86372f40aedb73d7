using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Export.Recordings;

/// <summary>One thing of a recording, in the order in which it would have been known had nothing come late.</summary>
public abstract record SessionItem
{
    private SessionItem()
    {
    }

    /// <summary>Samples that follow one another in a stream; their times grow.</summary>
    public sealed record Samples(RawStream Stream, StreamPlace Place, IReadOnlyList<ImuSample>? Imu, IReadOnlyList<LoadSample>? Load, RawSamples Raw) : SessionItem
    {
        public int Count => Imu?.Count ?? Load!.Count;

        public Timestamp Time(int sample) => Imu is not null ? Imu[sample].Time : Load![sample].Time;

        /// <summary>The number that the sensor gave it, modulo 2³².</summary>
        public uint Sequence(int sample) => unchecked(Place.Samples.Sequence + (uint)sample);

        /// <summary>In the unit of the channel.</summary>
        public double Value(int sample, RawChannel channel) =>
            channel.Cell is { } cell ? Load![sample].Cells[cell] : Raw.Read(sample, channel.Channel!.Value);
    }

    /// <summary>An estimate, a gap, the health of a sensor.</summary>
    public sealed record Estimated(Feature Feature) : SessionItem;

    /// <summary>Something that a person or the program said.</summary>
    public sealed record Said(Timestamp At, Marker Marker) : SessionItem;
}

using SensorHub.Core;
using SensorHub.Core.Orientation;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
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

        /// <summary>Those of <paramref name="from"/> and later, before <paramref name="to"/>; null = there are none.</summary>
        public Samples? Within(Timestamp from, Timestamp to)
        {
            var (first, end) = (0, Count);
            while (first < end && Time(first) < from)
                first++;
            while (end > first && Time(end - 1) >= to)
                end--;
            if (first == end)
                return null;
            if (end - first == Count)
                return this;
            var size = Raw.Stream.SampleSize;
            return this with
            {
                Place = Place with { Samples = new SampleRange(Sequence(first), (uint)(end - first)) },
                Imu = Imu?.Skip(first).Take(end - first).ToList(),
                Load = Load?.Skip(first).Take(end - first).ToList(),
                Raw = Raw with { Bytes = Raw.Bytes.Slice(first * size, (end - first) * size) },
            };
        }
    }

    /// <summary>Something that another device or a person noted, and that was imported afterwards. Comes last.</summary>
    public sealed record Imported(ImportedMarker Marker) : SessionItem;

    /// <summary>An estimate, a gap, the health of a sensor.</summary>
    public sealed record Estimated(Feature Feature) : SessionItem;

    /// <summary>Something that a person or the program said.</summary>
    public sealed record Said(Timestamp At, Marker Marker) : SessionItem;
}

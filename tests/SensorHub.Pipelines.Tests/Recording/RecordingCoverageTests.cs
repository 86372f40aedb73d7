using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Pipelines.Tests.Recording;

public sealed class RecordingCoverageTests
{
    private static readonly Slug Clip = Slug.Parse("clip-1");
    private static readonly Timestamp At = Timestamp.Parse("2026-01-05T09:00:00Z");
    private readonly RecordingCoverage _coverage = new();

    public RecordingCoverageTests()
    {
        var channels = Enumerable.Range(0, 6).Select(i => new ChannelDescriptor(i < 3 ? Quantity.Acceleration : Quantity.AngularRate, (byte)(i % 3), RawType.I16, 1, 0)).ToArray();
        _coverage.Add(new SensorRecord.Described(At, Clip, SensorDescriptorCodec.Encode(new SensorDescriptor(
            FrameCodec.Major, FrameCodec.Minor, SensorKind.Clip, "1", "1.0.0", 1000, [new ElementDescriptor(1, ElementRole.Lower)],
            [new StreamDescriptor(1, StreamKind.Imu, 1, 100, [10], channels)], [], null))));
    }

    [Fact]
    public void Samples_between_the_first_and_the_last_that_never_came_are_missing()
    {
        Add(100, 5);
        Add(110, 5);
        var stream = Assert.Single(_coverage.Streams());
        Assert.Equal((100u, 10, 5, 0), (stream.First, stream.Samples, stream.Missing, stream.Repeated));
    }

    [Fact]
    public void Samples_from_the_backlog_fill_the_gap_and_those_known_are_repeated()
    {
        Add(100, 5);
        Add(110, 5);
        Add(104, 7);
        var stream = Assert.Single(_coverage.Streams());
        Assert.Equal((15, 0, 2), (stream.Samples, stream.Missing, stream.Repeated));
    }

    [Fact]
    public void Sequence_wrap_is_not_a_gap_and_what_came_late_may_be_first()
    {
        Add(2, 3);
        Add(uint.MaxValue - 1, 4);
        var stream = Assert.Single(_coverage.Streams());
        Assert.Equal((uint.MaxValue - 1, 7, 0, 0), (stream.First, stream.Samples, stream.Missing, stream.Repeated));
    }

    [Fact]
    public void Each_boot_counts_by_itself()
    {
        Add(100, 5, boot: 1);
        Add(0, 5, boot: 2);
        Assert.Equal([0L, 0L], _coverage.Streams().Select(s => s.Missing));
    }

    [Fact]
    public void A_frame_that_cannot_be_read_is_counted()
    {
        _coverage.Add(new SensorRecord.Frame(At, Clip, new byte[] { 1, 2, 3 }));
        Assert.Equal(1, _coverage.Malformed);
        Assert.Empty(_coverage.Streams());
    }

    private void Add(uint sequence, byte count, uint boot = 7)
    {
        var samples = new byte[count * 12];
        var frame = new byte[FrameHeader.Size + samples.Length];
        FrameCodec.Encode(new FrameHeader(FrameCodec.Minor, 1, FrameFlags.None, count, boot, sequence, 1000 + sequence * 10UL, 10), samples, frame);
        _coverage.Add(new SensorRecord.Frame(At, Clip, frame));
    }
}

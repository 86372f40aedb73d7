using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Tests;

/// <summary>Records of a clip and a roller, made by hand: what arrives is exactly what a test says.</summary>
internal static class HandMade
{
    public const uint TickRate = 1_000_000;
    public const byte LowerImu = 1, UpperImu = 2, Load = 3, Battery = 4, Events = 5;

    public static readonly Timestamp Start = Timestamp.Parse("2026-01-31T12:00:00Z");
    public static readonly Slug Clip = Slug.Parse("clip"), Roller = Slug.Parse("roller"), Session = Slug.Parse("evening"), Subject = Slug.Parse("p1");

    public static Timestamp At(double seconds) => new(Start.UnixNanoseconds + (long)Math.Round(seconds * 1e9));

    public static readonly SensorDescriptor ClipDescriptor = new(
        1, 0, SensorKind.Clip, "C-1", "1.0", TickRate,
        [new ElementDescriptor(1, ElementRole.Lower), new ElementDescriptor(2, ElementRole.Upper)],
        [Imu(LowerImu, 1), Imu(UpperImu, 2), BatteryStream, EventStream],
        [], null);

    public static readonly SensorDescriptor RollerDescriptor = new(
        1, 0, SensorKind.Roller, "R-1", "1.0", TickRate,
        [new ElementDescriptor(1, ElementRole.Core)],
        [
            Imu(LowerImu, 1),
            new StreamDescriptor(Load, StreamKind.Load, 0, 0, [20_000], [
                new ChannelDescriptor(Quantity.LoadCounts, 0, RawType.I32, 1, 0),
                new ChannelDescriptor(Quantity.LoadCounts, 1, RawType.I32, 1, 0),
                new ChannelDescriptor(Quantity.Temperature, 0, RawType.I16, 0.01f, 0)]),
        ],
        [new LoadCalibration(0, 0.5f, 100, 0, 25), new LoadCalibration(1, 0.25f, 0, 0.01f, 25)],
        new RollerGeometry(0.07f, 0.33f, true, LoadArrangement.Ring));

    private static StreamDescriptor BatteryStream => new(Battery, StreamKind.Battery, 0, 0, [1_000_000], [new ChannelDescriptor(Quantity.BatteryLevel, 0, RawType.U8, 1, 0)]);

    private static StreamDescriptor EventStream => new(Events, StreamKind.Events, 0, 0, [],
    [
        new ChannelDescriptor(Quantity.EventCode, 0, RawType.U8, 1, 0),
        new ChannelDescriptor(Quantity.EventArgument, 0, RawType.U8, 1, 0),
        new ChannelDescriptor(Quantity.TickOffset, 0, RawType.U32, 1, 0),
    ]);

    public static SensorRecord Described(double at, Slug sensor, SensorDescriptor descriptor) =>
        new SensorRecord.Described(At(at), sensor, SensorDescriptorCodec.Encode(descriptor));

    /// <summary>An exchange without any delay: device time is then hub time.</summary>
    public static SensorRecord Exchanged(double at, Slug sensor, uint boot = 1, double bootedAt = 0) =>
        new SensorRecord.TimeExchanged(At(at), sensor, At(at), new DeviceTime(boot, Ticks(at - bootedAt)), Ticks(at - bootedAt));

    public static SensorRecord Link(double at, Slug sensor, LinkState state) => new SensorRecord.Link(At(at), sensor, state, state == LinkState.Lost ? "link supervision time-out" : "");

    public static SensorRecord Marked(double at, Marker marker) => new SensorRecord.Marked(At(at), marker);

    public static SensorRecord Began(double at) => Marked(at, new Marker.SessionBegan(Session, Subject, 70));

    public static SensorRecord Ended(double at) => Marked(at, new Marker.SessionEnded(Session));

    /// <summary>An IMU frame at 100 Hz: sequence s was taken at s · 10 ms after boot, and x carries s.</summary>
    public static SensorRecord ImuFrame(Slug sensor, byte stream, uint sequence, byte count = 10, uint boot = 1, double bootedAt = 0, double? at = null, FrameFlags flags = FrameFlags.None)
    {
        var descriptor = (sensor == Clip ? ClipDescriptor : RollerDescriptor).FindStream(stream)!;
        var samples = new byte[count * descriptor.SampleSize];
        for (var i = 0; i < count; i++)
        {
            descriptor.WriteRaw(samples, i, 0, (short)(sequence + i));
            descriptor.WriteRaw(samples, i, 2, 9807);
        }
        return Frame(sensor, new FrameHeader(0, stream, flags, count, boot, sequence, sequence * 10_000ul, 10_000), samples, at ?? bootedAt + (sequence + count - 1) * 0.01 + 0.005);
    }

    public static SensorRecord LoadFrame(uint sequence, int cell0, int cell1, short centidegrees)
    {
        var descriptor = RollerDescriptor.FindStream(Load)!;
        var samples = new byte[descriptor.SampleSize];
        descriptor.WriteRaw(samples, 0, 0, cell0);
        descriptor.WriteRaw(samples, 0, 1, cell1);
        descriptor.WriteRaw(samples, 0, 2, centidegrees);
        return Frame(Roller, new FrameHeader(0, Load, FrameFlags.None, 1, 1, sequence, sequence * 20_000ul, 20_000), samples, sequence * 0.02 + 0.005);
    }

    public static SensorRecord BatteryFrame(uint sequence, byte percent) =>
        Frame(Clip, new FrameHeader(0, Battery, FrameFlags.None, 1, 1, sequence, sequence * 1_000_000ul, 1_000_000), [percent], sequence + 0.005);

    public static SensorRecord EventFrame(uint sequence, double at, EventCode code, byte argument, uint offset) =>
        Frame(Clip, new FrameHeader(0, Events, FrameFlags.None, 1, 1, sequence, Ticks(at), 0), [(byte)code, argument, (byte)offset, (byte)(offset >> 8), (byte)(offset >> 16), (byte)(offset >> 24)], at + 0.02);

    public static SensorRecord Frame(Slug sensor, FrameHeader header, ReadOnlySpan<byte> samples, double at)
    {
        var bytes = new byte[FrameHeader.Size + samples.Length];
        FrameCodec.Encode(header, samples, bytes);
        return new SensorRecord.Frame(At(at), sensor, bytes);
    }

    /// <summary>A session of both sensors with a gap, garbage, a reconnect and a reboot; twelve seconds from sample <paramref name="first"/> on.</summary>
    public static List<SensorRecord> EventfulSession(uint first = 0)
    {
        var t = first * 0.01;
        List<SensorRecord> records =
        [
            Described(t, Clip, ClipDescriptor), Described(t, Roller, RollerDescriptor),
            Link(t, Clip, LinkState.Streaming), Link(t, Roller, LinkState.Streaming),
            Exchanged(t + 0.001, Clip), Exchanged(t + 0.002, Roller),
            Began(t + 0.5),
            Marked(t + 0.6, new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left)),
            Marked(t + 1, new Marker.StandCalibration(TimeSpan.FromSeconds(3))),
            new SensorRecord.Frame(At(t + 3.3), Clip, new byte[] { 1, 2, 3 }),
            Link(t + 4.5, Clip, LinkState.Lost), Link(t + 5.5, Clip, LinkState.Streaming), Described(t + 5.6, Clip, ClipDescriptor), Exchanged(t + 5.7, Clip),
            Ended(t + 11.6),
            ImuFrame(Clip, LowerImu, first + 1160),
        ];
        for (uint s = 0; s < 1000; s += 10)
        {
            if (s is not (200 or 210) and (< 400 or >= 600))
                records.Add(ImuFrame(Clip, LowerImu, first + s));
            if (s is < 400 or >= 600)
                records.Add(ImuFrame(Clip, UpperImu, first + s));
            records.Add(ImuFrame(Roller, LowerImu, first + s));
            for (var l = (first + s) / 2; l < (first + s + 10) / 2; l++)
                records.Add(LoadFrame(l, (int)(100 + l % 50 * 20), 400, 2500));
            if (s % 100 == 0)
                records.Add(BatteryFrame((first + s) / 100, (byte)(90 - s / 100)));
        }
        for (uint s = 0; s < 100; s += 10)
            records.Add(ImuFrame(Roller, LowerImu, s, boot: 2, bootedAt: t + 10.5));
        return [.. records.OrderBy(r => r.At)];
    }

    private static StreamDescriptor Imu(byte id, byte element) => new(id, StreamKind.Imu, element, 0, [10_000],
    [
        .. from axis in new byte[] { 0, 1, 2 } select new ChannelDescriptor(Quantity.Acceleration, axis, RawType.I16, 0.001f, 0),
        .. from axis in new byte[] { 0, 1, 2 } select new ChannelDescriptor(Quantity.AngularRate, axis, RawType.I16, 0.001f, 0),
    ]);

    private static ulong Ticks(double seconds) => unchecked((ulong)(long)Math.Round(seconds * TickRate));
}

using System.Buffers.Binary;
using System.Text;
using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Recording;

/// <summary>Record ↔ payload of a recording: README.md, "Payload". Little-endian.</summary>
internal static class RecordCodec
{
    /// <exception cref="ArgumentException">A recording has no form for it.</exception>
    public static byte[] Encode(SensorRecord record)
    {
        using var stream = new MemoryStream(320);
        using var w = new BinaryWriter(stream, Encoding.UTF8);
        switch (record)
        {
            case SensorRecord.Described r:
                Begin(Kind.Described, r.Sensor);
                w.Write(r.Bytes.Span);
                break;
            case SensorRecord.Frame r:
                Begin(Kind.Frame, r.Sensor);
                w.Write(r.Bytes.Span);
                break;
            case SensorRecord.TimeExchanged r:
                Begin(Kind.TimeExchanged, r.Sensor);
                w.Write(r.RequestedAt.UnixNanoseconds);
                w.Write(r.Received.BootId);
                w.Write(r.Received.Ticks);
                w.Write(r.Sent);
                break;
            case SensorRecord.Link r:
                Begin(Kind.Link, r.Sensor);
                w.Write((byte)r.State);
                w.Write(Encoding.UTF8.GetBytes(r.Reason));
                break;
            case SensorRecord.GivenUp r:
                Begin(Kind.GivenUp, r.Sensor);
                w.Write(r.Stream);
                w.Write(r.BootId);
                w.Write(r.Sequence);
                w.Write(r.Count);
                break;
            case SensorRecord.Marked { Marker: Marker.SessionBegan m }:
                Begin(Kind.SessionBegan, m.Session);
                WriteSlug(m.Subject);
                w.Write(m.BodyMassKg ?? double.NaN);
                break;
            case SensorRecord.Marked { Marker: Marker.StandCalibration m }:
                Begin(Kind.StandCalibration, default);
                w.Write(m.Duration.Ticks);
                break;
            case SensorRecord.Marked { Marker: Marker.BendCalibration m }:
                Begin(Kind.BendCalibration, default);
                w.Write(m.Duration.Ticks);
                break;
            case SensorRecord.Marked { Marker: Marker.ClipAttached m }:
                Begin(Kind.ClipAttached, m.Attachment);
                break;
            case SensorRecord.Marked { Marker: Marker.SitCalibration m }:
                Begin(Kind.SitCalibration, default);
                w.Write(m.Duration.Ticks);
                break;
            case SensorRecord.Marked { Marker: Marker.CalibrationGiven m }:
                Begin(Kind.CalibrationGiven, m.Calibration.Sensor);
                w.Write(Encoding.UTF8.GetBytes(PostureCalibrationJson.Write(m.Calibration)));
                break;
            case SensorRecord.Marked { Marker: Marker.RadiusCalibrated m }:
                Begin(Kind.RadiusCalibrated, m.Sensor);
                w.Write(m.Radius);
                w.Write(m.Uncertainty);
                break;
            case SensorRecord.Marked { Marker: Marker.StepBegan m }:
                Begin(Kind.StepBegan, default);
                w.Write((byte)m.Run);
                w.Write((byte)m.Step);
                w.Write((byte)m.Side);
                break;
            case SensorRecord.Marked { Marker: Marker.PlanChosen m }:
                Begin(Kind.PlanChosen, m.Plan.Id);
                w.Write(Encoding.UTF8.GetBytes(PlanFile.Write(m.Plan)));
                break;
            case SensorRecord.Marked { Marker: Marker.Snoozed m }:
                Begin(Kind.Snoozed, default);
                w.Write(m.Duration.Ticks);
                break;
            case SensorRecord.Marked { Marker: Marker.RemindersSet m }:
                Begin(Kind.RemindersSet, default);
                w.Write((byte)m.Mode);
                break;
            case SensorRecord.Marked { Marker: Marker.SyncCheck m }:
                Begin(Kind.SyncCheck, default);
                w.Write(m.Duration.Ticks);
                break;
            case SensorRecord.Marked { Marker: Marker.PainReported m }:
                Begin(Kind.PainReported, default);
                w.Write(m.Level);
                w.Write((byte)m.Character);
                break;
            case SensorRecord.Marked { Marker: Marker.MuscleChosen m }:
                Begin(Kind.MuscleChosen, default);
                w.Write((byte)m.Muscle);
                w.Write((byte)m.Side);
                break;
            case SensorRecord.Marked { Marker: Marker.Said m }:
                Begin(Kind.Said, m.Subject);
                w.Write((byte)m.Level);
                var from = Encoding.UTF8.GetBytes(m.From);
                w.Write(checked((byte)from.Length));
                w.Write(from);
                w.Write(Encoding.UTF8.GetBytes(m.Text));
                break;
            case SensorRecord.Marked { Marker: Marker.StudyJoined m }:
                Begin(Kind.StudyJoined, m.Study);
                WriteSlug(m.Participant);
                WriteSlug(m.Visit);
                WriteSlug(m.Arm);
                w.Write(Encoding.UTF8.GetBytes(m.Protocol));
                break;
            case SensorRecord.Marked { Marker: Marker.TaskBegan m }:
                Begin(Kind.TaskBegan, m.Task);
                w.Write(m.Run);
                break;
            case SensorRecord.Marked { Marker: Marker.TaskEnded m }:
                Begin(Kind.TaskEnded, m.Task);
                break;
            case SensorRecord.Marked { Marker: Marker.EventMarked m }:
                Begin(Kind.EventMarked, m.Label);
                w.Write(m.Value ?? double.NaN);
                break;
            case SensorRecord.Marked { Marker: Marker.SessionEnded m }:
                Begin(Kind.SessionEnded, m.Session);
                break;
            default:
                throw new ArgumentException($"A recording has no form for {record}.", nameof(record));
        }
        return stream.ToArray();

        void Begin(Kind kind, Slug name)
        {
            w.Write((byte)kind);
            w.Write(record.At.UnixNanoseconds);
            WriteSlug(name);
        }

        void WriteSlug(Slug slug)
        {
            var text = slug.ToString();
            w.Write((byte)text.Length);
            w.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    /// <summary>Null when the payload is of a kind that this version does not know, or is not what its kind says.</summary>
    public static SensorRecord? Decode(ReadOnlyMemory<byte> payload)
    {
        var r = new Reader(payload);
        if (!r.U8(out var kind) || !r.I64(out var nanoseconds) || !r.Slug(out var name))
            return null;
        var at = new Timestamp(nanoseconds);
        return (Kind)kind switch
        {
            Kind.Described => new SensorRecord.Described(at, name, r.Rest),
            Kind.Frame => new SensorRecord.Frame(at, name, r.Rest),
            Kind.TimeExchanged when r.I64(out var requested) && r.U32(out var boot) && r.U64(out var received) && r.U64(out var sent) =>
                new SensorRecord.TimeExchanged(at, name, new Timestamp(requested), new DeviceTime(boot, received), sent),
            Kind.Link when r.U8(out var state) => new SensorRecord.Link(at, name, (LinkState)state, Encoding.UTF8.GetString(r.Rest.Span)),
            Kind.GivenUp when r.U8(out var stream) && r.U32(out var boot) && r.U32(out var sequence) && r.U32(out var count) =>
                new SensorRecord.GivenUp(at, name, stream, boot, sequence, count),
            Kind.SessionBegan when r.Slug(out var subject) && r.I64(out var mass) =>
                new SensorRecord.Marked(at, new Marker.SessionBegan(name, subject, Number(mass))),
            Kind.StandCalibration when r.I64(out var ticks) => new SensorRecord.Marked(at, new Marker.StandCalibration(TimeSpan.FromTicks(ticks))),
            Kind.BendCalibration when r.I64(out var ticks) => new SensorRecord.Marked(at, new Marker.BendCalibration(TimeSpan.FromTicks(ticks))),
            Kind.SitCalibration when r.I64(out var ticks) => new SensorRecord.Marked(at, new Marker.SitCalibration(TimeSpan.FromTicks(ticks))),
            Kind.CalibrationGiven => Calibration(r.Rest.Span) is { } calibration ? new SensorRecord.Marked(at, new Marker.CalibrationGiven(calibration)) : null,
            Kind.RadiusCalibrated when r.I64(out var radius) && r.I64(out var uncertainty) =>
                new SensorRecord.Marked(at, new Marker.RadiusCalibrated(name, BitConverter.Int64BitsToDouble(radius), BitConverter.Int64BitsToDouble(uncertainty))),
            Kind.StepBegan when r.U8(out var run) && r.U8(out var step) && r.U8(out var leg) =>
                new SensorRecord.Marked(at, new Marker.StepBegan((ProtocolRun)run, (ProtocolStep)step, (Side)leg)),
            Kind.PlanChosen => Plan(r.Rest.Span) is { } plan ? new SensorRecord.Marked(at, new Marker.PlanChosen(plan)) : null,
            Kind.Snoozed when r.I64(out var ticks) => new SensorRecord.Marked(at, new Marker.Snoozed(TimeSpan.FromTicks(ticks))),
            Kind.RemindersSet when r.U8(out var mode) => new SensorRecord.Marked(at, new Marker.RemindersSet((ReminderMode)mode)),
            Kind.SyncCheck when r.I64(out var ticks) => new SensorRecord.Marked(at, new Marker.SyncCheck(TimeSpan.FromTicks(ticks))),
            Kind.ClipAttached => new SensorRecord.Marked(at, new Marker.ClipAttached(name)),
            Kind.PainReported when r.I64(out var level) && r.U8(out var character) =>
                new SensorRecord.Marked(at, new Marker.PainReported(BitConverter.Int64BitsToDouble(level), (PainCharacter)character)),
            Kind.MuscleChosen when r.U8(out var muscle) && r.U8(out var side) => new SensorRecord.Marked(at, new Marker.MuscleChosen((Muscle)muscle, (Side)side)),
            Kind.Said when r.U8(out var level) && r.Text(out var from) =>
                new SensorRecord.Marked(at, new Marker.Said(name, Encoding.UTF8.GetString(r.Rest.Span), (CueLevel)level, from)),
            Kind.StudyJoined when r.Slug(out var participant) && r.Slug(out var visit) && r.Slug(out var arm) =>
                new SensorRecord.Marked(at, new Marker.StudyJoined(name, Encoding.UTF8.GetString(r.Rest.Span), participant, visit, arm)),
            Kind.TaskBegan when r.U32(out var run) => new SensorRecord.Marked(at, new Marker.TaskBegan(name, unchecked((int)run))),
            Kind.TaskEnded => new SensorRecord.Marked(at, new Marker.TaskEnded(name)),
            Kind.EventMarked when r.I64(out var value) =>
                new SensorRecord.Marked(at, new Marker.EventMarked(name, Number(value))),
            Kind.SessionEnded => new SensorRecord.Marked(at, new Marker.SessionEnded(name)),
            _ => null,
        };
    }

    /// <summary>Null for NaN.</summary>
    private static double? Number(long bits) => BitConverter.Int64BitsToDouble(bits) is var number && double.IsNaN(number) ? null : number;

    private static PostureCalibration? Calibration(ReadOnlySpan<byte> json)
    {
        try
        {
            return PostureCalibrationJson.Read(Encoding.UTF8.GetString(json));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static RollingPlan? Plan(ReadOnlySpan<byte> json)
    {
        try
        {
            return PlanFile.Parse(Encoding.UTF8.GetString(json), "plan");
        }
        catch (UserException)
        {
            return null;
        }
    }

    private enum Kind : byte
    {
        Described = 1,
        Frame = 2,
        TimeExchanged = 3,
        Link = 4,
        GivenUp = 5,
        SessionBegan = 16,
        StandCalibration = 17,
        MuscleChosen = 18,
        SessionEnded = 19,
        BendCalibration = 20,
        ClipAttached = 21,
        PainReported = 22,
        SitCalibration = 23,
        CalibrationGiven = 24,
        RadiusCalibrated = 25,
        StepBegan = 26,
        PlanChosen = 27,
        Snoozed = 28,
        SyncCheck = 29,
        Said = 30,
        RemindersSet = 31,
        StudyJoined = 32,
        TaskBegan = 33,
        TaskEnded = 34,
        EventMarked = 35,
    }

    /// <summary>Reads on from field to field; false when the bytes end before.</summary>
    private struct Reader(ReadOnlyMemory<byte> bytes)
    {
        public ReadOnlyMemory<byte> Rest { get; private set; } = bytes;

        public bool U8(out byte value)
        {
            var there = Take(1, out var field);
            value = there ? field[0] : default;
            return there;
        }

        public bool U32(out uint value)
        {
            var there = Take(4, out var field);
            value = there ? BinaryPrimitives.ReadUInt32LittleEndian(field) : default;
            return there;
        }

        public bool U64(out ulong value)
        {
            var there = Take(8, out var field);
            value = there ? BinaryPrimitives.ReadUInt64LittleEndian(field) : default;
            return there;
        }

        public bool I64(out long value)
        {
            var there = U64(out var bits);
            value = unchecked((long)bits);
            return there;
        }

        public bool Slug(out Slug value)
        {
            value = default;
            return U8(out var length) && Take(length, out var text) &&
                (length == 0 || Core.Slug.TryParse(Encoding.ASCII.GetString(text), out value));
        }

        /// <summary>UTF-8, with its length in bytes before it.</summary>
        public bool Text(out string value)
        {
            value = "";
            if (!U8(out var length) || !Take(length, out var text))
                return false;
            value = Encoding.UTF8.GetString(text);
            return true;
        }

        private bool Take(int size, out ReadOnlySpan<byte> field)
        {
            var there = size <= Rest.Length;
            field = there ? Rest.Span[..size] : default;
            if (there)
                Rest = Rest[size..];
            return there;
        }
    }
}

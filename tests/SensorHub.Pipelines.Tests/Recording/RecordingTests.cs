using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Pipelines.Recording;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Recording;

public sealed class RecordingTests : IDisposable
{
    private static readonly Gen<Slug> Slugs = Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789"], 1, Slug.MaxLength].Select(Slug.Parse);
    private static readonly Gen<Timestamp> Times = Gen.Long.Select(n => new Timestamp(n));
    private static readonly Gen<ReadOnlyMemory<byte>> Bytes = Gen.Byte.Array[0, 512].Select(b => (ReadOnlyMemory<byte>)b);

    private static readonly Gen<SensorRecord> Records = Gen.OneOf(
        Gen.Select(Times, Slugs, Bytes, (at, sensor, bytes) => (SensorRecord)new SensorRecord.Frame(at, sensor, bytes)),
        Gen.Select(Times, Slugs, Bytes, (at, sensor, bytes) => (SensorRecord)new SensorRecord.Described(at, sensor, bytes)),
        Gen.Select(Times, Slugs, Times, Gen.UInt, Gen.ULong, Gen.ULong, (at, sensor, requested, boot, received, sent) =>
            (SensorRecord)new SensorRecord.TimeExchanged(at, sensor, requested, new DeviceTime(boot, received), sent)),
        Gen.Select(Times, Slugs, Gen.Enum<LinkState>(), Gen.String[Gen.Char["abcµ° 時"], 0, 80], (at, sensor, state, reason) => (SensorRecord)new SensorRecord.Link(at, sensor, state, reason)),
        Gen.Select(Times, Slugs, Slugs, Gen.Double.Nullable(), (at, session, subject, mass) =>
            (SensorRecord)new SensorRecord.Marked(at, new Marker.SessionBegan(session, subject, mass is { } kg && double.IsNaN(kg) ? null : mass))),
        Gen.Select(Times, Gen.Long, (at, ticks) => (SensorRecord)new SensorRecord.Marked(at, new Marker.StandCalibration(TimeSpan.FromTicks(ticks)))),
        Gen.Select(Times, Gen.Long, (at, ticks) => (SensorRecord)new SensorRecord.Marked(at, new Marker.BendCalibration(TimeSpan.FromTicks(ticks)))),
        Gen.Select(Times, Gen.Long, (at, ticks) => (SensorRecord)new SensorRecord.Marked(at, new Marker.SitCalibration(TimeSpan.FromTicks(ticks)))),
        Gen.Select(Gen.Long[0, 4_000_000_000_000_000_000].Select(n => new Timestamp(n)), Slugs, Slugs, Gen.Double[-80, 80], Gen.Double[0, 5], (at, sensor, attachment, standing, u) =>
            (SensorRecord)new SensorRecord.Marked(at, new Marker.CalibrationGiven(new PostureCalibration
            {
                Time = at, Sensor = sensor, Attachment = attachment, Method = CalibrationMethod.Stand,
                Lower = new ElementCalibration
                {
                    Alignment = Rotation.FromRotationVector(new Vector3D(standing, u, 0.1)), Mounting = Mounting.Nominal, Up = Vector3D.UnitX, Standing = new Measured(standing, u), Sway = u,
                },
            }))),
        Gen.Select(Times, Slugs, Gen.Double, Gen.Double, (at, sensor, radius, u) => (SensorRecord)new SensorRecord.Marked(at, new Marker.RadiusCalibrated(sensor, radius, u))),
        Gen.Select(Times, Gen.Enum<ProtocolRun>(), Gen.Enum<ProtocolStep>(), Gen.Enum<Side>(), (at, run, step, side) =>
            (SensorRecord)new SensorRecord.Marked(at, new Marker.StepBegan(run, step, side))),
        Gen.Select(Times, Slugs, Gen.Int[1, 3], Gen.Int[30, 120], (at, id, sets, seconds) => (SensorRecord)new SensorRecord.Marked(at, new Marker.PlanChosen(new RollingPlan
        {
            Id = id, Name = "Evening", Items = [PlanItem.Default(Muscle.Hamstrings, Side.Left) with { Sets = sets, SetDuration = TimeSpan.FromSeconds(seconds) }],
        }))),
        Gen.Select(Times, Gen.Long, (at, ticks) => (SensorRecord)new SensorRecord.Marked(at, new Marker.Snoozed(TimeSpan.FromTicks(ticks)))),
        Gen.Select(Times, Gen.Enum<ReminderMode>(), (at, mode) => (SensorRecord)new SensorRecord.Marked(at, new Marker.RemindersSet(mode))),
        Gen.Select(Times, Gen.Long, (at, ticks) => (SensorRecord)new SensorRecord.Marked(at, new Marker.SyncCheck(TimeSpan.FromTicks(ticks)))),
        Gen.Select(Times, Slugs, (at, attachment) => (SensorRecord)new SensorRecord.Marked(at, new Marker.ClipAttached(attachment))),
        Gen.Select(Times, Gen.Double, Gen.Enum<PainCharacter>(), (at, level, character) => (SensorRecord)new SensorRecord.Marked(at, new Marker.PainReported(level, character))),
        Gen.Select(Times, Gen.Enum<Muscle>(), Gen.Enum<Side>(), (at, muscle, side) => (SensorRecord)new SensorRecord.Marked(at, new Marker.MuscleChosen(muscle, side))),
        Gen.Select(Times, Slugs, Gen.Enum<CueLevel>(), Gen.String[Gen.Char.AlphaNumeric, 0, 60], Gen.String[Gen.Char.AlphaNumeric, 0, 200], (at, subject, level, from, text) =>
            (SensorRecord)new SensorRecord.Marked(at, new Marker.Said(subject, text + "é😀", level, from + "ü"))),
        Gen.Select(Times, Slugs, Slugs, Slugs, Gen.String[Gen.Char["0123.-ab"], 1, 20], (at, study, participant, visit, protocol) =>
            (SensorRecord)new SensorRecord.Marked(at, new Marker.StudyJoined(study, protocol, participant, visit, default))),
        Gen.Select(Times, Slugs, Gen.Int[1, Marker.TaskBegan.MaxRun], (at, task, run) => (SensorRecord)new SensorRecord.Marked(at, new Marker.TaskBegan(task, run))),
        Gen.Select(Times, Slugs, (at, task) => (SensorRecord)new SensorRecord.Marked(at, new Marker.TaskEnded(task))),
        Gen.Select(Times, Slugs, Gen.Double.Nullable(), (at, label, value) =>
            (SensorRecord)new SensorRecord.Marked(at, new Marker.EventMarked(label, value is { } number && double.IsNaN(number) ? null : value))),
        Gen.Select(Times, Slugs, (at, session) => (SensorRecord)new SensorRecord.Marked(at, new Marker.SessionEnded(session))));

    private readonly string _folder = Directory.CreateTempSubdirectory("recording-").FullName;
    private readonly List<string> _reports = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_check_value_of_CRC_32C_is_right() => Assert.Equal(0xe3069283, Segment.Crc32C("123456789"u8));

    [Fact]
    public void Every_record_comes_back_as_it_was()
    {
        Records.Sample(record =>
        {
            var back = RecordCodec.Decode(RecordCodec.Encode(record));
            Assert.Equal(Text(record), Text(back!));
        }, iter: 2000);
    }

    [Fact]
    public void A_recording_is_read_as_it_was_written()
    {
        var records = EventfulSession();
        Write(records);
        Assert.Equal(records.Select(Text), Read().Select(Text));
        Assert.Empty(_reports);
    }

    [Fact]
    public void Segments_follow_each_other()
    {
        var records = EventfulSession();
        Write(records, new RecordingOptions { SegmentSize = 10_000 });
        Assert.InRange(Segment.Find(_folder).Length, 8, 40);
        Assert.All(Segment.Find(_folder), file => Assert.InRange(new FileInfo(file).Length, Segment.HeaderSize + 1, 10_000));
        Assert.Equal(records.Select(Text), Read().Select(Text));
    }

    [Fact]
    public void Records_can_be_read_while_the_writer_has_the_file_and_before_any_flush()
    {
        using var writer = Writer();
        writer.Append(Began(0));
        Assert.Single(Read());
        writer.Append(Ended(1));
        Assert.Equal(2, Read().Count);
    }

    [Fact]
    public void Cut_anywhere_everything_whole_before_the_cut_is_read()
    {
        Write(EventfulSession().Take(30));
        var whole = File.ReadAllBytes(Segment.Find(_folder)[0]);
        var ends = Segment.Scan(new FileWindow(whole)).Select(p => p.Offset + p.Length).ToArray();
        var file = Path.Combine(_folder, "cut.shr");
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(file, whole[..cut]);
            var damage = new List<RecordingDamage>();
            Assert.Equal(ends.Count(e => e <= cut), RecordingReader.Read(file, damage.Add).Count());
            Assert.Equal(cut is 0 or Segment.HeaderSize || ends.Contains(cut), damage.Count == 0);
            Assert.All(damage, d => Assert.Equal(DamageKind.TornEnd, d.Kind));
        }
    }

    [Fact]
    public void Cut_anywhere_a_writer_goes_on_behind_the_last_whole_record()
    {
        Write(EventfulSession().Take(30));
        var file = Segment.Find(_folder)[0];
        var whole = File.ReadAllBytes(file);
        var ends = Segment.Scan(new FileWindow(whole)).Select(p => p.Offset + p.Length).ToArray();
        for (var cut = 0; cut <= whole.Length; cut += 31)
        {
            File.WriteAllBytes(file, whole[..cut]);
            Write([Ended(99)]);
            var damage = new List<RecordingDamage>();
            var records = RecordingReader.Read(_folder, damage.Add).ToList();
            Assert.Empty(damage);
            Assert.Equal(ends.Count(e => e <= cut) + 1, records.Count);
            Assert.Equal(Ended(99), records[^1]);
        }
        Assert.Contains("was cut off at offset", _reports[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Corrupt_bytes_cost_the_records_they_are_in_and_are_told_by_file_offset_and_length()
    {
        var records = EventfulSession();
        Write(records);
        var file = Segment.Find(_folder)[0];
        var bytes = File.ReadAllBytes(file);
        var parts = Segment.Scan(new FileWindow(bytes)).ToArray();
        bytes[parts[20].Offset + 3] ^= 0x10; // its length
        bytes[parts[40].Offset + parts[40].Length - 1] ^= 0x80; // its last byte
        File.WriteAllBytes(file, bytes);

        var damage = new List<RecordingDamage>();
        var read = RecordingReader.Read(_folder, damage.Add).Select(Text).ToList();
        Assert.Equal(records.Where((_, i) => i is not (20 or 40)).Select(Text), read);
        Assert.Equal([(parts[20].Offset, parts[20].Length), (parts[40].Offset, parts[40].Length)], damage.Select(d => (d.Offset, d.Length)));
        Assert.Contains(FormattableString.Invariant($"{parts[20].Length} bytes from offset {parts[20].Offset} are skipped"), damage[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_bytes_are_changed_reading_never_throws_and_the_other_records_come()
    {
        var records = EventfulSession().Take(100).ToList();
        Write(records);
        var file = Segment.Find(_folder)[0];
        var whole = File.ReadAllBytes(file);
        var parts = Segment.Scan(new FileWindow(whole)).ToArray();
        Gen.Select(Gen.Int[Segment.HeaderSize, whole.Length - 1], Gen.Byte.Array[1, 40]).Sample((from, garbage) =>
        {
            var bytes = whole.ToArray();
            garbage.AsSpan(0, Math.Min(garbage.Length, bytes.Length - from)).CopyTo(bytes.AsSpan(from));
            var hit = parts.Where(p => !bytes.AsSpan((int)p.Offset, (int)p.Length).SequenceEqual(whole.AsSpan((int)p.Offset, (int)p.Length))).Select(p => p.Offset).ToHashSet();
            var read = Segment.Scan(new FileWindow(bytes)).Where(p => p.Payload is not null).Select(p => p.Offset).ToList();
            Assert.Equal(parts.Select(p => p.Offset).Where(o => !hit.Contains(o)), read);
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void A_file_is_read_a_part_at_a_time_as_if_it_were_whole_in_memory()
    {
        var file = Path.Combine(_folder, "long.shr");
        Directory.CreateDirectory(_folder);
        var sizes = Gen.OneOf(Gen.Int[0, 400], Gen.Const(Segment.MaxPayload), Gen.Int[60_000, Segment.MaxPayload]).Array[1, 12];
        Gen.Select(sizes, Gen.Int[0, int.MaxValue].Array[0, 4], Gen.Byte).Sample((payloads, places, fill) =>
        {
            byte[] bytes = [.. Segment.Header(), .. payloads.SelectMany(size => Segment.Frame([.. Enumerable.Repeat(fill, size)]))];
            foreach (var place in places)
                bytes[place % bytes.Length] ^= 0x40;
            File.WriteAllBytes(file, bytes);
            using var handle = File.OpenHandle(file);
            Assert.Equal(Parts(new FileWindow(bytes)), Parts(new FileWindow(handle)));
        }, iter: 300, threads: 1);

        static List<(long, long, string?)> Parts(FileWindow window) =>
            [.. Segment.Scan(window).Select(p => (p.Offset, p.Length, p.Payload is { } payload ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(payload.Span)) : null))];
    }

    [Fact]
    public void A_record_of_a_newer_kind_is_skipped_and_told()
    {
        Write([Began(0)]);
        var file = Segment.Find(_folder)[0];
        File.WriteAllBytes(file, [.. File.ReadAllBytes(file), .. Segment.Frame([200, 0, 0, 0, 0, 0, 0, 0, 0, 0])]);
        var damage = new List<RecordingDamage>();
        Assert.Single(RecordingReader.Read(_folder, damage.Add));
        Assert.Equal(DamageKind.Unknown, Assert.Single(damage).Kind);
    }

    [Fact]
    public void What_is_no_recording_is_refused_in_one_line()
    {
        var text = Path.Combine(_folder, "letter.txt");
        File.WriteAllText(text, "Dear reader, this is not a recording.");
        Assert.Contains("not a recording", Assert.Throws<UserException>(() => RecordingReader.Read(text).ToList()).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<UserException>(() => RecordingReader.Read(Path.Combine(_folder, "absent"))).Message, StringComparison.Ordinal);
        Assert.Contains("no recording", Assert.Throws<UserException>(() => RecordingReader.Read(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_major_version_is_refused()
    {
        Write([Began(0)]);
        var file = Segment.Find(_folder)[0];
        var bytes = File.ReadAllBytes(file);
        bytes[8] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(12), Segment.Crc32C(bytes.AsSpan(0, 12)));
        File.WriteAllBytes(file, bytes);
        Assert.Contains("version 2.0", Assert.Throws<UserException>(() => RecordingReader.Read(file).ToList()).Message, StringComparison.Ordinal);
        Assert.Contains("version 2.0", Assert.Throws<UserException>(() => Writer()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_disk_is_full_records_wait_and_are_written_in_order_when_there_is_room()
    {
        var room = 2_000L;
        using (var writer = OnDiskOf(() => room))
        {
            for (uint s = 0; s < 400; s += 10)
                writer.Append(ImuFrame(Clip, LowerImu, s));
            Assert.Contains("No space left on device", Assert.Single(_reports), StringComparison.Ordinal);
            Assert.InRange(Read().Count, 10, 15);
            room = long.MaxValue;
            writer.Append(Ended(5));
        }
        Assert.Equal($"{_folder}: recording goes on; nothing is missing.", _reports[1]);
        Assert.Equal([.. Enumerable.Range(0, 40).Select(i => Text(ImuFrame(Clip, LowerImu, (uint)(10 * i)))), Text(Ended(5))], Read().Select(Text));
    }

    [Fact]
    public void What_a_full_disk_leaves_in_memory_is_bounded_and_what_is_missing_is_counted()
    {
        var room = 2_000L;
        using (var writer = OnDiskOf(() => room, new RecordingOptions { HeldSize = 1_000 }))
        {
            for (uint s = 0; s < 400; s += 10)
                writer.Append(ImuFrame(Clip, LowerImu, s));
            room = long.MaxValue;
            writer.Append(Ended(5));
            writer.Append(Ended(6));
        }
        var read = Read();
        Assert.Equal(Ended(6), read[^1]);
        Assert.InRange(read.Count, 12, 30);
        Assert.Equal(FormattableString.Invariant($"{_folder}: recording goes on; {42 - read.Count} records are missing."), _reports[1]);
    }

    [Fact]
    public void What_a_full_disk_has_not_taken_by_the_end_is_told()
    {
        using (var writer = OnDiskOf(() => 2_000))
            for (uint s = 0; s < 400; s += 10)
                writer.Append(ImuFrame(Clip, LowerImu, s));
        Assert.Equal(FormattableString.Invariant($"{_folder}: {40 - Read().Count} records could not be written and are missing."), _reports[^1]);
    }

    [Fact]
    public void A_record_is_on_the_disk_a_second_later_and_all_are_at_the_end()
    {
        var time = new FakeTimeProvider();
        var flushed = 0;
        using (var writer = new RecordingWriter(_folder, _reports.Add, time: time) { FlushToDisk = _ => flushed++ })
        {
            for (var second = 1; second <= 3; second++)
            {
                writer.Append(Link(second, Clip, LinkState.Streaming));
                writer.Append(Link(second, Clip, LinkState.Lost));
                time.Advance(TimeSpan.FromSeconds(1));
                Assert.Equal(second, flushed);
            }
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(3, flushed); // nothing new
            writer.Append(Ended(4));
        }
        Assert.Equal(4, flushed);
    }

    [Fact]
    public void A_disk_that_does_not_take_what_it_was_given_is_told()
    {
        using (var writer = new RecordingWriter(_folder, _reports.Add) { FlushToDisk = _ => throw new IOException("Input/output error") })
            writer.Append(Ended(4));
        Assert.Contains("did not take the recording: Input/output error", Assert.Single(_reports), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_in_one_line()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Contains("recordings cannot be written here", Assert.Throws<UserException>(() => new RecordingWriter(Path.Combine(file, "x"), _reports.Add)).Message, StringComparison.Ordinal);
    }

    /// <summary>A writer on a disk with so many bytes; one that is full may still take a part.</summary>
    private RecordingWriter OnDiskOf(Func<long> room, RecordingOptions? options = null) => new(_folder, _reports.Add, options)
    {
        WriteAt = (file, bytes, offset) =>
        {
            var fits = (int)Math.Min(bytes.Length, Math.Max(0, room() - offset));
            RandomAccess.Write(file, bytes.Span[..fits], offset);
            if (fits < bytes.Length)
                throw new IOException("No space left on device");
        },
    };

    private RecordingWriter Writer(RecordingOptions? options = null) => new(_folder, _reports.Add, options);

    private void Write(IEnumerable<SensorRecord> records, RecordingOptions? options = null)
    {
        using var writer = Writer(options);
        foreach (var record in records)
            writer.Append(record);
    }

    private List<SensorRecord> Read() => [.. RecordingReader.Read(_folder, d => Assert.Fail(d.ToString()))];

    /// <summary>The record with its bytes; two of the same text are the same.</summary>
    private static string Text(SensorRecord record) => record switch
    {
        SensorRecord.Frame f => $"{f.At.UnixNanoseconds} frame {f.Sensor} {Convert.ToHexString(f.Bytes.Span)}",
        SensorRecord.Described d => $"{d.At.UnixNanoseconds} described {d.Sensor} {Convert.ToHexString(d.Bytes.Span)}",
        SensorRecord.Marked { Marker: Marker.SessionBegan { BodyMassKg: { } kg } } m => $"{m} {BitConverter.DoubleToInt64Bits(kg)}",
        SensorRecord.Marked { Marker: Marker.PlanChosen chosen } => $"{record.At.UnixNanoseconds} {PlanFile.Write(chosen.Plan)}",
        _ => $"{record.At.UnixNanoseconds} {record}",
    };
}

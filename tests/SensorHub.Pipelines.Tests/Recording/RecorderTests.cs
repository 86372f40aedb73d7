using System.Reactive.Linq;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Stamping;
using static SensorHub.Pipelines.Tests.HandMade;

namespace SensorHub.Pipelines.Tests.Recording;

public sealed class RecorderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("recorder-").FullName;
    private readonly List<string> _reports = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_session_is_recorded_from_its_beginning_to_its_end_behind_what_is_known_of_its_sensors()
    {
        using var recorder = new Recorder(_root, _reports.Add);
        foreach (var record in EventfulSession())
            recorder.OnNext(record);
        var recorded = RecordingReader.Read(recorder.Folder!).ToList();
        Assert.Equal(Path.Combine(_root, "evening"), recorder.Folder);
        Assert.Equal(4, recorded.TakeWhile(r => r.At <= At(0)).Count()); // descriptions and links
        Assert.IsType<SensorRecord.TimeExchanged>(recorded[4]);
        Assert.Equal(Began(0.5), recorded[6]);
        Assert.Equal(Ended(11.6), recorded[^1]);
        Assert.Empty(_reports);
    }

    [Fact]
    public void That_the_clip_was_put_on_how_to_remind_and_a_radius_by_tape_outlast_the_session_they_were_said_in()
    {
        var (attached, radius) = (Marked(1, new Marker.ClipAttached(Slug.Parse("a-1"))), Marked(2, new Marker.RadiusCalibrated(Roller, 0.071, 0.0005)));
        var reminders = Marked(2.5, new Marker.RemindersSet(ReminderMode.Training));
        SensorRecord[] records = [Began(0), attached, radius, reminders, Ended(3), Began(4), Described(5, Clip, ClipDescriptor), Ended(6)];
        using var recorder = new Recorder(_root, _reports.Add);
        foreach (var record in records)
            recorder.OnNext(record);
        Assert.Equal([attached, radius, reminders], RecordingReader.Read(recorder.Folder!).TakeWhile(r => r.At < At(4)));

        var stamper = new Stamper();
        var known = records.SelectMany(stamper.Update).OfType<Stamped.Known>().Single();
        Assert.Equal([.. new[] { attached, radius, reminders, Began(4) }.Cast<SensorRecord.Marked>().Select(m => m.Marker)], known.Marks.Select(m => m.Marker));
    }

    [Fact]
    public void A_second_session_of_the_same_name_has_a_folder_of_its_own()
    {
        using var recorder = new Recorder(_root, _reports.Add);
        SensorRecord[] records = [Began(0), Ended(1), Began(2), Ended(3)];
        foreach (var record in records)
            recorder.OnNext(record);
        Assert.Equal(["evening", "evening.2"], Directory.GetDirectories(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_reported_and_the_session_goes_on()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        using var recorder = new Recorder(Path.Combine(file, "recordings"), _reports.Add);
        recorder.OnNext(Began(0));
        recorder.OnNext(ImuFrame(Clip, LowerImu, 0));
        Assert.Contains("recordings cannot be written here", Assert.Single(_reports), StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_whose_folder_could_not_be_made_when_it_began_is_recorded_whole_once_it_can()
    {
        var file = Path.Combine(_root, "recordings");
        File.WriteAllText(file, "");
        using var recorder = new Recorder(file, _reports.Add);
        var session = EventfulSession().ToList();
        foreach (var (i, record) in session.Index())
        {
            if (i == session.Count / 2)
                File.Delete(file);
            recorder.OnNext(record);
        }
        Assert.Equal($"{recorder.Folder}: recording goes on; nothing is missing.", _reports[1]);
        Assert.Equal(2, _reports.Count);

        var whole = Path.Combine(_root, "whole");
        using (var other = new Recorder(whole, _reports.Add))
            session.ForEach(other.OnNext);
        Assert.Equal(Directory.GetFiles(Path.Combine(whole, "evening")).Select(File.ReadAllBytes), Directory.GetFiles(recorder.Folder!).Select(File.ReadAllBytes));
    }

    [Fact]
    public void A_session_that_did_not_end_leaves_a_cut_recording_and_closing_gives_it_its_end()
    {
        var session = EventfulSession().ToList();
        using (var recorder = new Recorder(_root, _reports.Add))
            foreach (var record in session.TakeWhile(r => r is not SensorRecord.Marked { Marker: Marker.SessionEnded }))
                recorder.OnNext(record);
        var folder = Assert.Single(CutRecordings.Find(_root));
        using (var file = File.Open(Directory.GetFiles(folder, "*.shr").Single(), FileMode.Append))
            file.Write([0xa7, 0x53, 40]); // as a crash leaves it

        var damage = new List<RecordingDamage>();
        var read = CutRecordings.ReadToEnd(folder, damage.Add).ToList();
        Assert.Equal(DamageKind.TornEnd, Assert.Single(damage).Kind);
        Assert.Equal(new Marker.SessionEnded(Slug.Parse("evening")), Assert.IsType<SensorRecord.Marked>(read[^1]).Marker);
        Assert.Equal(read[^2].At, read[^1].At);

        CutRecordings.Close(folder, _reports.Add);
        Assert.Empty(CutRecordings.Find(_root));
        Assert.Equal(read.Count, RecordingReader.Read(folder, d => Assert.Fail(d.ToString())).Count());
        Assert.Equal(read[^1], RecordingReader.Read(folder).Last());
    }

    [Fact]
    public void A_session_that_ended_is_no_cut_recording_and_neither_is_a_folder_without_records()
    {
        using var recorder = new Recorder(_root, _reports.Add);
        recorder.OnNext(Began(0));
        recorder.OnNext(Ended(1));
        var empty = Directory.CreateDirectory(Path.Combine(_root, "empty"));
        File.WriteAllText(Path.Combine(empty.FullName, "open"), "");
        Assert.Empty(CutRecordings.Find(_root));
    }

    [Fact]
    public void A_recording_that_ended_just_before_the_crash_is_closed_without_a_second_end()
    {
        using (var recorder = new Recorder(_root, _reports.Add))
            foreach (var record in new SensorRecord[] { Began(0), Ended(1) })
                recorder.OnNext(record);
        var folder = Path.Combine(_root, "evening");
        File.WriteAllText(Path.Combine(folder, "open"), "");
        CutRecordings.Close(Assert.Single(CutRecordings.Find(_root)), _reports.Add);
        Assert.Equal([Began(0), Ended(1)], RecordingReader.Read(folder));
        Assert.Empty(CutRecordings.Find(_root));
    }
}

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
    public void That_the_clip_was_put_on_and_a_radius_by_tape_outlast_the_session_they_were_said_in()
    {
        var (attached, radius) = (Marked(1, new Marker.ClipAttached(Slug.Parse("a-1"))), Marked(2, new Marker.RadiusCalibrated(Roller, 0.071, 0.0005)));
        SensorRecord[] records = [Began(0), attached, radius, Ended(3), Began(4), Described(5, Clip, ClipDescriptor), Ended(6)];
        using var recorder = new Recorder(_root, _reports.Add);
        foreach (var record in records)
            recorder.OnNext(record);
        Assert.Equal([attached, radius], RecordingReader.Read(recorder.Folder!).TakeWhile(r => r.At < At(4)));

        var stamper = new Stamper();
        var known = records.SelectMany(stamper.Update).OfType<Stamped.Known>().Single();
        Assert.Equal([.. new[] { attached, radius, Began(4) }.Cast<SensorRecord.Marked>().Select(m => m.Marker)], known.Marks.Select(m => m.Marker));
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
}

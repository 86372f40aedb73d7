using System.Reactive.Linq;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
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

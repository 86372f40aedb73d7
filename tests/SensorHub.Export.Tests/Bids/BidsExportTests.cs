using System.Globalization;
using System.Text.Json;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Export.Bids;
using SensorHub.Export.Studies;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;

namespace SensorHub.Export.Tests.Bids;

public sealed class BidsExportTests(SimulatedStudy study)
{
    [Fact]
    public async Task A_simulated_study_passes_the_common_validator_and_our_checks()
    {
        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, study.Entries);

        Assert.Empty(BidsChecks.Check(folder));
        Assert.Equal(2 * study.Entries.Count, Directory.GetFiles(folder, "*_motion.tsv", SearchOption.AllDirectories).Length);
        Assert.Equal(["participant_id\tage\tsex", "sub-p1\t31\tF", "sub-p2\t32\tM", "sub-p3\t33\tF"], File.ReadAllLines(Path.Combine(folder, "participants.tsv")));
        await Validator.PassesAsync(folder);
    }

    [Fact]
    public async Task A_replayed_recording_of_real_sensors_passes_the_common_validator_and_our_checks()
    {
        var csv = Require.Recording("lumbar/fullbody_hip_lowerback_upperback.csv.gz");
        var recordings = study.NewFolder();
        var session = CsvSession.Open(csv, new CsvSessionOptions { Lower = "hip", Upper = "lower_back", Stand = (0, 4), Session = Slug.Parse("walk") });
        using (var recorder = new Recorder(recordings, line => Assert.Fail(line)))
        {
            session.Run(recorder.OnNext, TestContext.Current.CancellationToken);
            recorder.OnCompleted();
        }

        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, [new StudyEntry(Path.Combine(recordings, "walk"), "r1", null, "standing, sitting, walking")]);

        Assert.Empty(BidsChecks.Check(folder));
        var motion = Assert.Single(Directory.GetFiles(folder, "*_motion.tsv", SearchOption.AllDirectories));
        Assert.EndsWith("sub-r1/motion/sub-r1_task-standingsittingwalking_tracksys-clip_motion.tsv", motion.Replace('\\', '/'), StringComparison.Ordinal);
        Assert.InRange(File.ReadLines(motion).Count(), 9800, 10_200); // 100 s at 100 Hz
        await Validator.PassesAsync(folder);
    }

    [Fact]
    public async Task Every_sample_that_was_recorded_is_in_its_column_in_order_and_unchanged_also_what_came_late()
    {
        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, [study.Lossy]);
        foreach (var kind in new[] { SensorKind.Clip, SensorKind.Roller })
        {
            var (sensor, descriptor) = SentSamples.Find(study.Lossy.Recording, kind);
            var sent = SentSamples.Of(study.Lossy.Recording);
            var stem = Directory.GetFiles(folder, $"*_tracksys-{EnumNames.Of(kind)}_motion.tsv", SearchOption.AllDirectories).Single()[..^"_motion.tsv".Length];
            var names = File.ReadLines(stem + "_channels.tsv").Skip(1).Select(line => line.Split('\t')[0]).ToList();
            var rows = File.ReadLines(stem + "_motion.tsv").Select(line => line.Split('\t')).ToArray();
            foreach (var stream in descriptor.Streams.Where(s => s.Kind == StreamKind.Imu))
            {
                var place = EnumNames.Of(descriptor.Elements.Single(e => e.Id == stream.Element).Role);
                for (byte axis = 0; axis < 3; axis++)
                {
                    var channel = stream.FindChannel(Quantity.AngularRate, axis);
                    var expected = sent[(sensor, stream.Id)].Values.Select(v => (float)stream.Channels[channel].ToPhysical(v[channel]));
                    var column = names.IndexOf($"{place}_gyro_{"xyz"[axis]}");
                    Assert.Equal(expected, rows.Where(r => r[column] != "n/a").Select(r => float.Parse(r[column], CultureInfo.InvariantCulture)));
                }
            }
        }
    }

    [Fact]
    public async Task Samples_that_are_missing_have_no_row_and_are_an_event_of_their_length()
    {
        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, [study.Lossy]);
        var events = File.ReadLines(Directory.GetFiles(folder, "*_tracksys-clip_events.tsv", SearchOption.AllDirectories).Single()).Select(l => l.Split('\t')).ToArray();
        var gaps = events.Where(e => e[2] == "gap").ToArray();
        Assert.Equal(["1", "2"], gaps.Select(g => g[7]).Distinct().Order());
        var latencies = File.ReadLines(Directory.GetFiles(folder, "*_tracksys-clip_motion.tsv", SearchOption.AllDirectories).Single())
            .Select(l => double.Parse(l.Split('\t')[0], CultureInfo.InvariantCulture)).ToArray();

        Assert.All(gaps, gap =>
        {
            var (onset, duration, lost) = (double.Parse(gap[0], CultureInfo.InvariantCulture), double.Parse(gap[1], CultureInfo.InvariantCulture), int.Parse(gap[3], CultureInfo.InvariantCulture));
            Assert.Equal(lost * 0.01, duration, 0.005);
            Assert.True(onset > 0);
        });
        Assert.Contains(latencies.Zip(latencies.Skip(1)), pair => pair.Second - pair.First > 0.2);
        Assert.All(latencies.Zip(latencies.Skip(1)), pair => Assert.True(pair.Second > pair.First));
    }

    [Fact]
    public async Task Recordings_are_put_side_by_side_by_acquisition_times_with_fractions()
    {
        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, [study.Entries[0]]);
        var scans = File.ReadLines(Directory.GetFiles(folder, "*_scans.tsv", SearchOption.AllDirectories).Single()).Skip(1).Select(l => l.Split('\t')).ToArray();
        Assert.Equal(2, scans.Length);
        var began = DateTimeOffset.Parse("2026-03-02T09:01:00.123Z", CultureInfo.InvariantCulture);
        Assert.All(scans, scan =>
        {
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", scan[1]);
            Assert.InRange((DateTimeOffset.Parse(scan[1], CultureInfo.InvariantCulture) - began).TotalSeconds, 0, 5);
        });
    }

    [Fact]
    public async Task The_sidecar_counts_what_is_there_and_says_both_rates()
    {
        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, [study.Entries[0]]);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Directory.GetFiles(folder, "*_tracksys-clip_motion.json", SearchOption.AllDirectories).Single()));
        var sidecar = json.RootElement;
        Assert.Equal(
            ("rolling hamstrings", 100, 13, 6, 6, 1, 2, "n/a"),
            (sidecar.GetProperty("TaskName").GetString(), sidecar.GetProperty("SamplingFrequency").GetDouble(), sidecar.GetProperty("MotionChannelCount").GetInt32(),
                sidecar.GetProperty("ACCELChannelCount").GetInt32(), sidecar.GetProperty("GYROChannelCount").GetInt32(), sidecar.GetProperty("LATENCYChannelCount").GetInt32(),
                sidecar.GetProperty("TrackedPointsCount").GetInt32(), sidecar.GetProperty("MissingValues").GetString()));
        Assert.InRange(sidecar.GetProperty("SamplingFrequencyEffective").GetDouble(), 99, 100.1);
        Assert.StartsWith("SIM", sidecar.GetProperty("DeviceSerialNumber").GetString(), StringComparison.Ordinal);
    }
}

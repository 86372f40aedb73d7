using System.Text.RegularExpressions;
using SensorHub.Export.Bids;

namespace SensorHub.Export.Tests.Bids;

/// <summary>Datasets that are broken in ways which the common validator does not see, or sees as a warning.</summary>
public sealed class BidsChecksTests(SimulatedStudy study)
{
    private const string Motion = "_tracksys-clip_motion.tsv";
    private const string Channels = "_tracksys-clip_channels.tsv";
    private const string Sidecar = "_tracksys-clip_motion.json";

    [Fact]
    public Task Without_the_channels() => FindsAsync(root => File.Delete(Find(root, Channels)), "there is no sub-p1_ses-monday_task-bends_tracksys-clip_channels.tsv beside it");

    [Fact]
    public Task Without_the_sidecar() => FindsAsync(root => File.Delete(Find(root, Sidecar)), "there is no sub-p1_ses-monday_task-bends_tracksys-clip_motion.json beside it");

    [Fact]
    public Task Without_the_events() => FindsAsync(root => File.Delete(Find(root, "_tracksys-clip_events.tsv")), "there is no sub-p1_ses-monday_task-bends_tracksys-clip_events.tsv beside it");

    [Fact]
    public Task With_a_channel_less_than_columns() =>
        FindsAsync(root => Edit(root, Channels, lines => lines.RemoveAt(5)), "row 1 has 13 columns, and there are 12 channels");

    [Fact]
    public Task With_a_header_in_the_motion_file() =>
        FindsAsync(root => Edit(root, Motion, lines => lines.Insert(0, "latency\tx\ty")), "the first row is a header");

    [Fact]
    public Task With_a_row_that_is_cut_off() =>
        FindsAsync(root => Edit(root, Motion, lines => lines[^1] = lines[^1][..lines[^1].LastIndexOf('\t')]), @"row \d+ has 12 columns, and there are 13 channels");

    [Fact]
    public Task With_an_empty_cell_for_a_missing_value() =>
        FindsAsync(root => Edit(root, Motion, lines => lines[7] = string.Join('\t', lines[7].Split('\t').Select((c, i) => i == 3 ? "" : c))), "row 8: '' is neither a number nor n/a");

    [Fact]
    public Task With_times_that_go_back() =>
        FindsAsync(root => Edit(root, Motion, lines => (lines[20], lines[21]) = (lines[21], lines[20])), "row 22: its latency goes back");

    [Fact]
    public Task With_columns_of_the_channels_in_another_order() =>
        FindsAsync(root => Edit(root, Channels, lines => lines[0] = lines[0].Replace("component\ttype", "type\tcomponent", StringComparison.Ordinal)), "do not begin with name, component, type");

    [Fact]
    public Task With_a_type_that_there_is_not() =>
        FindsAsync(root => Edit(root, Channels, lines => lines[2] = lines[2].Replace("ACCEL", "ACC", StringComparison.Ordinal)), "is of the type 'ACC'");

    [Fact]
    public Task With_a_count_that_is_not_true() =>
        FindsAsync(root => File.WriteAllText(Find(root, Sidecar), File.ReadAllText(Find(root, Sidecar)).Replace("\"GYROChannelCount\": 6", "\"GYROChannelCount\": 9", StringComparison.Ordinal)), "GYROChannelCount is 9, and there are 6");

    [Fact]
    public Task With_a_motion_file_that_no_scan_names() =>
        FindsAsync(root => Edit(root, "_scans.tsv", lines => lines.RemoveAt(1)), "it is not in the scans of its session");

    [Fact]
    public Task With_whole_seconds_in_the_scans() =>
        FindsAsync(root => File.WriteAllText(Find(root, "_scans.tsv"), Regex.Replace(File.ReadAllText(Find(root, "_scans.tsv")), @"\.\d{6}Z", "Z")), "its acq_time has no fraction");

    [Fact]
    public Task With_somebody_who_is_no_participant() =>
        FindsAsync(root => Edit(root, "participants.tsv", lines => lines.RemoveAt(1)), "sub-p1: it is not in participants.tsv");

    private async Task FindsAsync(Action<string> breakIt, string problem)
    {
        var root = study.NewFolder();
        await Exported.BidsAsync(root, [study.Entries[1]]);
        Assert.Empty(BidsChecks.Check(root));
        breakIt(root);
        Assert.Contains(BidsChecks.Check(root), found => Regex.IsMatch(found, problem));
    }

    private static string Find(string root, string end) => Directory.EnumerateFiles(root, "*" + end, SearchOption.AllDirectories).Single();

    private static void Edit(string root, string end, Action<List<string>> edit)
    {
        var file = Find(root, end);
        var lines = File.ReadAllLines(file).ToList();
        edit(lines);
        File.WriteAllLines(file, lines);
    }
}

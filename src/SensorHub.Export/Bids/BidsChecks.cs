using System.Globalization;
using System.Text.Json;

namespace SensorHub.Export.Bids;

/// <summary>
/// What the common validator does not look at in a Motion-BIDS dataset (bids-validator 1.15): whether each motion file has its channels and its
/// sidecar, no header, a column for each channel, numbers that grow where they are times, counts that are true, a scan and a participant.
/// </summary>
public static class BidsChecks
{
    private static readonly string[] FirstColumns = ["name", "component", "type", "tracked_point", "units"];
    private static readonly string[] Types = ["ACCEL", "ANGACCEL", "GYRO", "JNTANG", "LATENCY", "MAGN", "MISC", "ORNT", "POS", "VEL"];

    /// <summary>What is wrong, a line each with the file from the root; empty when nothing is.</summary>
    public static IReadOnlyList<string> Check(string root)
    {
        var problems = new List<string>();
        string[] motions = Directory.Exists(root) ? [.. Directory.EnumerateFiles(root, "*_motion.tsv", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
        if (motions.Length == 0)
            problems.Add($"{root}: there is no motion file in it");
        foreach (var motion in motions)
            CheckMotion(root, motion, problems);
        CheckPeople(root, motions, problems);
        foreach (var file in Directory.Exists(root) ? Directory.EnumerateFiles(root, "*" + ExportFolder.Unfinished, SearchOption.AllDirectories) : [])
            problems.Add($"{Path.GetRelativePath(root, file)}: an unfinished file");
        return problems;
    }

    private static void CheckMotion(string root, string motion, List<string> problems)
    {
        var stem = motion[..^"_motion.tsv".Length];
        var called = Path.GetRelativePath(root, motion);
        var channels = ReadTable(stem + "_channels.tsv");
        if (channels is null)
            problems.Add($"{called}: there is no {Path.GetFileName(stem)}_channels.tsv beside it");
        else
            CheckChannels(called, channels, problems);
        CheckSidecar(stem, called, channels, problems);
        CheckRows(motion, called, channels, problems);
        CheckEvents(stem, called, problems);
        CheckScan(motion, called, problems);
    }

    private static void CheckChannels(string called, List<string[]> channels, List<string> problems)
    {
        if (channels.Count == 0 || !channels[0].Take(FirstColumns.Length).SequenceEqual(FirstColumns))
        {
            problems.Add($"{called}: the columns of its channels do not begin with {string.Join(", ", FirstColumns)}");
            return;
        }
        if (channels.Skip(1).Select(c => c[0]).Distinct(StringComparer.Ordinal).Count() != channels.Count - 1)
            problems.Add($"{called}: two of its channels have the same name");
        foreach (var channel in channels.Skip(1).Where(c => c.Length > 2 && !Types.Contains(c[2])))
            problems.Add($"{called}: channel {channel[0]} is of the type '{channel[2]}', which there is not");
    }

    private static void CheckSidecar(string stem, string called, List<string[]>? channels, List<string> problems)
    {
        if (!File.Exists(stem + "_motion.json"))
        {
            problems.Add($"{called}: there is no {Path.GetFileName(stem)}_motion.json beside it");
            return;
        }
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(stem + "_motion.json"));
            foreach (var needed in new[] { "TaskName", "SamplingFrequency", "TrackingSystemName" })
                if (!json.RootElement.TryGetProperty(needed, out _))
                    problems.Add($"{called}: its sidecar has no {needed}");
            if (json.RootElement.TryGetProperty("SamplingFrequency", out var rate) && !(rate.ValueKind == JsonValueKind.Number && rate.GetDouble() > 0))
                problems.Add($"{called}: SamplingFrequency is not above 0");
            if (channels is not { Count: > 0 })
                return;
            if (json.RootElement.TryGetProperty("MotionChannelCount", out var all) && all.GetInt32() != channels.Count - 1)
                problems.Add($"{called}: MotionChannelCount is {all.GetInt32()}, and there are {channels.Count - 1} channels");
            foreach (var type in Types)
                if (json.RootElement.TryGetProperty($"{type}ChannelCount", out var count) && channels.Skip(1).Count(c => c.Length > 2 && c[2] == type) is var found && count.GetInt32() != found)
                    problems.Add($"{called}: {type}ChannelCount is {count.GetInt32()}, and there are {found} such channels");
        }
        catch (JsonException)
        {
            problems.Add($"{called}: its sidecar is no JSON");
        }
    }

    private static void CheckRows(string motion, string called, List<string[]>? channels, List<string> problems)
    {
        var columns = channels is { Count: > 0 } ? channels.Count - 1 : -1;
        var latency = channels?.Skip(1).ToList().FindIndex(c => c.Length > 2 && c[2] == "LATENCY") ?? -1;
        var (row, last) = (0L, double.NegativeInfinity);
        foreach (var line in File.ReadLines(motion))
        {
            row++;
            var cells = line.Split('\t');
            if (row == 1 && cells.Any(c => c != "n/a" && !IsNumber(c, out _)))
            {
                problems.Add($"{called}: the first row is a header; motion files have none");
                return;
            }
            if (columns >= 0 && cells.Length != columns)
            {
                problems.Add(FormattableString.Invariant($"{called}: row {row} has {cells.Length} columns, and there are {columns} channels"));
                return;
            }
            if (cells.FirstOrDefault(c => c != "n/a" && !IsNumber(c, out _)) is { } odd)
            {
                problems.Add(FormattableString.Invariant($"{called}: row {row}: '{odd}' is neither a number nor n/a"));
                return;
            }
            if (latency < 0 || !IsNumber(cells[latency], out var time))
                continue;
            if (row == 1 && time != 0)
                problems.Add($"{called}: its latency does not begin at 0");
            if (time < last)
            {
                problems.Add(FormattableString.Invariant($"{called}: row {row}: its latency goes back from {last} to {time} s"));
                return;
            }
            last = time;
        }
        if (row == 0)
            problems.Add($"{called}: there is no row in it");
    }

    private static void CheckEvents(string stem, string called, List<string> problems)
    {
        var events = ReadTable(stem + "_events.tsv");
        if (events is null)
            problems.Add($"{called}: there is no {Path.GetFileName(stem)}_events.tsv beside it");
        else if (events.Count == 0 || !events[0].Take(2).SequenceEqual(["onset", "duration"]))
            problems.Add($"{called}: the columns of its events do not begin with onset, duration");
        else if (events.Skip(1).Select(e => double.Parse(e[0], CultureInfo.InvariantCulture)).ToArray() is var onsets && !onsets.Order().SequenceEqual(onsets))
            problems.Add($"{called}: its events are not in the order of time");
    }

    private static void CheckScan(string motion, string called, List<string> problems)
    {
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(motion))!;
        var scans = Directory.EnumerateFiles(folder, "*_scans.tsv").Select(ReadTable).FirstOrDefault();
        var row = scans?.Skip(1).FirstOrDefault(s => s[0] == $"motion/{Path.GetFileName(motion)}");
        if (row is null)
            problems.Add($"{called}: it is not in the scans of its session");
        else if (Array.IndexOf(scans![0], "acq_time") is var column && (column < 0 || !row[column].Contains('.', StringComparison.Ordinal)))
            problems.Add($"{called}: its acq_time has no fraction of a second, by which recordings are put side by side");
    }

    private static void CheckPeople(string root, string[] motions, List<string> problems)
    {
        var people = ReadTable(Path.Combine(root, "participants.tsv"))?.Skip(1).Select(p => p[0]).ToArray() ?? [];
        foreach (var person in motions.Select(m => Path.GetRelativePath(root, m).Split(Path.DirectorySeparatorChar)[0]).Distinct(StringComparer.Ordinal))
            if (!people.Contains(person))
                problems.Add($"{person}: it is not in participants.tsv");
    }

    private static bool IsNumber(string cell, out double number) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static List<string[]>? ReadTable(string path) => File.Exists(path) ? [.. File.ReadLines(path).Select(line => line.Split('\t'))] : null;
}

using System.CommandLine;
using System.Globalization;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Recordings;
using SensorHub.Pipelines.Quality;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Commands;

/// <summary><c>sensorhub recording</c>: what recordings are, whether they are whole, and mending them.</summary>
public static class RecordingCommand
{
    public static Command Create() => new("recording", "Say what is in recordings and how good it is, check that they are whole, mend what a crash has cut.")
    {
        Info(), Verify(), Repair(),
    };

    private static Command Info()
    {
        var folder = Folders();
        var json = new Option<bool>("--json") { Description = $"As JSON: the {RecordingManifest.FileName} of each" };
        var command = new Command("info", """
            Who, when, which sensors, and how good: samples and gaps, rates, clocks, calibrations, battery, and a score from 0 to 100 with its reasons.

            A recording that is being written can be read.
            """) { folder, json };
        command.SetAction((parsed, cancellationToken) => EachAsync(parsed.GetValue(folder)!, "Reading", path =>
        {
            if (parsed.GetValue(json))
                return [RecordingManifest.Of(path, RecordingManifest.Read(path)?.Consents, cancellationToken).Write().TrimEnd()];
            return QualityText.Lines(QualityMeter.Of(RecordingReader.Read(path, damage => Terminal.Warn(damage.ToString())), cancellationToken: cancellationToken), path);
        }));
        return command.WithExamples(("recording info recordings/*", "How good last week's were"));
    }

    private static Command Verify()
    {
        var folder = Folders();
        var command = new Command("verify", $"Check that every record of recordings can be read, and that the bytes are those that their {RecordingManifest.FileName} has checksums of.") { folder };
        command.SetAction(async (parsed, _) =>
        {
            var troubles = 0;
            await EachAsync(parsed.GetValue(folder)!, "Checking", path =>
            {
                var found = RecordingCheck.Verify(path);
                troubles += found.Count;
                return found.Count == 0 ? [$"{path}: whole."] : [.. found];
            });
            return troubles == 0 ? 0 : 1;
        });
        return command.WithExamples(("recording verify recordings/*", "A line for each; exit code 1 when something is wrong"));
    }

    private static Command Repair()
    {
        var folder = Folders();
        var command = new Command("repair", $"""
            Cut off torn ends, end sessions that a crash cut off, and write {RecordingManifest.FileName} anew. Every whole record stays.

            A hub does the same by itself at its next start; this is for recordings that were carried away before.
            """) { folder };
        command.SetAction((parsed, _) => EachAsync(parsed.GetValue(folder)!, "Mending", path =>
        {
            var lines = new List<string>();
            using (Unused(path))
                RecordingCheck.Repair(path, lines.Add);
            return lines;
        }));
        return command.WithExamples(("recording repair recordings/hamstrings-7", "After a power cut"));
    }

    /// <summary>Keeps a hub out of the data folder that the recording is in, while it is mended.</summary>
    /// <exception cref="UserException">A hub uses it.</exception>
    private static FileStream? Unused(string recording)
    {
        var data = Path.GetDirectoryName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(recording))));
        var gate = data is null ? null : Path.Combine(data, DataFolder.LockFile);
        if (!File.Exists(gate))
            return null;
        try
        {
            return new FileStream(gate, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new UserException($"{recording} is in the data folder of a hub that runs, which mends its recordings itself at its next start: stop it first.", e);
        }
    }

    private static Argument<string[]> Folders() => new("RECORDING") { Description = "Recordings: folders of sessions", Arity = ArgumentArity.OneOrMore };

    private static async Task<int> EachAsync(string[] paths, string doing, Func<string, IEnumerable<string>> work)
    {
        var lines = new List<string>();
        var now = paths[0];
        await Terminal.WithProgressAsync(() => $"{doing} {now}", () => Task.Run(() =>
        {
            foreach (var path in paths)
            {
                now = path;
                lines.AddRange(work(path));
            }
        }));
        lines.ForEach(Terminal.Say);
        return 0;
    }
}

/// <summary>The quality of a recording in words.</summary>
internal static class QualityText
{
    public static IEnumerable<string> Lines(SessionQuality session, string path)
    {
        yield return Text($"{path}: {(session.Session.IsNone ? "no session" : $"session {session.Session} of {session.Subject}")}, {session.Start} for {(session.End - session.Start).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)}{(session.HasEnded ? "" : ", without an end")}. Score {session.Score} of 100.");
        foreach (var sensor in session.Sensors)
        {
            yield return Text($"  {sensor.Sensor}: {EnumNames.Of(sensor.Kind)}, serial {sensor.Serial}, firmware {string.Join(" then ", sensor.Firmwares)}. Score {sensor.Score}.");
            foreach (var stream in sensor.Streams.Where(s => s.NominalRate > 0))
                yield return Text($"    stream {stream.Stream} ({Called(stream)}): {stream.Received} of {stream.Expected} samples, {stream.Late} of them late; {stream.Gaps.Count} {(stream.Gaps.Count == 1 ? "gap" : "gaps")}{(stream.Gaps.Count == 0 ? "" : $", the longest {stream.Gaps.Max(g => (g.End - g.Time).TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture)} s")}; {stream.EffectiveRate:0.00} Hz of {stream.NominalRate:0.##} Hz");
            foreach (var clock in sensor.Clocks)
                yield return Text($"    clock, boot {clock.BootId:x8}: {(clock.DriftPpm is { } drift ? $"{drift.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture)} ppm against the hub" : "too short for its rate")}, {clock.Exchanges} exchanges{(clock.Residual is { } residual ? $", off by {residual.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms (rms)" : "")}{(clock.Latency is { } latency ? $", frames under way for {latency.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms" : "")}");
            if (sensor.ClockUncertainty is { } u)
                yield return Text($"    times: standard uncertainty up to {u.TotalMilliseconds:0.0} ms");
            foreach (var calibration in sensor.Calibrations)
                yield return Text($"    calibration {calibration.Id} from {calibration.From} on{(calibration.Explained is { } explained ? $", bends explained {(100 * explained).ToString("0", CultureInfo.InvariantCulture)} %" : ", without bends")}");
            if (sensor.Battery is { } battery)
                yield return Text($"    battery {battery.First:0} % to {battery.Last:0} %");
            foreach (var reason in sensor.Reasons)
                yield return Text($"    −{reason.Points:0.#}: {reason.Text}");
        }
    }

    private static string Called(StreamQuality stream) => stream.Element is { } element ? EnumNames.Of(element) : EnumNames.Of(stream.Kind);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

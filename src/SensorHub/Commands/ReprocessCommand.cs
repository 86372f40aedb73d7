using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Pipelines;
using SensorHub.Reprocessing;

namespace SensorHub.Commands;

/// <summary><c>sensorhub reprocess</c>: what the present algorithms make of recordings, beside what earlier ones made, and what differs.</summary>
public static class ReprocessCommand
{
    public static Command Create()
    {
        var recordings = new Argument<string[]>("RECORDING") { Description = "Recordings: folders of sessions", Arity = ArgumentArity.ZeroOrMore };
        var jobs = new Option<int>("--jobs") { Description = "Recordings at a time (default: one for each processor)", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
        jobs.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and <= 1024))
                result.AddError($"--jobs is '{text}'; it takes 1 to 1024.");
        });
        var options = new Option<string?>("--options") { Description = "Options of the algorithms that are not the defaults, as JSON; names and ranges are those of docs/constants.md", HelpName = "FILE" };
        var into = new Option<string?>("--out") { Description = "Folder for the results (default: results in each recording)", HelpName = "FOLDER" };
        var print = new Option<bool>("--print-options") { Description = "Print all options with their defaults, and do nothing else" };
        var command = new Command("reprocess", """
            Compute recordings anew with the present algorithms. Each result lies in a folder of its own, results/<version>-<id>, with where it comes from: algorithm
            version, options, firmware, checksum of the recording. Earlier ones stay. Without --options they are what a hub says as final, bit for bit.
            """)
        {
            recordings, jobs, options, into, print, Diff(),
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(recordings) is not { Tokens.Count: > 0 } && result.GetResult(print) is null && result.Children.All(c => c is not System.CommandLine.Parsing.CommandResult))
                result.AddError("Name a recording.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(print))
                return RunAsync(parsed.GetValue(recordings)!, parsed.GetValue(jobs), parsed.GetValue(options) is { } file ? OptionsFile.Read(file) : new FeatureOptions(), parsed.GetValue(into), cancellationToken);
            Terminal.Say(OptionsFile.Defaults);
            return Task.FromResult(0);
        });
        return command.WithExamples(
            ("reprocess recordings/* --jobs 4", "All sessions with this version"),
            ("reprocess recordings/monday --options practice.json", "{\"Reminders\": {\"SittingHold\": 30}} in practice.json"));
    }

    private static Command Diff()
    {
        var first = new Argument<string>("RESULT") { Description = "Folder of a result, the earlier one" };
        var second = new Argument<string>("OTHER") { Description = "Folder of another one of the same recording" };
        var csv = new Option<string?>("--csv") { Description = "Write the differences as CSV too", HelpName = "FILE" };
        var command = new Command("diff", "Say what two results of a recording differ in, kind by kind and field by field.") { first, second, csv };
        command.SetAction(parsed =>
        {
            var diff = ResultDiff.Of(ReprocessedResult.Read(parsed.GetValue(first)!), ReprocessedResult.Read(parsed.GetValue(second)!));
            foreach (var line in Lines(diff))
                Terminal.Say(line);
            if (parsed.GetValue(csv) is { } file)
                AnalyzeOutput.Write(file, ResultDiff.CsvHeader, diff.Csv());
            return 0;
        });
        return command.WithExamples(("reprocess diff recordings/monday/results/1.0.0-0f3a… recordings/monday/results/1.1.0-77c2…", "What the new version changed"));
    }

    private static async Task<int> RunAsync(string[] recordings, int jobs, FeatureOptions options, string? into, CancellationToken cancellationToken)
    {
        var (begun, failed, made) = (TimeProvider.System.GetTimestamp(), 0, 0);
        var processed = TimeSpan.Zero;
        var gate = new Lock();
        var behind = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        var lines = new List<string>();
        await Terminal.WithProgressAsync(Progress, () => Parallel.ForEachAsync(recordings.Distinct(), new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken }, async (recording, token) =>
        {
            var since = TimeProvider.System.GetTimestamp();
            try
            {
                var (folder, features, length, wasThere) = await ReprocessedResult.MakeAsync(
                    recording, into, options, damage => Terminal.Warn(damage.ToString()), done => Note(recording, done), token);
                var took = TimeProvider.System.GetElapsedTime(since);
                Done(wasThere
                    ? $"{folder}: there already, {features} features"
                    : string.Create(CultureInfo.InvariantCulture, $"{folder}: {features} features of {length:h\\:mm\\:ss} in {took.TotalSeconds:0.0} s, {length / took:0} times as fast as it was"));
                lock (gate)
                    (made, processed) = wasThere ? (made, processed) : (made + 1, processed + length);
            }
            catch (UserException e)
            {
                Terminal.Warn(e.Message.ReplaceLineEndings(" "));
                Interlocked.Increment(ref failed);
            }
            finally
            {
                lock (gate)
                    behind.Remove(recording);
            }
        }));
        lines.ForEach(Terminal.Say);
        var all = TimeProvider.System.GetElapsedTime(begun);
        using var process = Process.GetCurrentProcess();
        if (made > 1)
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{made} recordings, {processed.TotalHours:0.0} h in {all.TotalSeconds:0.0} s: {processed / all:0} times as fast as they were, {jobs} at a time; {process.PeakWorkingSet64 / 1048576.0:0} MiB at most."));
        return failed == 0 ? 0 : 1;

        void Note(string recording, TimeSpan done)
        {
            lock (gate)
                behind[recording] = done;
        }

        void Done(string line)
        {
            if (Console.IsOutputRedirected)
                Terminal.Say(line);
            else
                lock (gate)
                    lines.Add(line);
        }

        string Progress()
        {
            lock (gate)
                return string.Create(CultureInfo.InvariantCulture, $"{made} of {recordings.Length}{string.Concat(behind.Select(b => $"; {Path.GetFileName(b.Key)} {b.Value:h\\:mm\\:ss}"))}");
        }
    }

    private static IEnumerable<string> Lines(ResultDiff diff)
    {
        if (diff.IsEqual)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The same, bit for bit: {diff.Kinds.Values.Sum(k => k.Both)} features.");
            yield break;
        }
        foreach (var (name, kind) in diff.Kinds)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{name}: {kind.Both} in both, {kind.Changed} of them changed; {kind.OnlyFirst} only in the first, {kind.OnlySecond} only in the other");
            foreach (var (field, change) in kind.Fields)
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"  {field}: {change.Count} changed{(change.Numbers == 0 ? "" : $", by {change.Largest.ToString("0.####", CultureInfo.InvariantCulture)} at most and {(change.Sum / change.Numbers).ToString("+0.####;−0.####;0", CultureInfo.InvariantCulture)} on average")}");
        }
    }
}

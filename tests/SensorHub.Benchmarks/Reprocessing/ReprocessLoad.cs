using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;

namespace SensorHub.Benchmarks.Reprocessing;

/// <summary>Recordings of many people, computed anew by the program <c>sensorhub reprocess</c>: how fast, and with how much memory, also for one that is longer.</summary>
internal static class ReprocessLoad
{
    private static readonly TimeSpan[] LongTimes = [TimeSpan.FromHours(4), TimeSpan.FromHours(16)];

    public static Command Command()
    {
        var recordings = new Argument<int>("count") { Description = "Recordings, each of another person.", DefaultValueFactory = _ => 100 };
        var minutes = new Option<int>("--minutes") { Description = "Length of each.", DefaultValueFactory = _ => 60 };
        var jobs = new Option<int>("--jobs") { Description = "Recordings at a time.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("reprocess", "Recordings of many people computed anew: wall time, real-time factor, memory; and whether memory grows with a recording's length.") { recordings, minutes, jobs };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(recordings), TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(jobs), cancellationToken));
        return command;
    }

    private static async Task RunAsync(int recordings, TimeSpan length, int jobs, CancellationToken cancellationToken)
    {
        Console.WriteLine(Machine.Describe());
        var folder = ServerProcess.NewFolder();
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            var made = new string[recordings];
            await Parallel.ForAsync(0, recordings, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, (i, stop) =>
            {
                made[i] = Record(folder, i + 1, length, stop);
                return ValueTask.CompletedTask;
            });
            var hours = recordings * length.TotalHours;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recorded in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s, {made.Sum(Bytes) / 1e6:0} MB"));
            var all = await ReprocessAsync(made, jobs, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

                | | |
                | --- | ---: |
                | recordings, of minutes each | {recordings}, {length.TotalMinutes:0} |
                | at a time | {jobs} |
                | wall time, s | {all.Elapsed.TotalSeconds:0.0} |
                | real-time factor (time recorded / wall time) | {hours * 3600 / all.Elapsed.TotalSeconds:0} |
                | CPU a recorded hour, s | {all.Cpu.TotalSeconds / hours:0.00} |
                | memory at most, MB | {all.Memory / 1e6:0} |

                | length of one recording, min | wall time, s | memory at most, MB |
                | ---: | ---: | ---: |
                """));
            foreach (var one in (TimeSpan[])[length / 4, length, .. LongTimes])
            {
                var recording = Record(folder, 1000 + (int)one.TotalMinutes, one, cancellationToken);
                var alone = await ReprocessAsync([recording], 1, cancellationToken);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one.TotalMinutes:0} | {alone.Elapsed.TotalSeconds:0.0} | {alone.Memory / 1e6:0} |"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A day's things, again and again.</summary>
    private static string Record(string folder, int person, TimeSpan length, CancellationToken cancellationToken)
    {
        var scenario = Scenario.All.Single(s => s.Name == "day");
        var session = Slug.Parse(string.Create(CultureInfo.InvariantCulture, $"hour-{person}"));
        var simulated = new SimulatedSession(new SimulationOptions
        {
            Scenario = scenario with { Activities = [.. Enumerable.Repeat(scenario.Activities, Math.Max(1, (int)Math.Round(length / TimeSpan.FromSeconds(scenario.Seconds)))).SelectMany(a => a)] }, Person = PersonTraits.Draw(person), Seed = person,
            Session = session, Subject = Slug.Parse($"p{person}"), Start = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero),
        });
        using var recorder = new Recorder(folder, line => throw new InvalidOperationException(line));
        simulated.Run(recorder.OnNext, cancellationToken);
        recorder.OnCompleted();
        return Path.Combine(folder, session.ToString());
    }

    private static long Bytes(string recording) => RecordingReader.FilesOf(recording).Sum(f => new FileInfo(f).Length);

    private static async Task<(TimeSpan Elapsed, TimeSpan Cpu, long Memory)> ReprocessAsync(IReadOnlyList<string> recordings, int jobs, CancellationToken cancellationToken)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Repository.PathOf("src", "SensorHub", "bin", configuration, "net10.0", "sensorhub.dll");
        var started = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "reprocess", .. recordings, "--jobs", jobs.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
        var (memory, cpu) = (0L, TimeSpan.Zero);
        while (!process.HasExited)
        {
            try
            {
                process.Refresh();
                (memory, cpu) = (Math.Max(memory, process.PeakWorkingSet64), process.TotalProcessorTime);
            }
            catch (InvalidOperationException)
            {
                break; // it has just ended
            }
            await Task.Delay(TimeSpan.FromSeconds(0.05), TimeProvider.System, cancellationToken);
        }
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"sensorhub reprocess ended with {process.ExitCode}.");
        return (TimeProvider.System.GetElapsedTime(started), cpu, memory);
    }
}

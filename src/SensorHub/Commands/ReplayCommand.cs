using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using Spectre.Console;

namespace SensorHub.Commands;

/// <summary><c>sensorhub replay FILE</c>: a recording, or a CSV of IMU samples, through the whole path.</summary>
public static class ReplayCommand
{
    /// <summary>Always the same, so that a CSV played again overwrites itself in the stores.</summary>
    private static readonly Timestamp DefaultStart = Timestamp.Parse("2026-01-01T00:00:00Z");

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A recording (its folder or one of its files), or a CSV of IMU samples (.csv, .csv.gz)" };
        var speed = new Option<double?>("--speed")
        {
            Description = "1 = as it was, N = so many times faster, max = as fast as the machine can (default: max)",
            HelpName = "1|N|max",
            CustomParser = ParseSpeed,
        };
        var lower = new Option<string?>("--lower") { Description = "CSV: name of the columns of the lower element (S1/S2)", HelpName = "NAME" };
        var upper = new Option<string?>("--upper") { Description = "CSV: name of the columns of the upper element (T12/L1)", HelpName = "NAME" };
        var stand = new Option<(double From, double To)?>("--stand")
        {
            Description = "CSV: seconds of the recording in which the person stands still, the posture's zero",
            HelpName = "T0:T1",
            CustomParser = ParseWindow,
        };
        var start = new Option<Timestamp?>("--start")
        {
            Description = "CSV: time of its second 0 (default: 2026-01-01T00:00:00Z)",
            HelpName = "TIME",
            CustomParser = ParseTime,
        };
        var command = new Command("replay", "Play a recording, or a CSV of IMU samples, through the whole path: estimates, broker, store, page.")
        {
            file, speed, lower, upper, stand, start,
        };
        var settings = new Settings(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed);
            var path = parsed.GetValue(file)!;
            var pace = parsed.GetValue(speed) ?? double.PositiveInfinity;
            var recording = IsCsv(path) ? null : RecordingReader.Read(path);
            Func<Action<SensorRecord>, CancellationToken, Task> source = recording is null
                ? CsvSession.Open(path, new CsvSessionOptions
                {
                    Lower = parsed.GetValue(lower),
                    Upper = parsed.GetValue(upper),
                    Stand = parsed.GetValue(stand),
                    Start = (parsed.GetValue(start) ?? DefaultStart).ToDateTimeOffset(),
                    Speed = pace,
                    Session = SessionOf(path),
                    Subject = Slug.Parse(options.Subject),
                    BodyMassKg = options.BodyMassKg,
                }).RunAsync
                : Recorded(path, pace);
            return await PlayAsync(options, path, source, recording, watch: !double.IsPositiveInfinity(pace), cancellationToken);
        });
        return command.WithExamples(
            ("replay recordings/hamstrings-7", "A recording, as fast as it goes, into the embedded store"),
            ("replay recordings/hamstrings-7 --speed 1", "The same at the speed it was recorded, to watch on the page"),
            ("replay walk.csv.gz --lower hip --upper lower_back --stand 0:4", "Samples of two IMUs, encoded by a virtual clip and sent through the path"));
    }

    private static async Task<int> PlayAsync(
        HubOptions options, string path, Func<Action<SensorRecord>, CancellationToken, Task> source, IEnumerable<SensorRecord>? recording, bool watch, CancellationToken cancellationToken)
    {
        using var loggers = Terminal.Loggers();
        await using var hub = await Hub.StartAsync(options, live: false, web: watch, desk: null, TimeProvider.System, loggers, cancellationToken);
        if (watch)
            Terminal.Welcome(hub, options);
        var frames = 0L;
        Timestamp? first = null;
        Timestamp last = default;
        await Terminal.WithProgressAsync(
            () => string.Create(CultureInfo.InvariantCulture, $"{(last - (first ?? last)).TotalSeconds:0} s played, {frames} frames, {hub.Stored.Max(s => s.Waiting)} messages on their way to the store"),
            () => hub.PlayAsync((report, token) => source(record => report(Count(record)), token), mark: null, record: false, recording, cancellationToken));

        if (frames == 0 && !cancellationToken.IsCancellationRequested)
            throw new UserException($"{path}: there is no frame in it, so there is nothing to play.");
        Terminal.Say($"Played {(last - (first ?? last)).TotalSeconds:0.0} s: {frames} frames, {hub.Published.Published} messages published.");
        foreach (var stored in hub.Stored)
            Terminal.Say($"{stored.Output}: {stored.Stored} points stored" + (stored.Quarantined.Count == 0 ? "." : $", {stored.Quarantined.Values.Sum()} messages in quarantine."));
        return cancellationToken.IsCancellationRequested ? 1 : 0;

        SensorRecord Count(SensorRecord record)
        {
            first ??= record.At;
            last = record.At;
            if (record is SensorRecord.Frame)
                frames++;
            return record;
        }
    }

    private static bool IsCsv(string path) => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file's name, in the letters of a slug.</summary>
    private static Slug SessionOf(string path)
    {
        var name = Path.GetFileName(path).ToLowerInvariant().Split('.')[0];
        var letters = string.Concat(name.Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')).Trim('-');
        return Slug.TryParse(letters[..Math.Min(letters.Length, Slug.MaxLength)], out var slug) ? slug : Slug.Parse("replayed");
    }

    private static Func<Action<SensorRecord>, CancellationToken, Task> Recorded(string path, double speed) =>
        Replay.Producer(RecordingReader.Read(path, damage => Terminal.Warn(damage.ToString())), speed, TimeProvider.System);

    private static double? ParseSpeed(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text == "max")
            return double.PositiveInfinity;
        if (double.TryParse(text, CultureInfo.InvariantCulture, out var speed) && speed is >= 0.01 and <= 10_000)
            return speed;
        result.AddError($"--speed is '{text}'; it takes 0.01 to 10000, or max.");
        return null;
    }

    private static (double, double)? ParseWindow(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var parts = text.Split(':');
        if (parts.Length == 2 && double.TryParse(parts[0], CultureInfo.InvariantCulture, out var from) && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var to) && 0 <= from && from < to)
            return (from, to);
        result.AddError($"--stand is '{text}'; it takes two times in seconds, such as 0:4.");
        return null;
    }

    private static Timestamp? ParseTime(ArgumentResult result)
    {
        if (Timestamp.TryParse(result.Tokens[0].Value, out var time))
            return time;
        result.AddError($"--start is '{result.Tokens[0].Value}'; it takes a time such as 2026-01-31T12:00:00Z.");
        return null;
    }
}

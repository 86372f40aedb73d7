using System.Globalization;
using System.Text.RegularExpressions;

namespace SensorHub.Faults;

/// <summary>What a round was, and what came of it.</summary>
/// <param name="At">Since the sensors began to stream.</param>
/// <param name="Seen">What the programs said, in their words.</param>
/// <param name="Recovered">From the end of the fault until newer rows of all sensors were in both outputs; null = not in the time given.</param>
internal sealed record Outcome(Round Round, TimeSpan At, IReadOnlyList<string> Seen, TimeSpan? Recovered);

/// <summary>Tables in Markdown, as README.md has them.</summary>
internal static partial class Report
{
    private const int LongestLine = 150;
    private const int MostLines = 3;

    public static IEnumerable<string> Head() =>
    [
        "| round | at | setup | who | what | for | all 20 back after | said meanwhile |",
        "| ---: | ---: | --- | --- | --- | ---: | ---: | --- |",
    ];

    public static string Line(Outcome outcome) => string.Create(CultureInfo.InvariantCulture,
        $"| {outcome.Round.Number} | {outcome.At:mm\\:ss} | {NameOf(outcome.Round.Setup)} | {NameOf(outcome.Round)} | {WhatOf(outcome.Round)} | {outcome.Round.Lasting.TotalSeconds:0.0} s | {(outcome.Recovered is { } r ? $"{r.TotalSeconds:0.0} s" : "not yet")} | {Said(outcome.Seen)} |");

    public static IEnumerable<string> Table(Comparison comparison)
    {
        yield return $"| {comparison.Output} | expected | there | missing | twice | not expected | with another value | right, and late | before or after a session |";
        yield return "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";
        var sum = new Comparison.Counts();
        foreach (var (measurement, counts) in comparison.Measurements)
        {
            yield return Row(measurement, counts);
            sum.Expected += counts.Expected;
            sum.Found += counts.Found;
            sum.Missing += counts.Missing;
            sum.Twice += counts.Twice;
            sum.Unexpected += counts.Unexpected;
            sum.Other += counts.Other;
            sum.Late += counts.Late;
            sum.Outside += counts.Outside;
        }
        yield return Row("**all**", sum);

        static string Row(string name, Comparison.Counts c) => string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {c.Expected} | {c.Found} | {c.Missing} | {c.Twice} | {c.Unexpected} | {c.Other} | {c.Late} | {c.Outside} |");
    }

    public static IEnumerable<string> Table(SampleCounts samples) =>
    [
        "| samples | |",
        "| --- | ---: |",
        Row("sent by the sensors, live", samples.Sent),
        Row("in the recordings", samples.Recorded),
        Row("of these from the sensors' ring buffers", samples.FromBacklog),
        Row("sent to a hub that was dead, or died before it had them", samples.SentToTheDead),
        Row("given up by the sensor, and said to be", samples.GivenUp),
        Row("**lost: sent to a hub that lived, and nowhere**", samples.Lost),
    ];

    private static string Row(string name, long count) => string.Create(CultureInfo.InvariantCulture, $"| {name} | {count} |");

    private static string NameOf(Setup setup) => setup == Setup.One ? "one" : "many";

    private static string NameOf(Round round) => round.Part switch
    {
        Part.Hub => "hub",
        Part.Broker => round.Setup == Setup.One ? "embedded broker" : "mosquitto",
        Part.Bridge => string.Create(CultureInfo.InvariantCulture, $"bridge {round.Worker + 1}"),
        _ => "InfluxDB",
    };

    private static string WhatOf(Round round) => round switch
    {
        { Fault: Fault.Kill } => "kill −9",
        { Fault: Fault.Stop } => "SIGSTOP",
        { Fault: Fault.Disk } => "disk full",
        { Part: Part.Broker, Setup: Setup.One } or { Cut: Cut.Reset } => "network reset",
        { Cut: Cut.BlackHole } => "network black hole",
        _ => "network half open",
    };

    /// <summary>Each line once, without its time, the longest cut off.</summary>
    private static string Said(IReadOnlyList<string> lines)
    {
        var different = lines.Select(l => Time().Replace(l, "")).GroupBy(l => Numbers().Replace(l, "#")).Select(g => (Line: g.First(), Times: g.Count())).ToList();
        var shown = different.Take(MostLines).Select(d =>
            (d.Line.Length > LongestLine ? d.Line[..LongestLine] + "…" : d.Line).Replace("|", "\\|", StringComparison.Ordinal) + (d.Times > 1 ? $" ({d.Times}×)" : ""));
        return string.Join("<br>", shown) + (different.Count > MostLines ? $"<br>and {different.Count - MostLines} other lines" : "");
    }

    [GeneratedRegex(@"(?<=: |^)(\d{2}:\d{2}:\d{2} |\d{10}: )")]
    private static partial Regex Time();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();
}

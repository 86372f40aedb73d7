using SensorHub.Core.Plots;
using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;
using static System.FormattableString;

namespace SensorHub.Web.Recordings;

/// <summary>Draws how a sensor's recording went, as SVG; the table beside them has the same numbers.</summary>
internal static class QualityPlots
{
    private const string Time = "minutes since the session began";

    /// <summary>Those that have something to show, each with a title and a sentence that says how to read it.</summary>
    public static IEnumerable<(string Title, string Meaning, string Svg)> Of(SensorQuality quality, QualitySeries series)
    {
        var name = quality.Sensor;
        yield return ("Received", "Share of the samples that were due. Shaded: gaps for good; dotted lines are where the clip moved.", Received(quality, series));
        if (Any(series, b => b.Rate))
            yield return ("Rate", "Samples a second of the first IMU stream, over five seconds, as they came.", Line($"{name}: sampling rate", "Hz", "a", series, b => b.Rate)
                .Level(quality.Streams.FirstOrDefault(s => s.NominalRate > 0)?.NominalRate ?? 0, "c", "declared").ToString());
        if (Any(series, b => b.OffsetMs))
            yield return ("Clock: offset", "How far the sensor's clock has run ahead of the hub's since its first sample; times are corrected for it. A straight line is a steady drift, as of any crystal.",
                Line($"{name}: offset of the clock", "ms", "a", series, b => b.OffsetMs).ToString());
        if (Any(series, b => b.UncertaintyMs))
            yield return ("Clock: how sure", "Standard uncertainty of the times, and by how much single exchanges of times were off.",
                Line($"{name}: uncertainty and residual of the clock", "ms", "a", series, b => b.UncertaintyMs, "uncertainty").Points("b", Points(series, b => b.ResidualMs), "residual").ToString());
        if (series.Bins.Any(b => b.SaturatedFrames > 0))
            yield return ("Saturation", "Frames in which a value hit the end of its range.", Line($"{name}: saturated frames", "frames", "b", series, b => b.SaturatedFrames).ToString());
        if (Any(series, b => b.Battery))
            yield return ("Battery", "Charge as the sensor told it.", Line($"{name}: battery", "%", "c", series, b => b.Battery, range: (0, 100)).ToString());
    }

    private static string Received(SensorQuality quality, QualitySeries series)
    {
        var plot = Line($"{quality.Sensor}: received", "%", "a", series, b => b.ReceivedPercent, range: (0, 100));
        // Streams of a sensor are missing together: one shade a time.
        foreach (var gap in quality.Streams.SelectMany(s => s.Gaps).DistinctBy(g => g.Time).OrderBy(g => g.Time).Take(500))
            plot.Span(Minutes(series, gap.Time), Minutes(series, gap.End), "b", Invariant($"{(gap.End - gap.Time).TotalSeconds:0.##} s missing"));
        foreach (var move in quality.Moves)
            plot.Span(Minutes(series, move), Minutes(series, move), "c", "The clip moved");
        return plot.ToString();
    }

    private static SvgPlot Line(string title, string unit, string kind, QualitySeries series, Func<QualityBin, double?> value, string? label = null, (double, double)? range = null) =>
        new SvgPlot(title, Time, unit) { Height = 200, YRange = range }.Line(kind, Points(series, value), label);

    private static List<(double X, double Y)> Points(QualitySeries series, Func<QualityBin, double?> value) =>
        [.. series.Bins.Select((bin, i) => ((i + 0.5) * series.Bin.TotalMinutes, value(bin) ?? double.NaN))];

    private static double Minutes(QualitySeries series, Timestamp at) => Math.Max(0, (at - series.Start).TotalMinutes);

    private static bool Any(QualitySeries series, Func<QualityBin, double?> value) => series.Bins.Any(b => value(b) is not null);
}

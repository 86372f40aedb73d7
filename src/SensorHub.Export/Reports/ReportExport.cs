using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Plots;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Timing;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Reports;

/// <summary>A page with plots a recording, <c>sub-p1_ses-a_task-rolling.html</c>: what was done, what was measured, how good the data are, and from what.</summary>
/// <param name="detectable">What changes are judged by; null = published.</param>
public sealed class ReportExport(ExportFolder folder, DetectableChanges? detectable = null, FeatureOptions? options = null) : IExport
{
    public const string Format = "report";

    private const int MostGaps = 30;

    private readonly DetectableChanges _detectable = detectable ?? DetectableChanges.Published;
    private readonly FeatureOptions _options = options ?? new FeatureOptions();

    public Task<bool> AddAsync(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken) =>
        Task.Run(() => Add(entry, damaged, progress, cancellationToken), cancellationToken);

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool Add(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken)
    {
        var reader = SessionReader.Open(entry.Recording, _options, damaged, entry.Window, cancellationToken);
        var provenance = Provenance.Of(reader, entry, _options);
        if (folder.Begin(entry.Name, $"{provenance.Key} {string.Join(' ', _detectable.Rows)}") is not { } unit)
            return false;
        var content = new Content(reader.Outline);
        foreach (var item in reader.Read(cancellationToken))
        {
            content.Add(item);
            if (item is SessionItem.Samples samples)
                progress(new ExportProgress(entry, samples.Time(0) - reader.Outline.Start, reader.Outline.End - reader.Outline.Start));
        }
        unit.Write($"{entry.Name}.html", Page(provenance, content));
        unit.Complete(new Dictionary<string, string>());
        return true;
    }

    private string Page(Provenance provenance, Content content)
    {
        var (outline, entry) = (provenance.Outline, provenance.Entry);
        var page = new HtmlPage($"Participant {entry.Participant}: {entry.Task}");
        page.Paragraph(string.Create(CultureInfo.InvariantCulture,
            $"{(entry.Session is null ? "" : $"Session {entry.Session}, ")}{outline.Start.ToDateTimeOffset():yyyy-MM-dd HH:mm} UTC, {(outline.End - outline.Start).TotalMinutes:0.0} minutes{(outline.HasEnded ? "" : "; the end of the session is missing")}."));
        AddPosture(page, content);
        AddRolling(page, content);
        AddOutcome(page, content);
        AddQuality(page, outline, content);
        page.Heading("Where this comes from").Table(["what", "value"], provenance.Facts.Where(f => f.Value.Length > 0).Select(f => (IReadOnlyList<string>)[f.Name.Replace('_', ' '), f.Value]));
        page.Soft(OutcomeText.Limits);
        return page.ToString();
    }

    private static void AddPosture(HtmlPage page, Content content)
    {
        if (content.Lordosis.IsEmpty && content.Pelvis.IsEmpty)
            return;
        var plot = new SvgPlot("Posture over time", "time, s", "angle, °").Line("a", content.Lordosis.Points, "lordosis").Line("b", content.Pelvis.Points, "pelvic inclination");
        foreach (var gap in content.Events.Gaps.Where(g => g.State != GapState.Recovered && content.IsClip(g.Sensor)))
            plot.Span(content.Seconds(gap.Time), content.Seconds(gap.End), "b", $"samples missing: {gap.SamplesLost?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}");
        page.Heading("Posture").Plot(plot).Soft("Means of a second. Lordosis is lower minus upper inclination of the skin, not a radiographic angle. Shaded: samples are missing.");
    }

    private static void AddRolling(HtmlPage page, Content content)
    {
        if (content.Measures.Sets.Count == 0)
            return;
        var plot = new SvgPlot("Force over time", "time, s", "force, N") { YRange = (0, 0) }.Line("a", content.Force.Points, "force");
        foreach (var set in content.Measures.Sets)
            plot.Span(content.Seconds(set.Start), content.Seconds(set.Time), "a", $"{NameOf(set.Muscle)}, {EnumNames.Of(set.Side)}");
        page.Heading("Rolling").Plot(plot).Soft("Means of a second; shaded: sets.").Table(
            ["set", "muscle", "side", "contact, s#", "in band, s#", "strokes#", "tempo, s#", "mean force, N#", "% of body weight#", "impulse, N·s#", "force is"],
            content.Measures.Sets.Select(s => (IReadOnlyList<string>)
            [
                Text(s.Number, "0"), NameOf(s.Muscle), EnumNames.Of(s.Side), Text(s.ContactTime.TotalSeconds, "0.0"), Text(s.TimeInBand.TotalSeconds, "0.0"), Text(s.Strokes, "0"), Text(s.Tempo, "0.0"),
                Uncertain(s.MeanForce?.Value, s.MeanForce?.StandardUncertainty, "0"), Uncertain(s.BodyWeightPercent?.Value, s.BodyWeightPercent?.StandardUncertainty, "0.0"), Text(s.Impulse?.Value, "0"), EnumNames.Of(s.Source),
            ]));
    }

    private void AddOutcome(HtmlPage page, Content content)
    {
        var runs = content.Measures.Runs;
        if (runs.Count == 0)
            return;
        page.Heading("Measured before and after").Table(
            ["run", "measure", "side", "value#", "unit", "repetitions#"],
            runs.SelectMany(run => run.Value.Select(v => (IReadOnlyList<string>)
                [EnumNames.Of(run.Key).Replace('_', ' '), OutcomeText.Name(v.Measure), v.Side == Side.None ? "" : EnumNames.Of(v.Side), Uncertain(v.Value.Value, v.Value.StandardUncertainty, "0.0"), OutcomeText.Unit(v.Measure), Text(v.Repetitions, "0")])));
        foreach (var (run, changes) in SessionMeasures.Compare(runs, _detectable))
            page.Paragraph($"Change, {EnumNames.Of(run).Replace('_', ' ')}:").Table(
                ["measure", "change#", "smallest detectable#", "verdict", "what that means", "by"],
                changes.Select(c => (IReadOnlyList<string>)
                [
                    OutcomeText.Name(c.Measure), Uncertain(c.Difference?.Value, c.Difference?.StandardUncertainty, "0.0"), Text(c.Detectable?.Mdc.Upper, "0.0"), OutcomeText.Name(c.Verdict), OutcomeText.Sentence(c), c.Detectable?.Source ?? "",
                ]));
    }

    private static void AddQuality(HtmlPage page, SessionOutline outline, Content content)
    {
        page.Heading("Data").Table(
            ["sensor", "serial", "firmware", "samples#", "rate, Hz#", "missing for good#", "clock ± ms#", "drift, ppm#"],
            outline.Devices.Select(d => (IReadOnlyList<string>)
            [
                d.Sensor.ToString(), d.Descriptor.Serial, string.Join(", ", d.Firmwares), Text(content.SamplesOf(d.Sensor), "0"), Text(content.RateOf(d), "0.00"),
                content.LostOf(d.Sensor), Text(content.Clock(d.Sensor)?.ClockUncertainty?.TotalMilliseconds, "0.00"), Text(content.Clock(d.Sensor)?.ClockDriftPpm, "0.0"),
            ]));
        Gap[] gaps = [.. content.Events.Gaps.Where(g => g.State != GapState.Recovered)];
        if (gaps.Length > 0)
            page.Paragraph(gaps.Length > MostGaps ? $"The first {MostGaps} of {gaps.Length} gaps:" : "Gaps:").Table(
                ["sensor", "stream#", "from, s#", "to, s#", "samples#", "cause"],
                gaps.Take(MostGaps).Select(g => (IReadOnlyList<string>)
                    [g.Sensor.ToString(), Text(g.Stream, "0"), Text(content.Seconds(g.Time), "0.00"), Text(content.Seconds(g.End), "0.00"), g.SamplesLost is { } lost ? Text(lost, "0") : "unknown", EnumNames.Of(g.Cause)]));
    }

    private static string NameOf(Muscle muscle) => muscle == Muscle.None ? "no muscle chosen" : MuscleFacts.Of(muscle).Name;

    private static string Text(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "";

    private static string Uncertain(double? value, double? uncertainty, string format) => value is null ? "" : $"{Text(value, format)} ± {Text(uncertainty, format)}";

    /// <summary>What of a recording is on the page: a number a second of what comes often.</summary>
    private sealed class Content(SessionOutline outline)
    {
        private readonly Dictionary<Slug, SensorHealth> _clocks = [];
        private readonly Dictionary<Slug, long> _samples = [];
        private readonly Dictionary<Slug, (byte Stream, long Count, Timestamp First, Timestamp Last)> _rates = [];

        public SessionEvents Events { get; } = new();

        public SessionMeasures Measures { get; } = new();

        public Means Lordosis { get; } = new();

        public Means Pelvis { get; } = new();

        public Means Force { get; } = new();

        public double Seconds(Timestamp at) => (at.UnixNanoseconds - outline.Start.UnixNanoseconds) * 1e-9;

        public bool IsClip(Slug sensor) => outline.Devices.Any(d => d.Sensor == sensor && d.Descriptor.Kind == SensorKind.Clip);

        public SensorHealth? Clock(Slug sensor) => _clocks.GetValueOrDefault(sensor);

        public double? SamplesOf(Slug sensor) => _samples.GetValueOrDefault(sensor);

        /// <summary>Of the first IMU, Hz, gaps included.</summary>
        public double? RateOf(Device device) => _rates.TryGetValue(device.Sensor, out var rate) && rate.Count > 1 ? (rate.Count - 1) / (rate.Last - rate.First).TotalSeconds : null;

        public string LostOf(Slug sensor)
        {
            Gap[] gaps = [.. Events.Gaps.Where(g => g.Sensor == sensor && g.State != GapState.Recovered)];
            return gaps.Any(g => g.SamplesLost is null) ? "unknown" : Text(gaps.Sum(g => g.SamplesLost!.Value), "0");
        }

        public void Add(SessionItem item)
        {
            Events.Add(item);
            Measures.Add(item);
            switch (item)
            {
                case SessionItem.Samples samples:
                    Count(samples);
                    break;
                case SessionItem.Estimated { Feature: PostureEstimate f }:
                    Lordosis.Add(Seconds(f.Time), f.Lordosis?.Value);
                    Pelvis.Add(Seconds(f.Time), f.PelvicInclination?.Value);
                    break;
                case SessionItem.Estimated { Feature: RollingEstimate f }:
                    Force.Add(Seconds(f.Time), f.Force?.Value);
                    break;
                case SessionItem.Estimated { Feature: SensorHealth { ClockUncertainty: not null } f }:
                    _clocks[f.Sensor] = f;
                    break;
                default:
                    break;
            }
        }

        private void Count(SessionItem.Samples samples)
        {
            var sensor = samples.Stream.Sensor;
            var (first, last) = (samples.Time(0), samples.Time(samples.Count - 1));
            _samples[sensor] = _samples.GetValueOrDefault(sensor) + samples.Count;
            if (samples.Imu is null)
                return;
            if (!_rates.TryGetValue(sensor, out var rate))
                _rates[sensor] = (samples.Stream.Stream.Id, samples.Count, first, last);
            else if (rate.Stream == samples.Stream.Stream.Id)
                _rates[sensor] = (rate.Stream, rate.Count + samples.Count, rate.First, last);
        }
    }

    /// <summary>Means of a second. Where a second has no value the line is parted.</summary>
    private sealed class Means
    {
        private readonly SortedDictionary<long, (double Sum, int Count)> _seconds = [];

        public bool IsEmpty => _seconds.Count == 0;

        public IReadOnlyList<(double X, double Y)> Points
        {
            get
            {
                var points = new List<(double X, double Y)>();
                foreach (var (second, (sum, count)) in _seconds)
                {
                    if (points.Count > 0 && second - points[^1].X > 1.75)
                        points.Add((points[^1].X + 1, double.NaN));
                    points.Add((second + 0.5, sum / count));
                }
                return points;
            }
        }

        public void Add(double seconds, double? value)
        {
            if (value is not { } number || !double.IsFinite(number))
                return;
            var second = (long)Math.Floor(seconds);
            var (sum, count) = _seconds.GetValueOrDefault(second);
            _seconds[second] = (sum + number, count + 1);
        }
    }
}

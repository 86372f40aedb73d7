using System.Collections.Immutable;
using SensorHub.Core.Orientation;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture;

/// <summary>
/// The posture over a recording, a row for each of its rows, by the classes that estimate it live. The calibration holds for
/// the whole recording, for what came before the stand too.
/// </summary>
public sealed class RecordedPosture
{
    private static readonly Slug Sensor = Slug.Parse("recording");

    private RecordedPosture(PostureCalibration calibration, string notes, string? refusedBends, IReadOnlyList<PostureEstimate> rows) =>
        (Calibration, Notes, RefusedBends, Rows) = (calibration, notes, refusedBends, rows);

    public PostureCalibration Calibration { get; }

    /// <summary>What was found besides, such as an element worn upside down; empty = nothing.</summary>
    public string Notes { get; }

    /// <summary>Why the bends show no axis; null when they do, or none were given. The axes are then those of the stand.</summary>
    public string? RefusedBends { get; }

    /// <summary>One for each row of the recording.</summary>
    public IReadOnlyList<PostureEstimate> Rows { get; }

    /// <param name="csv">The recording.</param>
    /// <param name="lower">The IMU on S1/S2.</param>
    /// <param name="upper">The IMU on T12/L1; null = one element, which shows changes only.</param>
    /// <param name="stand">When the person stands still and upright, s of the recording.</param>
    /// <param name="bends">When the person bends forward slowly, three times; null = no such time.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">The stand is not in the recording or does not calibrate; the message says why and what to do.</exception>
    public static RecordedPosture Of(
        ImuCsv csv, ImuRecording lower, ImuRecording? upper, RecordedSpan stand, RecordedSpan? bends = null, PostureOptions? options = null)
    {
        options = Constants.Check(options ?? new PostureOptions());
        ImuRecording[] imus = upper is null ? [lower] : [lower, upper];
        ImmutableArray<ElementRole> elements = upper is null ? [ElementRole.Lower] : [ElementRole.Lower, ElementRole.Upper];

        var held = Hold(csv, imus);
        var calibrator = new Calibrator(Sensor, elements, Constants.Check(options.Alignment));
        var stood = Calibrate(calibrator, csv, held, stand, "--stand", new Marker.StandCalibration(stand.Duration));
        if (!stood.Accepted)
            throw new UserException(FormattableString.Invariant($"--stand {stand}: {stood.Reason}"));
        var bent = bends is { } span ? Calibrate(calibrator, csv, held, span, "--bend", new Marker.BendCalibration(span.Duration)) : null;

        var trunk = new Trunk(Sensor, elements, options, null);
        trunk.Calibrate(calibrator.Current);
        var rows = new PostureEstimate[csv.Seconds.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            var time = TimeOf(csv, row);
            for (var i = 0; i < imus.Length; i++)
                trunk.Update(i, new ImuSample(time, imus[i].SpecificForce[row], imus[i].AngularRate[row]));
            rows[row] = trunk.Estimate(time);
        }
        var notes = bent is { Accepted: true } ? bent.Reason : stood.Reason;
        return new RecordedPosture(calibrator.Current!, notes, bent is { Accepted: false } ? bent.Reason : null, rows);
    }

    /// <summary>How each IMU is held at each row.</summary>
    private static OrientationEstimate[][] Hold(ImuCsv csv, ImuRecording[] imus) =>
        [.. imus.Select(imu =>
        {
            var filter = new OrientationFilter(OrientationOptions.OnBody);
            return Enumerable.Range(0, csv.Seconds.Count)
                .Select(row => filter.Update(new ImuSample(TimeOf(csv, row), imu.SpecificForce[row], imu.AngularRate[row])))
                .ToArray();
        })];

    private static CalibrationResult Calibrate(
        Calibrator calibrator, ImuCsv csv, OrientationEstimate[][] held, RecordedSpan span, string option, Marker marker)
    {
        if (span.From < csv.Seconds[0] || span.To > csv.Seconds[^1])
            throw new UserException(FormattableString.Invariant(
                $"{option} {span} is not in the recording: it runs from {csv.Seconds[0]} to {csv.Seconds[^1]} s."));
        List<Feature> results = [.. calibrator.Mark(TimeOf(span.From), marker)];
        for (var row = 0; row < csv.Seconds.Count; row++)
            if (csv.Seconds[row] >= span.From && csv.Seconds[row] <= span.To)
                for (var i = 0; i < held.Length; i++)
                    results.AddRange(calibrator.Update(i, held[i][row]));
        results.AddRange(calibrator.Close());
        return results.OfType<CalibrationResult>().Single();
    }

    private static Timestamp TimeOf(ImuCsv csv, int row) => TimeOf(csv.Seconds[row]);

    private static Timestamp TimeOf(double seconds) => new((long)Math.Round(seconds * 1e9));
}

/// <summary>A part of a recording, s on its own axis.</summary>
public readonly record struct RecordedSpan(double From, double To)
{
    public TimeSpan Duration => TimeSpan.FromSeconds(To - From);

    public override string ToString() => FormattableString.Invariant($"{From}:{To}");
}

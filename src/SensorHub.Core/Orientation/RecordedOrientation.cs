using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>The orientation of an IMU over a recording: as live, by <see cref="OrientationFilter"/>, or in hindsight.</summary>
public sealed class RecordedOrientation
{
    private RecordedOrientation(TimeSpan period, IReadOnlyList<RecordedOrientationRow> rows, int restarts) =>
        (Period, Rows, Restarts) = (period, rows, restarts);

    /// <summary>From sample to sample.</summary>
    public TimeSpan Period { get; }

    /// <summary>One for each row of the recording.</summary>
    public IReadOnlyList<RecordedOrientationRow> Rows { get; }

    /// <summary>Samples put into gaps.</summary>
    public int Interpolated => Rows.Sum(row => row.Bridged);

    /// <summary>Gaps that were too long to be bridged.</summary>
    public int Restarts { get; }

    /// <param name="csv">The recording.</param>
    /// <param name="imu">One of its IMUs.</param>
    /// <param name="smooth">In hindsight, from the samples before and after; otherwise each row knows only those before, as live.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range, or samples are too few for the low-pass filters.</exception>
    public static RecordedOrientation Of(ImuCsv csv, ImuRecording imu, bool smooth = false, OrientationOptions? options = null)
    {
        options ??= new OrientationOptions();
        var period = TimeSpan.FromSeconds(PeriodOf(csv.Seconds));
        var samples = csv.Seconds.Select((t, row) => new ImuSample(new Timestamp((long)Math.Round(t * 1e9)), imu.SpecificForce[row], imu.AngularRate[row])).ToArray();
        var estimates = smooth ? VqfSmoother.Smooth(samples, period, options) : Filter(samples, period, options);
        var restarts = samples.Zip(samples.Skip(1), (before, after) => after.Time - before.Time).Count(step => step > options.LongestBridgedGap);
        return new RecordedOrientation(
            period,
            [.. csv.Seconds.Zip(estimates, (t, e) => new RecordedOrientationRow(t, e.Orientation, e.Bias, e.AtRest, e.InclinationUncertainty, e.Bridged))],
            restarts);
    }

    private static OrientationEstimate[] Filter(ImuSample[] samples, TimeSpan period, OrientationOptions options)
    {
        var filter = new OrientationFilter(options, period);
        return [.. samples.Select(sample => filter.Update(sample))];
    }

    /// <summary>The mean step without gaps: rounding of the times averages out.</summary>
    private static double PeriodOf(IReadOnlyList<double> seconds)
    {
        var steps = seconds.Skip(1).Zip(seconds, (later, earlier) => later - earlier).Order().ToArray();
        return steps.TakeWhile(step => step < 1.5 * steps[steps.Length / 2]).Average();
    }
}

/// <summary>How an IMU was held at one row of a recording.</summary>
/// <param name="Seconds">The row's time.</param>
/// <param name="Orientation">Sensor to earth. The heading has no reference: it begins anywhere and drifts.</param>
/// <param name="Bias">Gyroscope bias, rad/s, sensor frame.</param>
/// <param name="AtRest">It does not move.</param>
/// <param name="InclinationUncertainty">u: 95 % of the angles between the estimated and the true direction of up are within 2u.</param>
/// <param name="Bridged">Samples interpolated in a gap before this row.</param>
public readonly record struct RecordedOrientationRow(
    double Seconds, Rotation Orientation, Vector3D Bias, bool AtRest, Angle InclinationUncertainty, int Bridged);

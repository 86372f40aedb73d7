using SensorHub.Core.Recordings;
using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// The orientation of an IMU over a recording, by <see cref="Vqf"/>. Rows missing in a short gap are interpolated for the
/// filter; after a long gap it starts anew and keeps the bias.
/// </summary>
public sealed class RecordedOrientation
{
    /// <summary>Part of the period that a row may be early or late.</summary>
    private const double Jitter = 0.4;

    private RecordedOrientation(TimeSpan period, IReadOnlyList<RecordedOrientationRow> rows, int interpolated, int restarts) =>
        (Period, Rows, Interpolated, Restarts) = (period, rows, interpolated, restarts);

    /// <summary>From sample to sample.</summary>
    public TimeSpan Period { get; }

    /// <summary>One for each row of the recording.</summary>
    public IReadOnlyList<RecordedOrientationRow> Rows { get; }

    /// <summary>Samples put into gaps.</summary>
    public int Interpolated { get; }

    /// <summary>Gaps that were too long to be bridged.</summary>
    public int Restarts { get; }

    /// <param name="csv">The recording.</param>
    /// <param name="imu">One of its IMUs.</param>
    /// <param name="smooth">In hindsight, from the samples before and after; otherwise each row knows only those before, as live.</param>
    /// <exception cref="UserException">The rows are not evenly spaced but for gaps.</exception>
    public static RecordedOrientation Of(ImuCsv csv, ImuRecording imu, bool smooth = false)
    {
        var seconds = csv.Seconds;
        var period = PeriodOf(seconds);
        var span = TimeSpan.FromSeconds(period);
        var runs = Split(csv, imu, period);
        var estimates = smooth ? VqfSmoother.Smooth(runs, span, new VqfOptions()) : Filter(runs, span);

        var rows = new RecordedOrientationRow[seconds.Count];
        foreach (var (run, estimated) in runs.Zip(estimates))
            foreach (var (row, estimate) in run.Rows.Zip(estimated))
                if (row >= 0)
                    rows[row] = new RecordedOrientationRow(seconds[row], estimate.Orientation, estimate.Bias, estimate.AtRest);
        return new RecordedOrientation(span, rows, runs.Sum(run => run.Rows.Count(row => row < 0)), runs.Count - 1);
    }

    private static VqfEstimate[][] Filter(IReadOnlyList<EvenRun> runs, TimeSpan period)
    {
        Vqf? filter = null;
        return [.. runs.Select(run =>
        {
            filter = new Vqf(period, null, filter is null ? null : Vqf.Restart(filter.State));
            return run.Forces.Zip(run.Rates, (force, rate) =>
            {
                filter.Update(force, rate);
                return new VqfEstimate(filter.Orientation, filter.Bias, filter.AtRest);
            }).ToArray();
        })];
    }

    /// <summary>Cuts the recording at long gaps and fills the short ones.</summary>
    private static List<EvenRun> Split(ImuCsv csv, ImuRecording imu, double period)
    {
        var longest = new OrientationOptions().LongestBridgedGap.TotalSeconds;
        var runs = new List<EvenRun>();
        var (forces, rates, rows) = (new List<Vector3D>(), new List<Vector3D>(), new List<int>());
        for (var row = 0; row < csv.Seconds.Count; row++)
        {
            var step = row == 0 ? period : csv.Seconds[row] - csv.Seconds[row - 1];
            var samples = Math.Max(1, Math.Round(step / period));
            if (samples > 1 && step > longest)
                EndRun();
            else if (Math.Abs(step - samples * period) > Jitter * period)
                throw new UserException(FormattableString.Invariant(
                    $"{Path.GetFileName(csv.Path)}, row {row + 1}: {step:0.######} s after the row before, where samples come every {period:0.######} s. Resample the file evenly."));
            else
                for (var missing = 1; missing < samples; missing++)
                    Add(Between(imu.SpecificForce, row, missing / samples), Between(imu.AngularRate, row, missing / samples), -1);
            Add(imu.SpecificForce[row], imu.AngularRate[row], row);
        }
        EndRun();
        return runs;

        void Add(Vector3D force, Vector3D rate, int row)
        {
            forces.Add(force);
            rates.Add(rate);
            rows.Add(row);
        }

        void EndRun()
        {
            runs.Add(new EvenRun([.. forces], [.. rates], [.. rows]));
            forces.Clear();
            rates.Clear();
            rows.Clear();
        }
    }

    /// <summary>The mean step without gaps: rounding of the times averages out.</summary>
    private static double PeriodOf(IReadOnlyList<double> seconds)
    {
        var steps = seconds.Skip(1).Zip(seconds, (later, earlier) => later - earlier).Order().ToArray();
        return steps.TakeWhile(step => step < 1.5 * steps[steps.Length / 2]).Average();
    }

    /// <summary>A part of the way from the row before to this one.</summary>
    private static Vector3D Between(IReadOnlyList<Vector3D> values, int row, double part) => values[row - 1] + part * (values[row] - values[row - 1]);
}

/// <summary>How an IMU was held at one row of a recording.</summary>
/// <param name="Seconds">The row's time.</param>
/// <param name="Orientation">Sensor to earth. The heading has no reference: it begins anywhere and drifts.</param>
/// <param name="Bias">Gyroscope bias, rad/s, sensor frame.</param>
/// <param name="AtRest">It does not move.</param>
public readonly record struct RecordedOrientationRow(double Seconds, Rotation Orientation, Vector3D Bias, bool AtRest);

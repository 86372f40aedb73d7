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
    /// <exception cref="UserException">The rows are not evenly spaced but for gaps.</exception>
    public static RecordedOrientation Of(ImuCsv csv, ImuRecording imu)
    {
        var seconds = csv.Seconds;
        var period = PeriodOf(seconds);
        var longest = new OrientationOptions().LongestBridgedGap.TotalSeconds;
        var span = TimeSpan.FromSeconds(period);
        var filter = new Vqf(span);
        var rows = new RecordedOrientationRow[seconds.Count];
        var (interpolated, restarts) = (0, 0);
        for (var row = 0; row < rows.Length; row++)
        {
            if (row > 0)
            {
                var step = seconds[row] - seconds[row - 1];
                var samples = Math.Max(1, Math.Round(step / period));
                if (samples > 1 && step > longest)
                {
                    filter = new Vqf(span, null, Vqf.Restart(filter.State));
                    restarts++;
                }
                else if (Math.Abs(step - samples * period) > Jitter * period)
                    throw new UserException(FormattableString.Invariant(
                        $"{Path.GetFileName(csv.Path)}, row {row + 1}: {step:0.######} s after the row before, where samples come every {period:0.######} s. Resample the file evenly."));
                else
                    for (var missing = 1; missing < samples; missing++, interpolated++)
                        filter.Update(
                            Between(imu.SpecificForce[row - 1], imu.SpecificForce[row], missing / samples),
                            Between(imu.AngularRate[row - 1], imu.AngularRate[row], missing / samples));
            }
            filter.Update(imu.SpecificForce[row], imu.AngularRate[row]);
            rows[row] = new RecordedOrientationRow(seconds[row], filter.Orientation, filter.Bias, filter.AtRest);
        }
        return new RecordedOrientation(span, rows, interpolated, restarts);
    }

    /// <summary>The mean step without gaps: rounding of the times averages out.</summary>
    private static double PeriodOf(IReadOnlyList<double> seconds)
    {
        var steps = seconds.Skip(1).Zip(seconds, (later, earlier) => later - earlier).Order().ToArray();
        return steps.TakeWhile(step => step < 1.5 * steps[steps.Length / 2]).Average();
    }

    private static Vector3D Between(Vector3D a, Vector3D b, double part) => a + part * (b - a);
}

/// <summary>How an IMU was held at one row of a recording.</summary>
/// <param name="Seconds">The row's time.</param>
/// <param name="Orientation">Sensor to earth. The heading has no reference: it begins anywhere and drifts.</param>
/// <param name="Bias">Gyroscope bias, rad/s, sensor frame.</param>
/// <param name="AtRest">It does not move.</param>
public readonly record struct RecordedOrientationRow(double Seconds, Rotation Orientation, Vector3D Bias, bool AtRest);

using SensorHub.Core.Units;

namespace SensorHub.Core.Recordings;

/// <summary>Recognizes that a recording is in other units than its columns say: from magnitudes, and from how fast gravity turns in the sensor.</summary>
public static class ImuUnits
{
    /// <summary>rad/s; 4000 °/s is the widest range of a MEMS gyroscope for motion.</summary>
    private const double FastestRate = 70;

    /// <summary>A person's recording has a median specific force near 9.81 m/s²; one in g has it near 1.</summary>
    private static readonly (double From, double To) Force = (5, 20);

    /// <summary>Seconds over which gravity's turn is compared with the rates: bias and noise are small beside the turn, and it is not yet a full one.</summary>
    private const double Span = 0.25;

    /// <summary>
    /// A rate turns gravity by at most as much as it says. In °/s it says 57 times as much; turns about the vertical, which gravity does
    /// not show, hardly hide so much all the time.
    /// </summary>
    private const double LargestRatio = 12;

    /// <summary>rad. Spans in which gravity turns by less say nothing: at rest the rate is bias and noise.</summary>
    private const double SmallestTurn = 0.03;

    /// <summary>Fewer spans with such a turn decide nothing.</summary>
    private const int FewestTurns = 20;

    /// <exception cref="UserException">The units cannot be m/s² and rad/s.</exception>
    public static void Check(ImuCsv csv, ImuRecording imu)
    {
        var file = System.IO.Path.GetFileName(csv.Path);
        var of = imu.Name.Length == 0 ? "" : $" of IMU '{imu.Name}'";
        var force = imu.SpecificForce.Select(f => f.Norm).Order().ElementAt(imu.SpecificForce.Count / 2);
        if (force < Force.From || force > Force.To)
            throw new UserException(FormattableString.Invariant(
                $"{file}: the specific force{of} has a median of {force:0.##} where gravity is 9.81 m/s². {Remedy(force)}"));
        for (var row = 0; row < imu.AngularRate.Count; row++)
            if (imu.AngularRate[row].Norm is > FastestRate and var rate)
                throw new UserException(FormattableString.Invariant(
                    $"{csv.Place(row, csv.RateColumn(imu, LargestAxis(imu.AngularRate[row])))}: it turns at {rate:0.#}, too fast for rad/s. If it is in °/s, multiply by π/180."));
        if (TurnRatio(csv.Seconds, imu) is > LargestRatio and var ratio)
            throw new UserException(FormattableString.Invariant(
                $"{file}: the angular rate{of} says that it turns {ratio:0} times as fast as gravity does in its accelerometer. It looks like °/s: multiply by π/180."));
    }

    private static int LargestAxis(Vector3D v) =>
        Math.Abs(v.X) >= Math.Abs(v.Y) && Math.Abs(v.X) >= Math.Abs(v.Z) ? 0 : Math.Abs(v.Y) >= Math.Abs(v.Z) ? 1 : 2;

    private static string Remedy(double force) => force switch
    {
        > 0.5 and < 2 => "It looks like g: multiply by 9.80665.",
        > 500 and < 2000 => "It looks like thousandths of g: multiply by 0.00980665.",
        _ => "Give it in m/s², with gravity.",
    };

    /// <summary>
    /// How many times as far the rates turn as gravity turns in the sensor, as the median over spans in which gravity turns at all; null
    /// when too few do.
    /// </summary>
    private static double? TurnRatio(IReadOnlyList<double> seconds, ImuRecording imu)
    {
        var ratios = new List<double>();
        var (first, turned) = (0, 0.0);
        for (var row = 1; row < seconds.Count; row++)
        {
            turned += (seconds[row] - seconds[row - 1]) * imu.AngularRate[row].Norm;
            if (seconds[row] - seconds[first] < Span)
                continue;
            var (before, after) = (imu.SpecificForce[first].Normalized(), imu.SpecificForce[row].Normalized());
            var gravity = 2 * Math.Asin(Math.Min(1, 0.5 * (after - before).Norm));
            if (gravity > SmallestTurn)
                ratios.Add(turned / gravity);
            (first, turned) = (row, 0);
        }
        return ratios.Count < FewestTurns ? null : ratios.Order().ElementAt(ratios.Count / 2);
    }
}

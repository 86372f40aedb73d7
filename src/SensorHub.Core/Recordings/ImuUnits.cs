namespace SensorHub.Core.Recordings;

/// <summary>Recognizes from magnitudes that a recording is in other units than its columns say.</summary>
public static class ImuUnits
{
    /// <summary>rad/s; 4000 °/s is the widest range of a MEMS gyroscope for motion.</summary>
    private const double FastestRate = 70;

    /// <summary>A person's recording has a median specific force near 9.81 m/s²; one in g has it near 1.</summary>
    private static readonly (double From, double To) Force = (5, 20);

    /// <exception cref="UserException">The units cannot be m/s² and rad/s.</exception>
    public static void Check(ImuCsv csv, ImuRecording imu)
    {
        var file = System.IO.Path.GetFileName(csv.Path);
        var of = imu.Name.Length == 0 ? "" : $" of IMU '{imu.Name}'";
        var force = imu.SpecificForce.Select(f => f.Norm).Order().ElementAt(imu.SpecificForce.Count / 2);
        if (force < Force.From || force > Force.To)
            throw new UserException(FormattableString.Invariant(
                $"{file}: the specific force{of} has a median of {force:0.##} where gravity is 9.81 m/s². {(force is > 0.5 and < 2 ? "It looks like g: multiply by 9.80665." : "Give it in m/s², with gravity.")}"));
        for (var row = 0; row < imu.AngularRate.Count; row++)
            if (imu.AngularRate[row].Norm is > FastestRate and var rate)
                throw new UserException(FormattableString.Invariant(
                    $"{file}, row {row + 1}: the angular rate{of} is {rate:0.#}, too fast for rad/s. If it is in °/s, multiply by π/180."));
    }
}

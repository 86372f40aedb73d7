using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Everything that <see cref="Vqf"/> has learnt. A filter made with it, and with the same options and period, goes on as if
/// it had never stopped. Plain values; as JSON it comes back to the last bit (System.Text.Json with IgnoreReadOnlyProperties).
/// </summary>
public sealed record VqfState
{
    /// <summary>The integrated rates: sensor to the almost inertial frame.</summary>
    public Rotation Strapdown { get; init; } = Rotation.Identity;

    /// <summary>Almost inertial frame to earth.</summary>
    public Rotation Correction { get; init; } = Rotation.Identity;

    /// <summary>Gyroscope bias, rad/s, sensor frame.</summary>
    public required Vector3D Bias { get; init; }

    /// <summary>Of <see cref="Bias"/>, (rad/s)².</summary>
    public required Covariance3 BiasCovariance { get; init; }

    /// <summary>How long everything has been still, s.</summary>
    public double Still { get; init; }

    public bool AtRest { get; init; }

    /// <summary>Low-pass filter of the specific force, m/s², almost inertial frame.</summary>
    public ButterworthState Force { get; init; }

    /// <summary>Low-pass filters of the rows of the rotation matrix from sensor to earth.</summary>
    public ButterworthState RowX { get; init; }

    public ButterworthState RowY { get; init; }

    public ButterworthState RowZ { get; init; }

    /// <summary>Low-pass filter of the bias, rad/s, earth frame.</summary>
    public ButterworthState EarthBias { get; init; }

    /// <summary>Low-pass filter of the angular rate by which rest is judged, rad/s, sensor frame.</summary>
    public ButterworthState RestRate { get; init; }

    /// <summary>Direction of the low-passed specific force, unit vector, sensor frame; zero = not known.</summary>
    public Vector3D RestUp { get; init; }

    /// <summary>Low-pass filter of the specific force by which rest is judged, m/s², sensor frame.</summary>
    public ButterworthState RestForce { get; init; }
}

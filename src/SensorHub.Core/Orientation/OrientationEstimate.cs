using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>How an IMU element is held at one time.</summary>
/// <param name="Time">The time of the sample behind it.</param>
/// <param name="Orientation">Sensor to earth. The heading has no reference: it begins anywhere and drifts.</param>
/// <param name="Up">The unit vector that points up, sensor frame.</param>
/// <param name="AngularRate">rad/s, sensor frame, without bias.</param>
/// <param name="Bias">Gyroscope bias, rad/s, sensor frame.</param>
/// <param name="AtRest">The element does not move.</param>
/// <param name="InclinationUncertainty">
/// Uncertainty u of the direction of <paramref name="Up"/>: 95 % of the angles between it and the true one are within 2u.
/// </param>
/// <param name="Bridged">Samples interpolated for the filter in a gap before this one.</param>
public readonly record struct OrientationEstimate(
    Timestamp Time, Rotation Orientation, Vector3D Up, Vector3D AngularRate, Vector3D Bias, bool AtRest, Angle InclinationUncertainty, int Bridged = 0)
{
    /// <summary><see cref="Up"/> a little later, turned on with the present angular rate.</summary>
    public Vector3D UpAt(Timestamp time) =>
        Rotation.FromRotationVector((time - Time).TotalSeconds * AngularRate).Inverse.Rotate(Up);
}

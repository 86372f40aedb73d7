using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>
/// How an IMU errs: reading = scale · misaligned truth + bias + white noise. The draws are those of a small MEMS IMU
/// after its factory calibration.
/// </summary>
/// <param name="ForceBias">m/s², sensor frame.</param>
/// <param name="RateBias">rad/s, sensor frame.</param>
/// <param name="RateBiasDrift">rad/s gained in an hour, as the sensor warms up.</param>
/// <param name="ForceScale">Factor on each axis.</param>
/// <param name="RateScale">Factor on each axis.</param>
/// <param name="Mounting">Sensor axes as they are → as they should be.</param>
/// <param name="ForceNoise">Standard deviation of a sample, m/s².</param>
/// <param name="RateNoise">Standard deviation of a sample, rad/s.</param>
public sealed record ImuErrors(
    Vector3D ForceBias, Vector3D RateBias, Vector3D RateBiasDrift, Vector3D ForceScale, Vector3D RateScale, Rotation Mounting, double ForceNoise, double RateNoise)
{
    /// <summary>rad/s gained as the sensor takes the temperature of the body, within some minutes.</summary>
    public Vector3D RateBiasWarming { get; init; }

    public static readonly ImuErrors None = new(default, default, default, new(1, 1, 1), new(1, 1, 1), Rotation.Identity, 0, 0);

    /// <summary>
    /// Standard deviations: bias 10 mg and 0.3 dps, drift 0.3 dps an hour, scale 0.3 %, mounting 0.7° about each axis; noise 130 µg/√Hz and
    /// 0.007 dps/√Hz over 50 Hz.
    /// </summary>
    internal static ImuErrors Draw(Random random) => new(
        Gaussian(random, 0.010 * 9.80665),
        Gaussian(random, double.DegreesToRadians(0.3)),
        Gaussian(random, double.DegreesToRadians(0.3)),
        new Vector3D(1, 1, 1) + Gaussian(random, 0.003),
        new Vector3D(1, 1, 1) + Gaussian(random, 0.003),
        Rotation.FromRotationVector(Gaussian(random, double.DegreesToRadians(0.7))),
        ForceNoise: 130e-6 * 9.80665 * Math.Sqrt(50),
        RateNoise: double.DegreesToRadians(0.007) * Math.Sqrt(50));

    internal static Vector3D Gaussian(Random random, double deviation) =>
        new(deviation * random.NextGaussian(), deviation * random.NextGaussian(), deviation * random.NextGaussian());
}

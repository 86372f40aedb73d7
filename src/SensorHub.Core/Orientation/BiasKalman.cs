using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// A Kalman filter for the bias of a gyroscope, a random walk, that scalar measurements h·bias + noise are made of, one after
/// the other (the bias estimation of Laidig and Seel, Information Fusion 91, 2023). A mutable struct: keep it in a field.
/// </summary>
/// <param name="bias">rad/s, sensor frame.</param>
/// <param name="covariance">(rad/s)².</param>
internal struct BiasKalman(Vector3D bias, Covariance3 covariance)
{
    public Vector3D Bias = bias;
    public Covariance3 Covariance = covariance;

    /// <summary>One step of time: each variance below <paramref name="limit"/> grows by <paramref name="growth"/>, both (rad/s)².</summary>
    public void Predict(double growth, double limit)
    {
        ref var p = ref Covariance;
        p = p with
        {
            XX = p.XX < limit ? p.XX + growth : p.XX,
            YY = p.YY < limit ? p.YY + growth : p.YY,
            ZZ = p.ZZ < limit ? p.ZZ + growth : p.ZZ,
        };
    }

    /// <param name="h">What of the bias is measured.</param>
    /// <param name="innovation">Measured less expected, rad/s.</param>
    /// <param name="variance">Of the measurement, (rad/s)².</param>
    public void Correct(in Vector3D h, double innovation, double variance)
    {
        var ph = Covariance * h;
        var s = 1 / (variance + Vector3D.Dot(h, ph));
        Bias += s * innovation * ph;
        Covariance = Covariance.Minus(s, ph);
    }

    public void Clip(double limit) => Bias = Clipped(Bias, limit);

    public static Vector3D Clipped(in Vector3D v, double limit) =>
        new(Math.Clamp(v.X, -limit, limit), Math.Clamp(v.Y, -limit, limit), Math.Clamp(v.Z, -limit, limit));
}

/// <summary>A symmetric 3 × 3 matrix.</summary>
public readonly record struct Covariance3(double XX, double YY, double ZZ, double XY, double XZ, double YZ)
{
    public static Covariance3 Diagonal(double variance) => new(variance, variance, variance, 0, 0, 0);

    /// <summary>The sum of the variances along any three axes at right angles.</summary>
    internal double Trace => XX + YY + ZZ;

    /// <summary>No eigenvalue is above it (Gershgorin).</summary>
    internal double LargestVariance => Math.Max(
        Math.Abs(XX) + Math.Abs(XY) + Math.Abs(XZ),
        Math.Max(Math.Abs(XY) + Math.Abs(YY) + Math.Abs(YZ), Math.Abs(XZ) + Math.Abs(YZ) + Math.Abs(ZZ)));

    public static Vector3D operator *(in Covariance3 p, in Vector3D v) => new(
        p.XX * v.X + p.XY * v.Y + p.XZ * v.Z,
        p.XY * v.X + p.YY * v.Y + p.YZ * v.Z,
        p.XZ * v.X + p.YZ * v.Y + p.ZZ * v.Z);

    /// <summary>This − s·v·vᵀ.</summary>
    internal Covariance3 Minus(double s, in Vector3D v) => new(
        XX - s * v.X * v.X, YY - s * v.Y * v.Y, ZZ - s * v.Z * v.Z,
        XY - s * v.X * v.Y, XZ - s * v.X * v.Z, YZ - s * v.Y * v.Z);
}

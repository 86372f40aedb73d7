using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>The axis about which something turns: the first principal component of its angular rate, about zero.</summary>
internal sealed class PrincipalAxis
{
    private readonly double[,] _moments = new double[3, 3];

    /// <summary>Mean square of the rate, times duration, rad²/s.</summary>
    public double Energy => _moments[0, 0] + _moments[1, 1] + _moments[2, 2];

    /// <param name="rate">Angular rate without bias, rad/s.</param>
    /// <param name="dt">For how long, s.</param>
    public void Add(Vector3D rate, double dt)
    {
        Span<double> v = [rate.X, rate.Y, rate.Z];
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++)
                _moments[i, j] += dt * v[i] * v[j];
    }

    /// <summary>
    /// The unit axis, its sign free, and the share of the variance that it explains: 1/3 to 1, NaN without motion. By Jacobi
    /// rotations of the matrix of second moments (Golub and Van Loan, Matrix Computations, §8.5).
    /// </summary>
    public (Vector3D Axis, double Explained) Find()
    {
        const int Sweeps = 12; // converges quadratically: about six are needed
        var a = (double[,])_moments.Clone();
        var v = new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        for (var sweep = 0; sweep < Sweeps; sweep++)
            foreach (var (p, q) in (ReadOnlySpan<(int, int)>)[(0, 1), (0, 2), (1, 2)])
                Rotate(a, v, p, q);

        var largest = a[0, 0] >= a[1, 1]
            ? a[0, 0] >= a[2, 2] ? 0 : 2
            : a[1, 1] >= a[2, 2] ? 1 : 2;
        return (new Vector3D(v[0, largest], v[1, largest], v[2, largest]).Normalized(), a[largest, largest] / Energy);
    }

    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (a[p, q] == 0)
            return;
        var tau = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        var t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + tau * tau));
        var c = 1 / Math.Sqrt(1 + t * t);
        var s = t * c;
        for (var k = 0; k < 3; k++)
            (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q]);
        for (var k = 0; k < 3; k++)
            (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k]);
        for (var k = 0; k < 3; k++)
            (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q]);
    }
}

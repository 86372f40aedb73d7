namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>How the load channels of a roller err.</summary>
/// <param name="Shares">Of the force, one a cell (a pair of strain gauges counts at its first); their sum is 1.</param>
/// <param name="Gains">Factor of each cell beside its calibration.</param>
/// <param name="Zeros">N without load beside its calibration.</param>
/// <param name="Noise">Standard deviation of a sample of one cell, N.</param>
public sealed record LoadErrors(IReadOnlyList<double> Shares, IReadOnlyList<double> Gains, IReadOnlyList<double> Zeros, double Noise)
{
    /// <summary>Under a load that lasts, the reading grows by this share of it, …</summary>
    public double Creep { get; init; }

    /// <summary>… with this time constant, s.</summary>
    public double CreepSeconds { get; init; } = 30;

    /// <summary>The gain is larger by this share at <see cref="CurvedAt"/> than without load: a bladder changes its shape.</summary>
    public double Curve { get; init; }

    /// <summary>Slow change of the gain as the body shifts on the cells: root mean square, a share.</summary>
    public double Wander { get; init; }

    /// <summary>N.</summary>
    public const double CurvedAt = 200;

    public static LoadErrors None(int cells) =>
        new([.. Enumerable.Repeat(1.0 / cells, cells)], [.. Enumerable.Repeat(1.0, cells)], new double[cells], 0);

    /// <summary>Standard deviations: gain 1 %, zero 0.5 N, noise 0.3 N.</summary>
    internal static LoadErrors Draw(Random random, int cells)
    {
        var shares = Enumerable.Range(0, cells).Select(_ => 0.5 + random.NextDouble()).ToArray();
        var sum = shares.Sum();
        return new LoadErrors(
            [.. shares.Select(s => s / sum)],
            [.. shares.Select(_ => 1 + 0.01 * random.NextGaussian())],
            [.. shares.Select(_ => 0.5 * random.NextGaussian())],
            Noise: 0.3);
    }
}

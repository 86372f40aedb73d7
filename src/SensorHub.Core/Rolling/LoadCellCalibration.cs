using SensorHub.Core.Protocol;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Gains of a roller's load cells from known weights. The forces of the cells have to add up to the weight, by the roller's
/// arrangement: Σ hₖ·sₖ = W for each placement, with sₖ what cell k says by its present gain and hₖ the factor of the new one,
/// by least squares. With too few placements, or all of them alike, only the sum is seen, and one factor h = Σ s·W / Σ s² serves all.
/// </summary>
/// <remarks>
/// Gauges of a strain pair share a factor: a load shows the length of their vector, not the parts. A placement counts by
/// the inverse of its variance: repeatability, floor and what it varied by. The weight's own error is common to all and is added last.
/// </remarks>
/// <param name="arrangement">How the cells see force.</param>
/// <param name="options">Null = defaults.</param>
public sealed class LoadCellCalibration(LoadArrangement arrangement, LoadCellOptions? options = null)
{
    private readonly LoadCellOptions _options = Constants.Check(options ?? new LoadCellOptions());
    private readonly List<LoadPlacement> _placements = [];

    public IReadOnlyList<LoadPlacement> Placements => _placements;

    /// <summary>What the placements so far lead to; null without any.</summary>
    public LoadCalibrationResult? Result { get; private set; }

    /// <summary>N, of a placement.</summary>
    public double Force(IReadOnlyList<double> cells) => Signals(cells).Sum();

    /// <summary>Takes what the roller said with the weight at rest on it.</summary>
    /// <param name="samples">Of the cells, N, by their present calibration.</param>
    /// <exception cref="UserException">It moved, or the weight is none.</exception>
    public LoadPlacement Weigh(double kilograms, int? cell, IReadOnlyList<IReadOnlyList<double>> samples)
    {
        if (!(kilograms is > 0 and <= 300))
            throw new UserException("The weight is more than 0 and at most 300 kg.");
        if (samples.Count == 0)
            throw new UserException("Nothing came from the load cells: is the roller connected?");
        var forces = samples.Select(Force).ToArray();
        var mean = forces.Average();
        var spread = Math.Sqrt(forces.Sum(f => (f - mean) * (f - mean)) / forces.Length);
        if (spread > _options.Stillness)
            throw new UserException(FormattableString.Invariant($"The weight moved: the force varied by ± {spread:0.#} N. Let go of it, and try again."));
        var cells = Enumerable.Range(0, samples[0].Count).Select(i => samples.Average(s => s[i])).ToArray();
        return new LoadPlacement(kilograms, cell, cells, spread);
    }

    public void Add(LoadPlacement placement)
    {
        if (_placements.Count > 0 && _placements[0].Cells.Count != placement.Cells.Count)
            throw new ArgumentException("All placements are of the same cells.", nameof(placement));
        _placements.Add(placement);
        Result = Solve();
    }

    /// <summary>Whether the roller, as it is, measures this weight within twice the uncertainty of both.</summary>
    /// <param name="uncertainty">Standard uncertainty of its gains, as a share.</param>
    public bool Agrees(LoadPlacement placement, double uncertainty) =>
        Math.Abs(Force(placement.Cells) - placement.Weight) <= 2 * double.Hypot(Deviation(placement), double.Hypot(uncertainty, _options.WeightUncertainty) * placement.Weight);

    private LoadCalibrationResult Solve()
    {
        var signals = _placements.Select(p => Signals(p.Cells)).ToArray();
        var weights = _placements.Select(p => 1 / (Deviation(p) * Deviation(p))).ToArray();
        var isPerCell = TrySeparate(signals, weights, out var factors, out var uncertainty);
        if (!isPerCell)
            (factors, uncertainty) = InCommon(signals, weights);

        double missed = 0, felt = 0;
        for (var i = 0; i < signals.Length; i++)
        {
            var share = signals[i].Zip(factors, (s, h) => s * h).Sum() / _placements[i].Weight - 1;
            missed += share * share / signals.Length;
            felt = Math.Max(felt, signals[i].Sum() / _placements[i].Weight);
        }
        double? residual = signals.Length > 1 ? Math.Sqrt(missed) : null;
        uncertainty = double.Hypot(uncertainty, _options.WeightUncertainty);
        if (residual is { } r)
            uncertainty = Math.Max(uncertainty, r);

        var verdict =
            !(felt >= _options.LeastFelt) ? LoadVerdict.NoLoad :
            factors.Any(h => !(h <= _options.LargestFactor && h >= 1 / _options.LargestFactor)) ? LoadVerdict.Unlikely :
            residual > _options.LargestResidual ? LoadVerdict.Disagree :
            !(uncertainty <= _options.WantedUncertainty) ? LoadVerdict.TooLight :
            LoadVerdict.Good;
        return new LoadCalibrationResult(isPerCell, ByCell(factors), uncertainty, residual, verdict);
    }

    /// <summary>Standard deviation of the force of one placement, N.</summary>
    private double Deviation(LoadPlacement placement) => double.Hypot(double.Hypot(_options.Repeatability * placement.Weight, _options.Floor), placement.Spread / 10);

    /// <summary>What adds up to the force: a cell, or the length of a pair, N.</summary>
    private double[] Signals(IReadOnlyList<double> cells) => arrangement switch
    {
        LoadArrangement.StrainPairs => [.. Enumerable.Range(0, cells.Count / 2).Select(k => double.Hypot(cells[2 * k], cells[2 * k + 1]))],
        LoadArrangement.Ring => [.. cells.Select(cell => 0.5 * cell)],
        _ => [.. cells],
    };

    private double[] ByCell(double[] factors) =>
        arrangement == LoadArrangement.StrainPairs ? [.. factors.SelectMany(h => (double[])[h, h])] : factors;

    private (double[] Factors, double Uncertainty) InCommon(double[][] signals, double[] weights)
    {
        double sw = 0, ss = 0;
        for (var i = 0; i < signals.Length; i++)
        {
            var sum = signals[i].Sum();
            sw += weights[i] * sum * _placements[i].Weight;
            ss += weights[i] * sum * sum;
        }
        var factor = sw / ss;
        return ([.. signals[0].Select(_ => factor)], 1 / Math.Sqrt(ss) / Math.Abs(factor));
    }

    /// <summary>Each by itself, where the placements tell the cells apart.</summary>
    private bool TrySeparate(double[][] signals, double[] weights, out double[] factors, out double uncertainty)
    {
        (factors, uncertainty) = ([], double.PositiveInfinity);
        var n = signals[0].Length;
        if (n < 2 || signals.Length < n)
            return false;

        // Normal equations, with the identity beside them: what is left there in the end is the covariance.
        var rows = new double[n][];
        for (var i = 0; i < n; i++)
        {
            rows[i] = new double[2 * n + 1];
            rows[i][n + 1 + i] = 1;
            for (var p = 0; p < signals.Length; p++)
            {
                rows[i][n] += weights[p] * signals[p][i] * _placements[p].Weight;
                for (var j = 0; j < n; j++)
                    rows[i][j] += weights[p] * signals[p][i] * signals[p][j];
            }
        }
        if (!Eliminate(rows))
            return false;

        var solved = factors = [.. rows.Select(row => row[n])];
        for (var i = 0; i < n; i++)
            if (!(Math.Sqrt(rows[i][n + 1 + i]) <= _options.SeparableUncertainty * Math.Abs(solved[i])))
                return false;

        // Of the force when the load is where it lay on average.
        var mean = Enumerable.Range(0, n).Select(i => signals.Average(s => s[i])).ToArray();
        var variance = 0.0;
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                variance += mean[i] * rows[i][n + 1 + j] * mean[j];
        uncertainty = Math.Sqrt(Math.Max(0, variance)) / mean.Zip(solved, (s, h) => s * h).Sum();
        return true;
    }

    /// <summary>Gauss–Jordan with the largest pivot of each column.</summary>
    /// <returns>False when the equations leave something open.</returns>
    private static bool Eliminate(double[][] rows)
    {
        for (var column = 0; column < rows.Length; column++)
        {
            var pivot = column;
            for (var i = column + 1; i < rows.Length; i++)
                if (Math.Abs(rows[i][column]) > Math.Abs(rows[pivot][column]))
                    pivot = i;
            if (!(Math.Abs(rows[pivot][column]) > 1e-9))
                return false;
            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            var by = rows[column][column];
            for (var j = 0; j < rows[column].Length; j++)
                rows[column][j] /= by;
            for (var i = 0; i < rows.Length; i++)
                if (i != column && rows[i][column] is var times && times != 0)
                    for (var j = 0; j < rows[i].Length; j++)
                        rows[i][j] -= times * rows[column][j];
        }
        return true;
    }
}

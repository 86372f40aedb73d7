namespace SensorHub.Core.Rolling;

/// <summary>A known weight at rest on a roller, and what the cells said of it.</summary>
/// <param name="Kilograms">The weight, above 0.</param>
/// <param name="Cell">The cell it lay over, from 0; null = in the middle, over all of them.</param>
/// <param name="Cells">Mean force of each cell by the calibration of that time, N.</param>
/// <param name="Spread">Standard deviation of the sum while it was measured, N.</param>
public sealed record LoadPlacement(double Kilograms, int? Cell, IReadOnlyList<double> Cells, double Spread)
{
    /// <summary>Standard gravity, m/s². The true one differs from it by less than 0.3 % anywhere on Earth.</summary>
    public const double Gravity = 9.80665;

    /// <summary>N.</summary>
    public double Weight => Kilograms * Gravity;
}

/// <summary>What a calibration with known weights is worth.</summary>
public enum LoadVerdict : byte
{
    /// <summary>It may be kept.</summary>
    Good = 1,

    /// <summary>The cells hardly felt the weight.</summary>
    NoLoad = 2,

    /// <summary>The gains would change by more than such cells can be wrong: another weight, or not in kilograms.</summary>
    Unlikely = 3,

    /// <summary>The weight was too light for a gain as certain as wanted.</summary>
    TooLight = 4,

    /// <summary>The placements contradict one another by more than they may.</summary>
    Disagree = 5,
}

/// <summary>New gains of the load cells of a roller, by known weights.</summary>
/// <param name="IsPerCell">Each gain was found by itself; false = only their sum could be seen, and all were scaled by the same factor.</param>
/// <param name="Factors">Of each cell: its new gain, of the old.</param>
/// <param name="Uncertainty">Standard uncertainty of the force afterwards, as a share of it.</param>
/// <param name="Residual">Root mean square of what the placements still miss, as a share of the weight; null of a single one.</param>
public sealed record LoadCalibrationResult(bool IsPerCell, IReadOnlyList<double> Factors, double Uncertainty, double? Residual, LoadVerdict Verdict);

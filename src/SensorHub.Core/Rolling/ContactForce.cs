using SensorHub.Core.Protocol;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>From the load cells to the force between body and roller, and to the mean contact pressure.</summary>
internal sealed class ContactForce(RollerGeometry roller, RollingOptions options)
{
    private readonly (double Area, double Uncertainty, double Force) _contact = roller.Firm
        ? (options.FirmArea, options.FirmAreaUncertainty, options.FirmForce)
        : (options.SoftArea, options.SoftAreaUncertainty, options.SoftForce);

    /// <param name="cells">N, one a cell.</param>
    /// <returns>N.</returns>
    public Measured Force(IReadOnlyList<double> cells)
    {
        var (force, share) = roller.Arrangement switch
        {
            LoadArrangement.Ring => (0.5 * cells.Sum(), options.RingUncertainty),
            LoadArrangement.StrainPairs => (cells.Chunk(2).Sum(pair => double.Hypot(pair[0], pair.Length > 1 ? pair[1] : 0)), options.StrainPairsUncertainty),
            LoadArrangement.Bladder => (cells.Sum(), options.BladderUncertainty),
            _ => (cells.Sum(), options.DirectUncertainty),
        };
        return new Measured(force, double.Hypot(share * force, options.ForceFloor));
    }

    /// <summary>
    /// P̄ = F/A with A = A_ref · (F/F_ref)^n and (u_P/P)² = (u_F/F)² + (u_A/A)². The area differs between people and is by far
    /// the larger part: (u_A/A)² = (u_Aref/A_ref)² + (n · u_Fref/F_ref)² + (ln(F/F_ref) · u_n)².
    /// </summary>
    /// <param name="force">N.</param>
    /// <returns>kPa; zero without force.</returns>
    public Measured Pressure(Measured force)
    {
        if (force.Value <= 0)
            return default;
        var ratio = force.Value / _contact.Force;
        var area = _contact.Area * Math.Pow(ratio, options.AreaExponent);
        var pressure = force.Value / area * 10; // N/cm² = 10 kPa
        var relative = Math.Sqrt(
            Square(force.StandardUncertainty / force.Value)
            + Square(_contact.Uncertainty)
            + Square(options.AreaExponent * options.ReferenceForceUncertainty)
            + Square(Math.Log(ratio) * options.AreaExponentUncertainty));
        return new Measured(pressure, relative * pressure);

        static double Square(double x) => x * x;
    }
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The mean contact pressure from the force: P̄ = F/A with A = A_ref · (F/F_ref)^n and (u_P/P)² = (u_F/F)² + (u_A/A)². The area
/// differs between people and is by far the larger part: (u_A/A)² = (u_Aref/A_ref)² + (n · u_Fref/F_ref)² + (ln(F/F_ref) · u_n)².
/// </summary>
internal sealed class ContactPressure(bool firm, RollingOptions options)
{
    private readonly (double Area, double Uncertainty, double Force) _contact = firm
        ? (options.FirmArea, options.FirmAreaUncertainty, options.FirmForce)
        : (options.SoftArea, options.SoftAreaUncertainty, options.SoftForce);

    /// <param name="force">N.</param>
    /// <returns>kPa; zero without force.</returns>
    public Measured Of(Measured force)
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

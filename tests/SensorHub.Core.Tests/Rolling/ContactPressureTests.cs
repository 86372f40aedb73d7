using SensorHub.Core.Rolling;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class ContactPressureTests
{
    [Fact]
    public void At_the_force_of_the_study_the_pressure_is_that_of_the_study()
    {
        // PMID 19160916: 51.8 kPa on a rigid roller, 33.4 kPa on soft foam.
        Assert.Equal(51.8, Pressure(firm: true).Of(new Measured(243, 7)).Value, 0.2);
        Assert.Equal(33.4, Pressure(firm: false).Of(new Measured(227, 7)).Value, 0.2);
    }

    [Theory]
    [InlineData(true, 80)]
    [InlineData(true, 250)]
    [InlineData(false, 80)]
    [InlineData(false, 250)]
    public void Its_uncertainty_is_36_to_41_per_cent(bool firm, double force)
    {
        var pressure = Pressure(firm).Of(new Measured(force, 0.03 * force));

        Assert.InRange(pressure.StandardUncertainty / pressure.Value, 0.355, 0.41);
    }

    [Fact]
    public void Without_force_there_is_no_pressure() => Assert.Equal(0, Pressure(firm: true).Of(new Measured(0, 2)).Value);

    private static ContactPressure Pressure(bool firm) => new(firm, new RollingOptions());
}

using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class ContactForceTests
{
    [Theory]
    [InlineData(LoadArrangement.Direct, 100)]
    [InlineData(LoadArrangement.Bladder, 100)]
    [InlineData(LoadArrangement.Ring, 50)]
    [InlineData(LoadArrangement.StrainPairs, 50 + 50)]
    public void Cells_add_up_as_they_are_arranged(LoadArrangement arrangement, double expected)
    {
        double[] cells = arrangement == LoadArrangement.StrainPairs ? [30, 40, -40, 30] : [30, 40, 20, 10];

        Assert.Equal(expected, Force(firm: true, arrangement).Force(cells).Value, 1e-9);
    }

    [Fact]
    public void At_the_force_of_the_study_the_pressure_is_that_of_the_study()
    {
        // PMID 19160916: 51.8 kPa on a rigid roller, 33.4 kPa on soft foam.
        Assert.Equal(51.8, Force(firm: true).Pressure(new Measured(243, 7)).Value, 0.2);
        Assert.Equal(33.4, Force(firm: false).Pressure(new Measured(227, 7)).Value, 0.2);
    }

    [Theory]
    [InlineData(true, 80)]
    [InlineData(true, 250)]
    [InlineData(false, 80)]
    [InlineData(false, 250)]
    public void Its_uncertainty_is_36_to_41_per_cent(bool firm, double force)
    {
        var contact = Force(firm);
        var pressure = contact.Pressure(contact.Force([force]));

        Assert.InRange(pressure.StandardUncertainty / pressure.Value, 0.355, 0.41);
    }

    [Fact]
    public void Without_force_there_is_no_pressure() => Assert.Equal(0, Force(firm: true).Pressure(new Measured(-1, 2)).Value);

    private static ContactForce Force(bool firm, LoadArrangement arrangement = LoadArrangement.Direct) =>
        new(new RollerGeometry(0.05f, 0.3f, firm, arrangement), new RollingOptions());
}

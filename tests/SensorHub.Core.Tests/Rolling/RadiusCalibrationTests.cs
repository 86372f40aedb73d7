using CsCheck;
using SensorHub.Core.Rolling;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class RadiusCalibrationTests
{
    private static readonly Slug Roller = Slug.Parse("roller");

    [Fact]
    public void Five_turns_against_a_tape_give_the_radius_to_a_few_thousandths() =>
        Gen.Double[0.03, 0.1].Sample(radius =>
        {
            var angle = 10 * Math.PI;
            var found = RadiusCalibration.FromDistance(Roller, default, new Measured(radius * angle, 0.002), new Measured(-angle, double.DegreesToRadians(2))).Radius;
            return Math.Abs(found.Value - radius) < 1e-12 && found.StandardUncertainty / radius < 0.003;
        });

    [Theory]
    [InlineData(0.2, 0.5, "it turned 0.5 times")]
    [InlineData(229, 5, "Is the distance in metres?")]
    public void Too_few_turns_and_impossible_radii_are_refused_in_a_line(double distance, double turns, string why)
    {
        var e = Assert.Throws<UserException>(() =>
            RadiusCalibration.FromDistance(Roller, default, new Measured(distance, 0.002), new Measured(2 * Math.PI * turns, 0.03)));

        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }
}

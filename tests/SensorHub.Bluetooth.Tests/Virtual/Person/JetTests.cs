using CsCheck;
using SensorHub.Bluetooth.Virtual.Person;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

public sealed class JetTests
{
    [Fact]
    public void Sums_products_sines_and_cosines_carry_their_derivatives() =>
        Gen.Double[-3, 3].Sample(t =>
        {
            Derivatives.Check(t => Jet.Sin(A(t)) * Jet.Cos(B(t)) + 2 * A(t) - B(t), t);

            static Jet A(double t) => new(0.4 * t * t - t, 0.8 * t - 1, 0.8);
            static Jet B(double t) => new(Math.Exp(0.5 * t), 0.5 * Math.Exp(0.5 * t), 0.25 * Math.Exp(0.5 * t));
        });

    [Fact]
    public void Sway_has_the_root_mean_square_asked_for_and_comes_from_its_seed()
    {
        var sway = new Sway(new Random(3), rms: 0.2, 0.05, 0.4);
        var sum = 0.0;
        for (var i = 0; i < 100_000; i++)
            sum += Math.Pow(sway.At(0.1 * i).Value, 2);
        Assert.Equal(0.2, Math.Sqrt(sum / 100_000), 0.01);
        Derivatives.Check(sway.At, 12.3);
        Assert.Equal(sway.At(7), new Sway(new Random(3), 0.2, 0.05, 0.4).At(7));
        Assert.NotEqual(sway.At(7), new Sway(new Random(4), 0.2, 0.05, 0.4).At(7));
    }
}

using CsCheck;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Units;

public class AngleTests
{
    private static readonly Gen<double> Degrees = Gen.Double[-100_000, 100_000];

    [Fact]
    public void Degrees_come_back_as_they_went_in() =>
        Degrees.Sample(d => Math.Abs(Angle.FromDegrees(d).Degrees - d) <= 1e-15 * Math.Abs(d) * 4);

    [Fact]
    public void Wrapped_lies_in_half_open_turn_and_differs_by_whole_turns() =>
        Degrees.Sample(d =>
        {
            var wrapped = Angle.FromDegrees(d).Wrapped().Degrees;
            var turns = (d - wrapped) / 360;
            return wrapped is > -180 and <= 180 && Math.Abs(turns - Math.Round(turns)) < 1e-9;
        });

    [Fact]
    public void Half_a_turn_wraps_to_plus_180() => Assert.Equal(180, Angle.FromDegrees(-180).Wrapped().Degrees, 1e-12);

    [Fact]
    public void Sums_and_order_are_those_of_the_numbers() =>
        Gen.Select(Degrees, Degrees).Sample((a, b) =>
        {
            var (x, y) = (Angle.FromDegrees(a), Angle.FromDegrees(b));
            return Math.Abs((x + y).Degrees - (a + b)) < 1e-9 && Math.Abs((x - y).Degrees - (a - b)) < 1e-9
                && x < y == x.Radians < y.Radians && x.CompareTo(y) == x.Radians.CompareTo(y.Radians);
        });
}

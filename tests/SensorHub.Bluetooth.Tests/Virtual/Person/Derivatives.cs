using SensorHub.Bluetooth.Virtual.Person;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

internal static class Derivatives
{
    /// <summary>s. Small, because the jerk jumps where a move begins.</summary>
    private const double H = 1e-6;

    /// <summary>Holds a jet's rate and acceleration against central differences of its value and rate.</summary>
    public static void Check(Func<double, Jet> jet, double t)
    {
        Assert.Equal((jet(t + H).Value - jet(t - H).Value) / (2 * H), jet(t).Rate, 1e-4);
        Assert.Equal((jet(t + H).Rate - jet(t - H).Rate) / (2 * H), jet(t).Acceleration, 0.05);
    }
}

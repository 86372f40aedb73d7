using SensorHub.Core.Sessions;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The force that people usually rest on a roller under a muscle: body weight × a published share, with the spread between
/// people. An assumption about somebody who was not measured: it says neither how hard this person presses nor when.
/// </summary>
internal static class ModelledForce
{
    private const double Gravity = 9.80665;

    /// <param name="muscle">None has no model.</param>
    /// <param name="bodyMass">kg.</param>
    /// <param name="options">Of rolling.</param>
    /// <returns>N; null without a muscle or a mass.</returns>
    public static Measured? Of(Muscle muscle, double? bodyMass, RollingOptions options)
    {
        if (bodyMass is not { } mass || muscle == Muscle.None)
            return null;
        var (share, uncertainty) = muscle switch
        {
            Muscle.Calf => (options.CalfShare, options.MeasuredShareUncertainty),
            Muscle.Quadriceps => (options.ThighShare, options.MeasuredShareUncertainty),
            _ => (options.OtherShare, options.OtherShareUncertainty),
        };
        var weight = mass * Gravity / 100;
        return new Measured(share * weight, uncertainty * weight);
    }
}

using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// The radius that one roller rolls on, found with a tape: press it as in use, turn it some times, and measure how far it
/// went. It replaces the assumption R_b = R₀ · (1 − 0.03 ± 0.03).
/// </summary>
/// <param name="Roller">Its serial slug.</param>
/// <param name="Time">When it was measured.</param>
/// <param name="Radius">m.</param>
public sealed record RadiusCalibration(Slug Roller, Timestamp Time, Measured Radius)
{
    /// <summary>Radius from a rolled distance: R = d / φ, (u_R/R)² = (u_d/d)² + (u_φ/φ)².</summary>
    /// <param name="roller">Which.</param>
    /// <param name="time">When.</param>
    /// <param name="distance">By the tape, m. Its uncertainty: reading both ends, about 2 mm.</param>
    /// <param name="angle">Turned, rad: five turns = 10π. Its uncertainty: judging the mark at both ends by eye, about 2°, or that of the roll angle.</param>
    /// <exception cref="UserException">Less than one turn, or a radius that no roller has.</exception>
    public static RadiusCalibration FromDistance(Slug roller, Timestamp time, Measured distance, Measured angle)
    {
        var turns = Math.Abs(angle.Value) / (2 * Math.PI);
        if (!(turns >= 1))
            throw new UserException(FormattableString.Invariant($"Radius of {roller}: it turned {turns:0.##} times; five turns are needed for a good radius, and one at least."));
        var radius = Math.Abs(distance.Value / angle.Value);
        if (!(radius is >= 0.01 and <= 0.3))
            throw new UserException(FormattableString.Invariant($"Radius of {roller}: {distance.Value} m in {turns:0.##} turns make a radius of {100 * radius:0.#} cm; it takes 1 to 30 cm. Is the distance in metres?"));
        return new RadiusCalibration(roller, time, new Measured(
            radius, radius * double.Hypot(distance.StandardUncertainty / distance.Value, angle.StandardUncertainty / angle.Value)));
    }
}

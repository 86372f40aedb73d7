namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>A posture at rest.</summary>
/// <param name="Pelvis">Inclination of the lower element's place (S1/S2), °, forward positive.</param>
/// <param name="Upper">Inclination of the upper element's place (T12/L1), °, forward positive.</param>
/// <param name="HipHeight">m above the floor.</param>
/// <param name="Lateral">Lean to the right, °; 90 = lying on the right side.</param>
public sealed record BodyPosture(double Pelvis, double Upper, double HipHeight, double Lateral = 0)
{
    /// <summary>°, arched positive.</summary>
    public double Lordosis => Pelvis - Upper;
}

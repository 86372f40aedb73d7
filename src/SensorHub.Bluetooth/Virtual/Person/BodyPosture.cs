namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>A posture at rest, in the sagittal plane.</summary>
/// <param name="Pelvis">Inclination of the lower element's place (S1/S2), °, forward positive.</param>
/// <param name="Upper">Inclination of the upper element's place (T12/L1), °, forward positive.</param>
/// <param name="HipHeight">m above the floor.</param>
internal sealed record BodyPosture(double Pelvis, double Upper, double HipHeight)
{
    // Lordosis 31°. Skin inclinometry: 31.6 ± 10.0°, sacrum 17.8° (men) to 23.0° (women); doi 10.1155/2016/3817270.
    public static readonly BodyPosture Standing = new(20, -11, 0.92);

    // Lordosis 8°. Skin inclinometry, sitting: 5.8 ± 9°, sacrum 3.8°; Advances in Rehabilitation 30:29 (2016).
    public static readonly BodyPosture Sitting = new(5, -3, 0.50);

    public static readonly BodyPosture Slouching = new(-12, 4, 0.49);

    public static readonly BodyPosture LongSitting = new(-20, -24, 0.10);
}

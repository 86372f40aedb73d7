namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>The body of a virtual person: its postures, and how it moves in them. The defaults are a typical one.</summary>
public sealed record Body
{
    /// <summary>kg.</summary>
    public double Mass { get; init; } = 72;

    /// <summary>Lordosis 31°. Skin inclinometry: 31.6 ± 10.0°, sacrum 17.8° (men) to 23.0° (women); doi 10.1155/2016/3817270.</summary>
    public BodyPosture Standing { get; init; } = new(20, -11, 0.92);

    /// <summary>Lordosis 8°. Skin inclinometry, sitting: 5.8 ± 9°, sacrum 3.8°; Advances in Rehabilitation 30:29 (2016).</summary>
    public BodyPosture Sitting { get; init; } = new(5, -3, 0.50);

    public BodyPosture Slouching { get; init; } = new(-12, 4, 0.49);

    public BodyPosture LongSitting { get; init; } = new(-20, -24, 0.10);

    /// <summary>On the floor, with the arch that remains without weight on it.</summary>
    public BodyPosture Supine { get; init; } = new(-82, -98, 0.12);

    public BodyPosture Prone { get; init; } = new(102, 80, 0.12);

    /// <summary>On the right side; the left one is its mirror image.</summary>
    public BodyPosture OnTheSide { get; init; } = new(12, 0, 0.16, Lateral: 86);

    /// <summary>Slow sway of pelvis and of thorax, each: root mean square, °.</summary>
    public double Sway { get; init; } = 0.2;

    /// <summary>Slower wandering of the posture of pelvis and of thorax, each: root mean square, °.</summary>
    public double Drift { get; init; }

    /// <summary>The thoracolumbar junction as the chest rises and falls: root mean square, °.</summary>
    public double Breathing { get; init; } = 0.3;

    /// <summary>How much faster than usual changes of posture are; 1 = usual.</summary>
    public double Pace { get; init; } = 1;

    public Gait Gait { get; init; } = new();
}

/// <summary>
/// How a body walks, as its trunk shows it. Amplitudes are of the sacrum; the thoracolumbar junction leans and bends nearly
/// as much and turns about the vertical a little over half as much, the other way, as in the recordings in ../shared/data/lumbar.
/// </summary>
public sealed record Gait
{
    /// <summary>Strides (two steps) a second.</summary>
    public double StrideRate { get; init; } = 0.9;

    /// <summary>m/s on the way.</summary>
    public double Speed { get; init; } = 1.1;

    /// <summary>Forward lean beside that of standing, °.</summary>
    public double Lean { get; init; } = 3;

    /// <summary>Forward and back, twice a stride, °.</summary>
    public double Tilt { get; init; } = 2;

    /// <summary>Up and down of the pelvis' sides, once a stride, °.</summary>
    public double Obliquity { get; init; } = 4;

    /// <summary>About the vertical, once a stride, °.</summary>
    public double Turn { get; init; } = 5;

    /// <summary>Up and down, twice a stride: peak acceleration, m/s².</summary>
    public double Bounce { get; init; } = 2.2;

    /// <summary>What the heel's strike adds, in higher harmonics of the step: peak acceleration, m/s².</summary>
    public double HeelStrike { get; init; } = 3;
}

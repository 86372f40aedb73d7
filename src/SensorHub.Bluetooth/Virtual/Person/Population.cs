using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// The distributions that simulated people are drawn from. They come from publications about people and sensors where
/// there are any, and otherwise from what is plausible; none from what the estimators can do. Each part has random
/// numbers of its own, so that a change of one leaves the others as they were.
/// </summary>
internal static class Population
{
    public static PersonTraits Draw(int seed) => new()
    {
        Body = DrawBody(Noise.Fork(seed, "body")),
        Habits = DrawHabits(Noise.Fork(seed, "habits")),
        Wearing = DrawWearing(Noise.Fork(seed, "wearing")),
        Clip = DrawClip(Noise.Fork(seed, "clip build")),
        Roller = DrawRoller(Noise.Fork(seed, "roller build")),
    };

    private static Body DrawBody(Random random)
    {
        // Skin inclinometry, standing: lumbar curve men 28.4°, women 34.2°, SD 10°; sacrum 17.8° and 23.0° (doi 10.1155/2016/3817270), SD 8°
        // (Adv Rehab 30:29). Pelvic incidence ties the two together: r about 0.7.
        var woman = random.NextDouble() < 0.5;
        var shape = random.NextGaussian();
        var curve = Math.Clamp((woman ? 34.2 : 28.4) + 9.5 * shape, 10, 60);
        var sacrum = Math.Clamp((woman ? 23.0 : 17.8) + 8 * (0.7 * shape + 0.71 * random.NextGaussian()), 0, 45);

        // Sitting: lumbar curve 5.8 ± 9° from 32 ± 11°, sacrum 3.8° from 19 ± 8° (Adv Rehab 30:29); within a person the two are correlated.
        var sitting = (Pelvis: sacrum - random.Normal(15.2, 5, 2), Curve: curve - random.Normal(26.2, 7, 2));
        var slouching = (Pelvis: sitting.Pelvis - random.Normal(17, 4, 1.7), Curve: sitting.Curve - random.Normal(22, 5, 1.7));

        var height = random.Normal(1, 0.05, 2);
        return new Body
        {
            Mass = woman ? random.Normal(66, 11, 2) : random.Normal(80, 12, 2),
            Standing = new(sacrum, sacrum - curve, 0.92 * height),
            Sitting = new(sitting.Pelvis, sitting.Pelvis - sitting.Curve, 0.50 * random.Normal(1, 0.05, 2)),
            Slouching = new(slouching.Pelvis, slouching.Pelvis - slouching.Curve, 0.49),
            LongSitting = new(random.Normal(-20, 6, 2), random.Normal(-24, 6, 2), 0.10),
            Supine = new(random.Normal(-82, 4, 2), random.Normal(-98, 4, 2), 0.12),
            Prone = new(random.Normal(102, 4, 2), random.Normal(80, 4, 2), 0.12),
            OnTheSide = new(random.Normal(12, 10, 2), random.Normal(0, 10, 2), 0.16, Lateral: random.Normal(86, 6, 1.5)),

            // Quiet standing drifts by about 3° within a minute (J Biomech 114:110149); quicker sway turns a recorded back by 0.3 to
            // 0.7 °/s, root mean square (../shared/data/lumbar).
            Drift = random.Between(0.3, 1.0),
            Sway = random.Between(0.1, 0.3),
            Breathing = random.Between(0.1, 0.4),
            Pace = Math.Exp(random.Normal(0, 0.15, 2)),

            // So that angular rates and accelerations span those of the walks in ../shared/data/lower_back and lumbar: 25 to 50 °/s
            // and 1.2 to 4.2 m/s², root mean square.
            Gait = new()
            {
                StrideRate = random.Normal(0.92, 0.07, 2),
                Speed = random.Normal(1.2, 0.15, 2),
                Lean = random.Normal(3, 1.5, 2),
                Tilt = random.Between(1, 3),
                Obliquity = random.Between(3, 6),
                Turn = random.Between(4, 9),
                Bounce = random.Between(1.2, 3.5),
                HeelStrike = random.Between(1.5, 6),
            },
        };
    }

    private static Habits DrawHabits(Random random) => new()
    {
        // No back pain: trunk 111°, lumbar 52°, pelvis 59° (PMC6339318).
        BendDepth = random.Normal(1, 0.1, 2),
        LumbarShare = random.Normal(0, 0.08, 2),
        LumbarLead = random.Between(0, 0.2),
        LumbarRange = random.Normal(52, 8, 2),
        BendTime = random.Between(0.8, 1.4),
        Side = random.NextDouble() switch { < 0.35 => LyingOn.Right, < 0.7 => LyingOn.Left, _ => LyingOn.Front },

        // Self-chosen 33 ± 10 strokes a minute (doi 10.52082/jssm.2024.684), recommended 2 to 4 s each (PMID 33105383): 1.5 to 4.2 s.
        MoreStrokes = random.Next(-4, 7),
        StrokeTime = random.Between(0.5, 1.4),
        StrokeLength = random.Between(0.6, 1.3),

        // 15 to 40 % of body weight: calf and front thigh 34 and 32 % (PMC6359537), hamstrings 127.5 N (PMC3679629).
        Force = random.Between(0.65, 1.75),
        Rolling = new(
            ForceGradient: random.Between(-0.1, 0.35), Unsteadiness: random.Between(0.02, 0.1), Slip: Math.Abs(random.Normal(0, 0.03, 2.5)),
            TurnPause: random.Between(0, 0.6), Unevenness: random.Between(0, 0.25)),
    };

    /// <summary>
    /// Sensors at T12 and S2 against optical markers: 1.3 to 1.8° of lumbar flexion over bends (doi 10.1186/s12891-017-1489-1,
    /// 10.1186/s12891-022-05866-w), most of it skin: 3 % of the flexion for each element, and the creep of tape, make 1.8° over 50° of it.
    /// </summary>
    private static Wearing DrawWearing(Random random) => new()
    {
        Slope = (random.Normal(0, 4, 2.5), random.Normal(0, 4, 2.5)),
        Slide = (random.Normal(0, 0.03, 2.5), random.Normal(0, 0.03, 2.5)),
        Creep = 0.7,
    };

    private static ClipBuild DrawClip(Random random)
    {
        // Most are put on as they should; some upside down, sideways or back to front, both elements alike or one of them.
        var turned = random.NextDouble() switch
        {
            < 0.78 => Rotation.Identity,
            < 0.84 => Turned(Vector3D.UnitZ, 180),
            < 0.89 => Turned(Vector3D.UnitZ, 90),
            < 0.94 => Turned(Vector3D.UnitZ, -90),
            _ => Turned(Vector3D.UnitX, 180),
        };
        var (lower, upper) = random.NextDouble() switch { < 0.6 => (turned, turned), < 0.8 => (turned, Rotation.Identity), _ => (Rotation.Identity, turned) };
        return new() { Lower = DrawImu(random, lower * Askew(random)), Upper = DrawImu(random, upper * Askew(random)) };
    }

    /// <summary>About the skin's normal and about the spine, up to 10° each; the slope along the spine is the body's (<see cref="Wearing.Slope"/>).</summary>
    private static Rotation Askew(Random random) =>
        Turned(Vector3D.UnitZ, random.Normal(0, 4, 2.5)) * Turned(Vector3D.UnitX, random.Normal(0, 4, 2.5));

    private static Rotation Turned(Vector3D axis, double degrees) => Rotation.FromAxisAngle(axis, Angle.FromDegrees(degrees));

    /// <summary>
    /// A consumer MEMS IMU, not calibrated by its owner: bias up to 1 °/s on each axis and 10 mg, 0.3 to 1 % of scale, a
    /// bias that moves by 0.03 °/s per °C over 6 °C, noise from half to three times the 0.007 dps/√Hz of data sheets.
    /// </summary>
    private static ImuErrors DrawImu(Random random, Rotation mounting)
    {
        var scale = random.Between(0.003, 0.01);
        var noise = random.Between(0.5, 3);
        return new(
            ForceBias: ImuErrors.Gaussian(random, 0.010 * 9.80665),
            RateBias: double.DegreesToRadians(1) * new Vector3D(random.Between(-1, 1), random.Between(-1, 1), random.Between(-1, 1)),
            RateBiasDrift: ImuErrors.Gaussian(random, double.DegreesToRadians(0.3)),
            ForceScale: new Vector3D(1, 1, 1) + ImuErrors.Gaussian(random, 0.003),
            RateScale: new Vector3D(1, 1, 1) + ImuErrors.Gaussian(random, scale),
            Mounting: mounting,
            ForceNoise: noise * 130e-6 * 9.80665 * Math.Sqrt(50),
            RateNoise: noise * double.DegreesToRadians(0.007) * Math.Sqrt(50))
        {
            RateBiasWarming = ImuErrors.Gaussian(random, double.DegreesToRadians(6 * 0.03)),
        };
    }

    private static RollerBuild DrawRoller(Random random)
    {
        var (arrangement, cells) = random.NextDouble() switch
        {
            < 0.40 => (LoadArrangement.Direct, 4),
            < 0.55 => (LoadArrangement.Bladder, 1),
            < 0.70 => (LoadArrangement.Ring, 8),
            < 0.85 => (LoadArrangement.StrainPairs, 4),
            _ => (LoadArrangement.None, 0),
        };
        var core = Rotation.FromRotationVector(ImuErrors.Gaussian(random, double.DegreesToRadians(2)));
        var along = random.NextDouble() switch // the axis of the roller in the IMU's frame: Y as it should, or another
        {
            < 0.7 => Rotation.Identity,
            < 0.8 => Turned(Vector3D.UnitX, 180),
            < 0.9 => Turned(Vector3D.UnitX, 90),
            _ => Turned(Vector3D.UnitZ, -90),
        };
        return new()
        {
            Geometry = new(Radius: random.Next(3) switch { 0 => 0.05f, 1 => 0.065f, _ => 0.075f }, Length: 0.33f, Firm: random.NextDouble() < 0.5, arrangement),
            Cells = cells,
            RadiusReduction = random.Normal(0.03, 0.03, 2.5),
            Imu = DrawImu(random, core * along),
            Load = DrawLoad(random, arrangement, cells),
        };
    }

    /// <summary>
    /// Standard deviations of gains (common to the cells, and of each), zeros, noise, creep, curve and wander. Load cells calibrated at home with
    /// a known mass; a bladder whose area changes with its shape; force-sensing resistors, ±5 to ±25 % by their maker (Interlink, FSR
    /// integration guide); strain gauges on a tube, whose bending depends on where the body lies.
    /// </summary>
    private static LoadErrors DrawLoad(Random random, LoadArrangement arrangement, int cells)
    {
        var (common, own, zero, noise, creep, curve, wander) = arrangement switch
        {
            LoadArrangement.Bladder => (0.08, 0.0, 2.0, 0.5, 0.01, 0.05, 0.03),
            LoadArrangement.Ring => (0.10, 0.15, 1.0, 0.5, 0.04, 0.0, 0.03),
            LoadArrangement.StrainPairs => (0.05, 0.03, 1.0, 0.5, 0.01, 0.0, 0.05),
            _ => (0.02, 0.015, 0.8, 0.3, 0.01, 0.0, 0.015),
        };
        var (gain, shares) = (1 + random.Normal(0, common, 2.5), LoadErrors.Draw(random, Math.Max(cells, 1)).Shares);
        return new LoadErrors(
            shares,
            [.. Enumerable.Range(0, cells).Select(_ => gain * (1 + random.Normal(0, own, 2.5)))],
            [.. Enumerable.Range(0, cells).Select(_ => random.Normal(0, zero, 2.5))],
            noise)
        {
            Creep = Math.Abs(random.Normal(0, creep, 2.5)),
            Curve = random.Normal(0, curve, 2.5),
            Wander = wander,
        };
    }

    private static double Between(this Random random, double lowest, double highest) => lowest + (highest - lowest) * random.NextDouble();

    /// <param name="limit">How many standard deviations from the mean it may be: what lies further out is drawn again.</param>
    private static double Normal(this Random random, double mean, double deviation, double limit)
    {
        double z;
        do
            z = random.NextGaussian();
        while (Math.Abs(z) > limit);
        return mean + deviation * z;
    }
}

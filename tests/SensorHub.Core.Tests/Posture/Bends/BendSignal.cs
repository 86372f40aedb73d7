using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Posture.Bends;

/// <summary>A person who bends, as 25 estimates a second, and what a detector says of them.</summary>
internal sealed class BendSignal(BendOptions? options = null)
{
    private readonly Random _random = new(1);
    private readonly BendDetector _detector = new(Clip, options);
    private long _milliseconds;
    private double _trunk;

    public static Slug Clip { get; } = Slug.Parse("clip");

    public List<Feature> Features { get; } = [];

    public IEnumerable<BendRepetition> Repetitions => Features.OfType<BendRepetition>();

    public IEnumerable<Cue> Cues => Features.OfType<Cue>();

    public Timestamp Now => new(_milliseconds * 1_000_000);

    /// <summary>L/T of what follows, as a function of T in degrees.</summary>
    public Func<double, double> Share { get; set; } = _ => 0.5;

    /// <summary>Standard deviation of the noise of T and P, °.</summary>
    public double Noise { get; set; }

    /// <summary>Of an inclination, °.</summary>
    public double Uncertainty { get; set; } = 1.5;

    /// <summary>No estimates while this holds.</summary>
    public bool Lost { get; set; }

    public bool OneElement { get; set; }

    /// <summary>What the estimates say; null = bending from 30° of the trunk on, standing below 20°.</summary>
    public Phase? Phase { get; set; }

    public double PelvisOffset { get; set; }

    public void Mark(Marker marker) => Features.AddRange(_detector.Mark(Now, marker));

    /// <summary>The trunk goes to this inclination along a minimum-jerk curve.</summary>
    public BendSignal MoveTo(double degrees, double seconds)
    {
        var (from, start) = (_trunk, _milliseconds);
        for (; _milliseconds - start < seconds * 1000; _milliseconds += 40)
        {
            var s = (_milliseconds - start) / (seconds * 1000);
            Say(from + (degrees - from) * s * s * s * (10 + s * (-15 + 6 * s)));
        }
        _trunk = degrees;
        return this;
    }

    public BendSignal Hold(double seconds) => MoveTo(_trunk, seconds);

    /// <summary>Down, a hold and up again, with a second of standing after it.</summary>
    public BendSignal Bend(double degrees = 80, double down = 3, double hold = 2, double up = 3) =>
        MoveTo(degrees, down).Hold(hold).MoveTo(0, up).Hold(1.2);

    private void Say(double trunk)
    {
        if (Lost)
            return;
        var t = trunk + Noise * Gaussian();
        var p = trunk * (1 - Share(trunk)) + PelvisOffset + Noise * Gaussian();
        Features.AddRange(_detector.Update(new PostureEstimate
        {
            Time = Now,
            Sensor = Clip,
            PelvicRotation = new Measured(p, Uncertainty),
            TrunkRotation = OneElement ? null : new Measured(t, Uncertainty),
            LordosisChange = OneElement ? null : new Measured(p - t, Math.Sqrt(2) * Uncertainty),
            Phase = Phase ?? (trunk >= 30 ? Core.Posture.Phase.Bending : Core.Posture.Phase.Standing),
            Method = "two-element-gravity",
            Quality = Quality.Good,
            Calibration = "1",
        }));
    }

    private double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}

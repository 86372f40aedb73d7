using SensorHub.Core.Posture;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Sessions.Guided;

/// <summary>Estimates of a clip on somebody who does what is written down here, 25 a second, with sway and noise drawn from a seed.</summary>
internal sealed class Performance(int seed = 1)
{
    public const double StandPelvis = 20;
    public const double StandUpper = -11;
    private static readonly Slug Clip = Slug.Parse("clip");

    private readonly Random _random = new(seed);
    private readonly List<PostureEstimate> _estimates = [];
    private Timestamp _now = Timestamp.Parse("2026-01-05T09:00:00Z");
    private double _pelvisShift;

    public IReadOnlyList<PostureEstimate> Estimates => _estimates;

    public Timestamp Now => _now;

    public Slug Attachment { get; set; } = Slug.Parse("morning");

    public string? Calibration { get; set; } = "1a";

    /// <summary>Standard deviation of the noise of an inclination, °.</summary>
    public double Noise { get; init; } = 0.2;

    public Quality Quality { get; set; } = Quality.Good;

    /// <summary>Stands; <paramref name="fidget"/> is the size of a swaying to and fro, °.</summary>
    public Performance Stand(double seconds, double fidget = 0)
    {
        // From stand to stand people differ by a degree.
        _pelvisShift = Normal();
        return Hold(seconds, StandPelvis + _pelvisShift, StandUpper, Phase.Standing, fidget);
    }

    /// <summary>Stands, and the phase says sitting, as after getting up unseen.</summary>
    public Performance StandUnseen(double seconds) => Hold(seconds, StandPelvis, StandUpper, Phase.Sitting);

    public Performance Sit(double seconds) => Hold(seconds, 5, -3, Phase.Sitting);

    public Performance Slouch(double seconds) => Hold(seconds, -12, 4, Phase.Slouching);

    public Performance Roll(double seconds) => Hold(seconds, -20, -24, Phase.Rolling);

    public Performance Walk(double seconds) => Hold(seconds, StandPelvis, StandUpper, Phase.Walking, fidget: 4);

    /// <summary>Lies with the clip on the shin: one element, level.</summary>
    public Performance Lie(double seconds) => Shin(seconds, _ => 90);

    /// <summary>Raises the leg by so many degrees and lowers it.</summary>
    public Performance RaiseLeg(double degrees) => Shin(7, t => 90 - degrees * Way(t, 2, 3, 2)).Lie(1);

    /// <summary>Nothing is heard.</summary>
    public Performance Gap(double seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    public Performance Bend(double trunk = 75, double lumbarShare = 0.6, double down = 3, double hold = 2, double up = 3, double pause = 1.5)
    {
        // No two bends end at the same place.
        var (start, further) = (_now, Normal());
        while (_now - start < TimeSpan.FromSeconds(down + hold + up + pause))
        {
            var way = Way((_now - start).TotalSeconds, down, hold, up);
            Add(StandPelvis + _pelvisShift * (1 - way) + ((1 - lumbarShare) * trunk + further) * way, StandUpper + trunk * way, trunk * way > 30 ? Phase.Bending : Phase.Standing);
        }
        return this;
    }

    /// <summary>A run of the protocol.</summary>
    public Performance Run(double trunk = 75, double lumbarShare = 0.6) =>
        Stand(11).Stand(11).Stand(11).Sit(12).Slouch(12).Stand(3).Bend(trunk, lumbarShare).Bend(trunk, lumbarShare).Bend(trunk, lumbarShare);

    private Performance Hold(double seconds, double pelvis, double upper, Phase phase, double fidget = 0)
    {
        var start = _now;
        while (_now - start < TimeSpan.FromSeconds(seconds))
        {
            var sway = fidget * Math.Sin(2 * Math.PI * (_now - start).TotalSeconds / 3);
            Add(pelvis + sway, upper + sway, phase);
        }
        return this;
    }

    private Performance Shin(double seconds, Func<double, double> inclination)
    {
        var start = _now;
        for (; _now - start < TimeSpan.FromSeconds(seconds); _now += TimeSpan.FromMilliseconds(40))
            _estimates.Add(Blank(Phase.Lying) with { PelvicInclination = Noisy(inclination((_now - start).TotalSeconds)) });
        return this;
    }

    private void Add(double pelvis, double upper, Phase phase)
    {
        var (low, high) = (Noisy(pelvis), Noisy(upper));
        _estimates.Add(Blank(phase) with
        {
            PelvicInclination = low,
            UpperInclination = high,
            Lordosis = new Measured(low.Value - high.Value, Noise * Math.Sqrt(2)),
            LordosisChange = Calibration is null ? null : new Measured(low.Value - high.Value - (StandPelvis - StandUpper), Noise * Math.Sqrt(2)),
            PelvicRotation = Calibration is null ? null : new Measured(low.Value - StandPelvis, Noise * Math.Sqrt(2)),
            TrunkRotation = Calibration is null ? null : new Measured(high.Value - StandUpper, Noise * Math.Sqrt(2)),
        });
        _now += TimeSpan.FromMilliseconds(40);
    }

    private PostureEstimate Blank(Phase phase) => new()
    {
        Time = _now, Sensor = Clip, Phase = phase, Method = "two-element-gravity", Quality = Quality, Calibration = Calibration, Attachment = Attachment,
    };

    private Measured Noisy(double value) => new(value + Noise * Normal(), Noise);

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    /// <summary>0 → 1 → 0 along minimum-jerk curves.</summary>
    private static double Way(double t, double down, double hold, double up) =>
        t < down ? Jerk(t / down) : t < down + hold ? 1 : t < down + hold + up ? 1 - Jerk((t - down - hold) / up) : 0;

    private static double Jerk(double s) => s * s * s * (10 + s * (-15 + 6 * s));
}

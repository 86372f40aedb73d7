using SensorHub.Core.Sessions;

namespace SensorHub.Core.Rolling;

/// <summary>
/// What a muscle should be rolled with: defaults without clinical validation, which a plan may replace. Contact pressures
/// lie around those measured under the thigh (33 kPa on soft foam, 52 kPa on a rigid roller, PMID 19160916), shares of
/// body weight around 34 and 32 % for calf and front thigh (PMC6359537). More force does not give more range.
/// </summary>
/// <param name="BodyWeightPercent">Force, % of body weight.</param>
/// <param name="SoftKpa">Mean contact pressure on soft foam, kPa.</param>
/// <param name="FirmKpa">Mean contact pressure on a rigid roller, kPa.</param>
public sealed record MuscleTarget(Muscle Muscle, (double Lower, double Upper) BodyWeightPercent, (double Lower, double Upper) SoftKpa, (double Lower, double Upper) FirmKpa)
{
    public static IReadOnlyList<MuscleTarget> Defaults { get; } =
    [
        new(Muscle.Hamstrings, (15, 35), (15, 35), (20, 50)),
        new(Muscle.Quadriceps, (20, 40), (20, 40), (30, 60)),
        new(Muscle.Calf, (15, 35), (15, 35), (20, 50)),
        new(Muscle.Glutes, (20, 45), (20, 45), (30, 65)),
        new(Muscle.Adductors, (10, 20), (10, 20), (15, 30)),
        new(Muscle.TensorFasciaeLatae, (15, 30), (15, 30), (20, 45)),
        new(Muscle.Thoracic, (15, 35), (15, 35), (20, 50)),
    ];

    /// <summary>The default of a muscle; null for none.</summary>
    public static MuscleTarget? Find(Muscle muscle) => Defaults.FirstOrDefault(target => target.Muscle == muscle);
}

namespace SensorHub.Core.Sessions;

/// <summary>
/// What a muscle should be rolled with: engineering defaults without clinical validation (<see cref="Evidence.Engineering"/>),
/// which a plan may replace. They lie around what was published: contact pressure under the lateral thigh 33 kPa on soft foam and
/// 52 kPa on a rigid roller (PMID 19160916), 34 and 32 % of body weight under calf and front thigh (PMC6359537), 1 to 3 sets
/// of 30 to 120 s at 2 to 4 s a stroke (PMID 33105383). More force does not give more range (doi 10.1519/JSC.0000000000001906).
/// </summary>
/// <param name="BodyWeightPercent">Force, % of body weight: what counts.</param>
/// <param name="SoftKpa">Mean contact pressure on soft foam, kPa: where the body mass is not known.</param>
/// <param name="FirmKpa">Mean contact pressure on a rigid roller, kPa.</param>
/// <param name="Sets">For each side.</param>
/// <param name="SetDuration">In contact, of each set.</param>
/// <param name="StrokeLength">One way along the muscle, m.</param>
public sealed record MuscleTarget(
    Muscle Muscle, (double Lower, double Upper) BodyWeightPercent, (double Lower, double Upper) SoftKpa, (double Lower, double Upper) FirmKpa,
    int Sets, TimeSpan SetDuration, double StrokeLength)
{
    public static IReadOnlyList<MuscleTarget> Defaults { get; } =
    [
        new(Muscle.Hamstrings, (15, 35), (15, 35), (20, 50), 2, TimeSpan.FromSeconds(60), 0.30),
        new(Muscle.Quadriceps, (20, 40), (20, 40), (30, 60), 2, TimeSpan.FromSeconds(60), 0.30),
        new(Muscle.Calf, (15, 35), (15, 35), (20, 50), 1, TimeSpan.FromSeconds(60), 0.22),
        new(Muscle.Glutes, (20, 45), (20, 45), (30, 65), 2, TimeSpan.FromSeconds(45), 0.12),
        new(Muscle.Adductors, (10, 20), (10, 20), (15, 30), 1, TimeSpan.FromSeconds(45), 0.20),
        new(Muscle.TensorFasciaeLatae, (15, 30), (15, 30), (20, 45), 1, TimeSpan.FromSeconds(45), 0.20),
        new(Muscle.Thoracic, (15, 35), (15, 35), (20, 50), 1, TimeSpan.FromSeconds(60), 0.20),
    ];

    /// <summary>The default of a muscle; null for none, and for muscles that are not rolled without a therapist's word.</summary>
    public static MuscleTarget? Find(Muscle muscle) => Defaults.FirstOrDefault(target => target.Muscle == muscle);
}

namespace SensorHub.Core.Sessions;

/// <summary>
/// What the program knows of a muscle: what it does to the pelvis, what opposes it, whether it can be rolled, and where it comes
/// in the two orders a therapist chooses from. Which order suits a person is never derived from an angle.
/// </summary>
/// <param name="Name">In plain words.</param>
/// <param name="Effect">What its tightness does to the pelvis.</param>
/// <param name="Antagonists">Strengthened when this muscle has been released.</param>
/// <param name="Rollable">Whether a roller may go there.</param>
/// <param name="OrderA">For a flat back and a pelvis tilted backward.</param>
/// <param name="OrderB">For a pelvis tilted forward.</param>
public sealed record MuscleFacts(
    Muscle Muscle, string Name, PelvicEffect Effect, IReadOnlyList<Muscle> Antagonists, Rollable Rollable, OrderStep OrderA, OrderStep OrderB)
{
    public static IReadOnlyList<MuscleFacts> All { get; } =
    [
        new(Muscle.Hamstrings, "hamstrings", PelvicEffect.Posterior, [Muscle.Quadriceps, Muscle.HipFlexors], Rollable.Yes, OrderStep.Release(1), OrderStep.Strengthen),
        new(Muscle.Glutes, "glutes and piriformis", PelvicEffect.Posterior, [Muscle.HipFlexors], Rollable.Yes, OrderStep.Release(2), OrderStep.Strengthen),
        new(Muscle.Calf, "calf", PelvicEffect.None, [Muscle.TibialisAnterior], Rollable.Yes, OrderStep.Release(3), OrderStep.Release(3)),
        new(Muscle.Adductors, "adductors", PelvicEffect.Mixed, [Muscle.Abductors], Rollable.Yes, OrderStep.Release(4), OrderStep.Release(4)),
        new(Muscle.Quadriceps, "quadriceps and rectus femoris", PelvicEffect.Anterior, [Muscle.Hamstrings], Rollable.Yes, OrderStep.Strengthen, OrderStep.Release(1)),
        new(Muscle.HipFlexors, "hip flexors and psoas", PelvicEffect.Anterior, [Muscle.GluteusMaximus], Rollable.No, OrderStep.Strengthen, OrderStep.Stretch),
        new(Muscle.TensorFasciaeLatae, "tensor fasciae latae and vastus lateralis", PelvicEffect.Anterior, [Muscle.Glutes, Muscle.Adductors], Rollable.Yes, OrderStep.Optional, OrderStep.Release(2)),
        new(Muscle.Thoracic, "upper back", PelvicEffect.None, [], Rollable.Yes, OrderStep.Optional, OrderStep.Optional),
        new(Muscle.GluteusMaximus, "gluteus maximus", PelvicEffect.Posterior, [Muscle.HipFlexors], Rollable.No, OrderStep.None, OrderStep.None),
        new(Muscle.TibialisAnterior, "tibialis anterior", PelvicEffect.None, [Muscle.Calf], Rollable.No, OrderStep.None, OrderStep.None),
        new(Muscle.Abductors, "abductors of the hip", PelvicEffect.Mixed, [Muscle.Adductors], Rollable.No, OrderStep.None, OrderStep.None),
        new(Muscle.LumbarParaspinals, "muscles beside the lumbar spine", PelvicEffect.Anterior, [], Rollable.WhenUnlocked, OrderStep.None, OrderStep.None),
    ];

    /// <exception cref="ArgumentOutOfRangeException"><see cref="Muscle.None"/>, or no muscle has this number.</exception>
    public static MuscleFacts Of(Muscle muscle) =>
        All.FirstOrDefault(facts => facts.Muscle == muscle) ?? throw new ArgumentOutOfRangeException(nameof(muscle), muscle, "No muscle has this number.");

    /// <summary>Its place in an order.</summary>
    public OrderStep In(ReleaseOrder order) => order switch
    {
        ReleaseOrder.A => OrderA,
        ReleaseOrder.B => OrderB,
        _ => OrderStep.None,
    };
}

/// <summary>What tightness of a muscle does to the pelvis.</summary>
public enum PelvicEffect : byte
{
    None = 0,

    /// <summary>Tilts it backward; the lumbar arch flattens.</summary>
    Posterior = 1,

    /// <summary>Tilts it forward; the lumbar arch deepens.</summary>
    Anterior = 2,

    /// <summary>Either, as the hip is flexed or extended.</summary>
    Mixed = 3,
}

public enum Rollable : byte
{
    /// <summary>It lies too deep, over a bone, or is rolled under another name.</summary>
    No = 0,

    Yes = 1,

    /// <summary>Only after a therapist has unlocked it in the plan.</summary>
    WhenUnlocked = 2,
}

/// <summary>The order of release and strengthening: a therapist's choice.</summary>
public enum ReleaseOrder : byte
{
    /// <summary>A plan that follows no order.</summary>
    None = 0,

    /// <summary>Flat back, pelvis tilted backward: release what pulls it back, strengthen what tilts it forward.</summary>
    A = 1,

    /// <summary>Pelvis tilted forward: the opposite.</summary>
    B = 2,
}

/// <param name="Rank">Releases: 1 comes first; 0 otherwise.</param>
public readonly record struct OrderStep(OrderStepKind Kind, int Rank = 0)
{
    public static readonly OrderStep None;
    public static readonly OrderStep Strengthen = new(OrderStepKind.Strengthen);
    public static readonly OrderStep Stretch = new(OrderStepKind.Stretch);
    public static readonly OrderStep Optional = new(OrderStepKind.Optional);

    public static OrderStep Release(int rank) => new(OrderStepKind.Release, rank);
}

public enum OrderStepKind : byte
{
    /// <summary>The order does not name the muscle.</summary>
    None = 0,
    Release = 1,
    Strengthen = 2,
    Stretch = 3,
    Optional = 4,
}

namespace SensorHub.Core.Sessions;

/// <summary>
/// A place that must not be rolled (doi 10.3390/jcm10225360). A roller feels force and not where it lies: the person or the
/// plan says which muscle, and the sites beside it are said aloud.
/// </summary>
/// <param name="Name">In plain words.</param>
/// <param name="Beside">The muscles whose rolling comes near it.</param>
public sealed record ForbiddenSite(BodySite Site, string Name, IReadOnlyList<Muscle> Beside)
{
    public static IReadOnlyList<ForbiddenSite> All { get; } =
    [
        new(BodySite.BackOfKnee, "the back of the knee", [Muscle.Hamstrings, Muscle.Calf]),
        new(BodySite.LumbarSpine, "the lumbar spine", [Muscle.Glutes, Muscle.Thoracic, Muscle.LumbarParaspinals]),
        new(BodySite.Neck, "the neck", [Muscle.Thoracic]),
        new(BodySite.LowerRibs, "the lower ribs", [Muscle.Thoracic]),
        new(BodySite.HipBone, "the hip bone", [Muscle.Glutes, Muscle.TensorFasciaeLatae]),
        new(BodySite.Kneecap, "the kneecap", [Muscle.Quadriceps, Muscle.TensorFasciaeLatae]),
        new(BodySite.Shin, "the shin", [Muscle.Calf]),
    ];

    /// <summary>The sites to keep off while a muscle is rolled.</summary>
    public static IEnumerable<ForbiddenSite> Near(Muscle muscle) => All.Where(site => site.Beside.Contains(muscle));
}

public enum BodySite : byte
{
    BackOfKnee = 1,
    LumbarSpine = 2,
    Neck = 3,
    LowerRibs = 4,
    HipBone = 5,
    Kneecap = 6,
    Shin = 7,
}

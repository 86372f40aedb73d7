using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// How hard the chosen muscle should be rolled, and how much: by the plan, or else by the muscle's default. Force in % of body weight
/// decides when the mass is known; otherwise the contact pressure, with the band of the roller's firmness.
/// </summary>
internal sealed class TargetBand(Muscle muscle, Side side, RollingPlan? plan, bool firm)
{
    private readonly PlanItem? _item = plan?.Find(muscle, side);
    private readonly MuscleTarget? _default = MuscleTarget.Find(muscle);

    public Muscle Muscle => muscle;

    public Side Side => side;

    /// <summary>The plan that the dose is held against; none = the muscle's default.</summary>
    public Slug PlanId => _item is null ? default : plan!.Id;

    /// <summary>% of body weight.</summary>
    public (double Lower, double Upper)? BodyWeight => _item?.BodyWeightPercent ?? _default?.BodyWeightPercent;

    /// <summary>kPa.</summary>
    public (double Lower, double Upper)? Pressure => firm ? _default?.FirmKpa : _default?.SoftKpa;

    public int? Sets => _item?.Sets ?? _default?.Sets;

    /// <summary>Time in contact of one set.</summary>
    public TimeSpan? SetDuration => _item?.SetDuration ?? _default?.SetDuration;

    /// <summary>False for what must not be rolled, and for what a therapist has not unlocked.</summary>
    public bool MayBeRolled => muscle == Muscle.None || MuscleFacts.Of(muscle).Rollable switch
    {
        Rollable.Yes => true,
        Rollable.WhenUnlocked => plan?.Unlocked ?? false,
        _ => false,
    };

    /// <param name="bodyWeightPercent">Null when the mass is not known.</param>
    /// <param name="pressure">kPa.</param>
    public Band Of(Measured? bodyWeightPercent, Measured pressure) =>
        bodyWeightPercent is { } share ? Compare(share.Value, BodyWeight) : Compare(pressure.Value, Pressure);

    private static Band Compare(double value, (double Lower, double Upper)? band) =>
        band is not { } b ? Band.None : value < b.Lower ? Band.TooLight : value > b.Upper ? Band.TooHard : Band.Good;
}

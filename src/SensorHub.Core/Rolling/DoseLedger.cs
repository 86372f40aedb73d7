using SensorHub.Core.Sessions;

namespace SensorHub.Core.Rolling;

/// <summary>What has been done in this session, by muscle and side.</summary>
internal sealed class DoseLedger
{
    private readonly Dictionary<(Muscle, Side), (int Sets, TimeSpan Contact, TimeSpan InBand)> _done = [];

    /// <summary>Sets done of this muscle and side.</summary>
    public int Sets(Muscle muscle, Side side) => _done.GetValueOrDefault((muscle, side)).Sets;

    /// <summary>Adds a set.</summary>
    /// <returns>The dose by now; null when nothing is planned and the muscle has no default.</returns>
    public RollingDose? Add(RollingSet set, TargetBand target)
    {
        var before = _done.GetValueOrDefault((set.Muscle, set.Side));
        var now = (Sets: before.Sets + 1, Contact: before.Contact + set.ContactTime, InBand: before.InBand + set.TimeInBand);
        _done[(set.Muscle, set.Side)] = now;
        if (target is not { Sets: { } sets, SetDuration: { } duration })
            return null;
        return new RollingDose
        {
            Time = set.Time,
            Sensor = set.Sensor,
            Muscle = set.Muscle,
            Side = set.Side,
            Plan = target.PlanId,
            PlannedSets = sets,
            PlannedSet = duration,
            Sets = now.Sets,
            Done = now.Contact,
            InBand = now.InBand,
        };
    }

    public void Clear() => _done.Clear();
}

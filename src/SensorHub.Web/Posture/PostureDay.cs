using SensorHub.Core.Posture;
using SensorHub.Core.Timing;

namespace SensorHub.Web.Posture;

/// <summary>What somebody did on one day of their calendar, as far as it was seen.</summary>
/// <param name="Begin">Midnight there.</param>
/// <param name="End">The next.</param>
/// <param name="Bouts">In the order of their beginnings.</param>
/// <param name="Minutes">Reminders and breaks of the day; null when there was no minute of posture.</param>
public sealed record PostureDay(DateOnly Date, Timestamp Begin, Timestamp End, IReadOnlyList<Bout> Bouts, PostureMinutes? Minutes)
{
    /// <summary>Time of all bouts.</summary>
    public TimeSpan Seen => Sum(Bouts);

    /// <summary>Standing, and sitting upright.</summary>
    public TimeSpan Upright => Of(Phase.Standing) + Of(Phase.Sitting);

    public TimeSpan Of(Phase phase) => Sum(Bouts.Where(b => b.Phase == phase));

    public TimeSpan Longest(Phase phase) => Bouts.Where(b => b.Phase == phase).Select(b => b.Duration).DefaultIfEmpty().Max();

    private static TimeSpan Sum(IEnumerable<Bout> bouts) => bouts.Aggregate(TimeSpan.Zero, (sum, bout) => sum + bout.Duration);
}

/// <summary>One thing done without a break.</summary>
/// <param name="Phase">Slouching is apart from <see cref="Phase.Sitting"/>, which here is upright.</param>
/// <param name="Duration">Seen of it: interruptions so short that they end nothing are in none.</param>
public sealed record Bout(Phase Phase, Timestamp From, Timestamp To, TimeSpan Duration);

/// <summary>Sums of the stored minutes of posture.</summary>
/// <param name="Reminders">Of slouching.</param>
/// <param name="Corrections">Reminded bouts that ended by straightening up.</param>
/// <param name="TimeToCorrect">Mean time from reminder to that; null without one.</param>
/// <param name="LongestSitting">Without a walk.</param>
/// <param name="Breaks">Walks long enough to be a break of sitting.</param>
public sealed record PostureMinutes(int Reminders, int Corrections, TimeSpan? TimeToCorrect, TimeSpan LongestSitting, int Breaks);

using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Programmes;

namespace SensorHub.Web.Progress;

/// <summary>Weeks of one person: what was planned and what was done.</summary>
/// <param name="Programme">As a therapist set it, or the usual one.</param>
/// <param name="IsSet">Somebody set it; otherwise it is the usual one.</param>
/// <param name="Start">Its first day.</param>
/// <param name="Weeks">First days of those shown, the oldest first.</param>
/// <param name="Dose">For each muscle and side that was planned or rolled.</param>
/// <param name="Sides">Of the last session in which both sides can be compared.</param>
/// <param name="SidesOn">Its day.</param>
/// <param name="Trends">Bends and raised legs.</param>
/// <param name="DoneToday">Exercises ticked off, as in <see cref="People.ExerciseTick"/>.</param>
public sealed record ProgressReport(
    Programme Programme, bool IsSet, DateOnly Start, ProgrammeProgress Progress, IReadOnlyList<ProgressWeek> Weeks, IReadOnlyList<MuscleDose> Dose,
    IReadOnlyList<SideComparison> Sides, DateOnly? SidesOn, IReadOnlyList<Trend> Trends, IReadOnlySet<string> DoneToday)
{
    public bool HasRolling => Dose.Any(dose => dose.Done.Any(week => week > TimeSpan.Zero));
}

/// <param name="Days">On which something of the plan was done.</param>
/// <param name="Planned">Days planned of the whole week; null outside of the programme.</param>
public sealed record ProgressWeek(DateOnly First, int Days, int? Planned);

/// <param name="Done">Time in contact in each week.</param>
/// <param name="InBand">Of it within the band.</param>
/// <param name="Planned">For each week; null where nothing is planned.</param>
public sealed record MuscleDose(Muscle Muscle, Side Side, IReadOnlyList<TimeSpan> Done, IReadOnlyList<TimeSpan> InBand, IReadOnlyList<TimeSpan?> Planned);

/// <summary>One measure, a value a day.</summary>
/// <param name="Detectable">Smallest change that can be told from error, for this comparison or, with <paramref name="WithinOneWearing"/>, for a clip that stays on; null when nobody has published any.</param>
/// <param name="WithinOneWearing">Of days between which the clip is taken off nothing is published: there it is larger.</param>
/// <param name="Change">The last against the first; null with fewer than two.</param>
public sealed record Trend(Measure Measure, Side Side, IReadOnlyList<MeasureValue> Values, DetectableChange? Detectable, bool WithinOneWearing, Change? Change);

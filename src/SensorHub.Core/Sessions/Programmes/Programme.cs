using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Core.Sessions.Programmes;

/// <summary>
/// Weeks of release and then of strengthening, as a therapist set them. The program counts what was done; it changes nothing by itself.
/// </summary>
public sealed record Programme
{
    public required Slug Id { get; init; }

    public required string Name { get; init; }

    /// <summary>A therapist's choice.</summary>
    public required ReleaseOrder Order { get; init; }

    /// <summary>In their order.</summary>
    public required IReadOnlyList<ProgrammePhase> Phases { get; init; }

    public int Weeks => Phases.Sum(phase => phase.Weeks);

    /// <summary>That of each order. Which one suits a person, or another, is a therapist's choice.</summary>
    public static IReadOnlyList<Programme> Defaults { get; } = [Default(ReleaseOrder.A), Default(ReleaseOrder.B)];

    /// <summary>The default programme of this id, or null.</summary>
    public static Programme? FindDefault(string id) => Defaults.FirstOrDefault(programme => programme.Id.ToString() == id);

    /// <summary>
    /// An order as six weeks of release and six of release with strengthening, three sessions a week: an engineering default, longer than the
    /// four weeks before which no lasting gain is to be expected (PMC9474417).
    /// </summary>
    public static Programme Default(ReleaseOrder order)
    {
        var plan = order switch
        {
            ReleaseOrder.A => DefaultPlans.OrderA,
            ReleaseOrder.B => DefaultPlans.OrderB,
            _ => throw new ArgumentOutOfRangeException(nameof(order), order, "A programme follows order A or B."),
        };
        return new Programme
        {
            Id = Slug.Parse($"release-then-strengthen-{EnumNames.Of(order)}"),
            Name = $"Order {order}: release, then strengthen",
            Order = order,
            Phases =
            [
                new ProgrammePhase("Release", 6, 3, plan, []),
                new ProgrammePhase("Release and strengthen", 6, 3, plan,
                    [.. MuscleFacts.All.Where(facts => facts.In(order).Kind == OrderStepKind.Strengthen).Select(facts => new Exercise(facts.Muscle, 3, 10))]),
            ],
        };
    }

    /// <summary>The first rule that it breaks, in one line; null when there is none.</summary>
    public string? FindFault()
    {
        if (string.IsNullOrWhiteSpace(Name))
            return "it has no name.";
        if (Phases.Count == 0)
            return "it has no phases.";
        foreach (var phase in Phases)
        {
            if (string.IsNullOrWhiteSpace(phase.Name))
                return "a phase has no name.";
            if (phase.Weeks is < 1 or > 52)
                return FormattableString.Invariant($"'{phase.Name}' lasts {phase.Weeks} weeks; it takes 1 to 52.");
            if (phase.SessionsPerWeek is < 1 or > 14)
                return FormattableString.Invariant($"'{phase.Name}' has {phase.SessionsPerWeek} sessions a week; it takes 1 to 14.");
            if (phase.Plan is { } plan && PlanRules.FindFault(plan) is { } fault)
                return $"the plan of '{phase.Name}': {fault}";
            if (phase.Plan is null && phase.Exercises.Count == 0)
                return $"'{phase.Name}' has neither a plan nor an exercise.";
            foreach (var (muscle, sets, repetitions) in phase.Exercises)
                if (muscle == Muscle.None || sets is < 1 or > 10 || repetitions is < 1 or > 100)
                    return FormattableString.Invariant($"'{phase.Name}': {EnumNames.Of(muscle)}, {sets} × {repetitions}; an exercise takes a muscle, 1 to 10 sets and 1 to 100 repetitions.");
        }
        return null;
    }
}

/// <param name="Plan">What is rolled in each session; null when nothing is.</param>
/// <param name="Exercises">What is strengthened after it.</param>
public sealed record ProgrammePhase(string Name, int Weeks, int SessionsPerWeek, RollingPlan? Plan, IReadOnlyList<Exercise> Exercises);

/// <summary>Strengthening of one muscle.</summary>
public readonly record struct Exercise(Muscle Muscle, int Sets, int Repetitions);

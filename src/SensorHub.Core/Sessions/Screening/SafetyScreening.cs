using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Sessions.Screening;

public enum Answer : byte
{
    No = 0,
    Yes = 1,

    /// <summary>Counts as yes.</summary>
    Unsure = 2,
}

/// <summary>A place that is not rolled.</summary>
/// <param name="Side">None = both.</param>
public readonly record struct ExcludedSite(Muscle Muscle, Side Side)
{
    public bool Covers(Muscle muscle, Side side) => muscle == Muscle && (Side == Side.None || side == Side.None || side == Side);
}

/// <summary>
/// What is kept of a screening: what is allowed and until when, not what was answered. A person's reasons are shown once, in
/// <see cref="ScreeningResult"/>, and not stored.
/// </summary>
public sealed record ScreeningOutcome
{
    public required ScreeningDecision Decision { get; init; }

    public required Timestamp At { get; init; }

    /// <summary>From then on the questions are asked again.</summary>
    public required Timestamp Expires { get; init; }

    public required IReadOnlyList<ExcludedSite> Excluded { get; init; }

    /// <summary>A clinician has said that the person may roll.</summary>
    public bool ByClearance { get; init; }

    /// <summary>Whether rolling may begin at this time.</summary>
    public bool Allows(Timestamp time) => Decision == ScreeningDecision.Cleared && At <= time && time < Expires;

    /// <summary>The part of a plan that is off the excluded places; null when nothing is left of it.</summary>
    public RollingPlan? Without(RollingPlan plan)
    {
        PlanItem[] left = [.. plan.Items.Where(item => !Excluded.Any(site => site.Covers(item.Muscle, item.Side)))];
        return left.Length == plan.Items.Count ? plan : left.Length == 0 ? null : plan with { Items = left };
    }

    /// <summary>After a clinician has said that the person may roll. What is blocked stays blocked until it is screened anew.</summary>
    /// <exception cref="UserException">It is blocked, or needs no clearance.</exception>
    public ScreeningOutcome Clear(Timestamp at, ScreeningOptions? options = null) => Decision == ScreeningDecision.NeedsClearance
        ? this with
        {
            Decision = ScreeningDecision.Cleared, At = at, ByClearance = true,
            Expires = at + TimeSpan.FromDays(Constants.Check(options ?? new ScreeningOptions()).ClearanceDays),
        }
        : throw new UserException(Decision == ScreeningDecision.Blocked
            ? "What blocks rolling cannot be cleared: answer the questions again when it is over."
            : "Rolling is cleared already.");

    public bool Equals(ScreeningOutcome? other) =>
        other is not null && (Decision, At, Expires, ByClearance) == (other.Decision, other.At, other.Expires, other.ByClearance) && Excluded.SequenceEqual(other.Excluded);

    public override int GetHashCode() => HashCode.Combine(Decision, At, Expires, ByClearance);
}

/// <summary>A reason that is not "no", in plain words, and what to do.</summary>
public readonly record struct ScreeningReason(ScreeningQuestion Question, string Advice);

/// <param name="Outcome">To be kept.</param>
/// <param name="Reasons">To be shown and forgotten, the gravest first.</param>
public sealed record ScreeningResult(ScreeningOutcome Outcome, IReadOnlyList<ScreeningReason> Reasons);

/// <summary>Questions before the first session, and again when the last outcome has expired. It is no medical examination.</summary>
public static class SafetyScreening
{
    /// <param name="answers">By <see cref="ScreeningQuestion.Code"/>, one for each question.</param>
    /// <param name="excluded">Where, for what is local; and wherever else the person does not want to be rolled.</param>
    /// <param name="at">When they were answered.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">A question is not answered, or there is no such question.</exception>
    public static ScreeningResult Judge(IReadOnlyDictionary<string, Answer> answers, IReadOnlyList<ExcludedSite> excluded, Timestamp at, ScreeningOptions? options = null)
    {
        options = Constants.Check(options ?? new ScreeningOptions());
        if (answers.Keys.FirstOrDefault(code => ScreeningQuestion.Find(code) is null) is { } unknown)
            throw new UserException($"There is no question '{unknown}'; there are {string.Join(", ", ScreeningQuestion.All.Select(q => q.Code))}.");
        if (ScreeningQuestion.All.FirstOrDefault(q => !answers.ContainsKey(q.Code)) is { } missing)
            throw new UserException($"'{missing.Code}' is not answered: {missing.Text}");

        ScreeningReason[] reasons =
        [
            .. from question in ScreeningQuestion.All
                where answers[question.Code] != Answer.No
                orderby question.Consequence descending
                select new ScreeningReason(question, question.Advice)
        ];
        return new ScreeningResult(
            new ScreeningOutcome
            {
                Decision = reasons.Length == 0 ? ScreeningDecision.Cleared : reasons[0].Question.Consequence,
                At = at,
                Expires = at + TimeSpan.FromDays(options.ValidDays),
                Excluded = [.. excluded.Distinct()],
            },
            reasons);
    }
}

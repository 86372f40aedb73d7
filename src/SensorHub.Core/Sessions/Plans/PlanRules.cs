using System.Globalization;

namespace SensorHub.Core.Sessions.Plans;

/// <summary>What a plan must be, rule by rule.</summary>
public static class PlanRules
{
    /// <summary>Returns the plan when it keeps all rules.</summary>
    /// <exception cref="UserException">It breaks one; the line names the item, what is wrong and what is allowed.</exception>
    public static RollingPlan Check(RollingPlan plan, PlanOptions? options = null) =>
        FindFault(plan, options) is { } fault ? throw new UserException($"Plan '{plan.Id}': {fault}") : plan;

    /// <summary>The first rule that the plan breaks, in one line; null when there is none.</summary>
    public static string? FindFault(RollingPlan plan, PlanOptions? options = null)
    {
        options = Constants.Check(options ?? new PlanOptions());
        if (plan.Id.IsNone)
            return "it has no id.";
        if (string.IsNullOrWhiteSpace(plan.Name))
            return "it has no name.";
        if (plan.Items.Count == 0)
            return "it has no items: name at least one muscle.";
        for (var i = 0; i < plan.Items.Count; i++)
        {
            var item = plan.Items[i];
            if (!Enum.IsDefined(item.Muscle))
                return string.Create(CultureInfo.InvariantCulture, $"item {i + 1}: no muscle has the number {(byte)item.Muscle}.");
            if (FindFault(item, plan.Unlocked, options) is { } fault)
                return string.Create(CultureInfo.InvariantCulture, $"item {i + 1} ({Called(item)}): {fault}");
            for (var j = 0; j < i; j++)
                if ((plan.Items[j].Muscle, plan.Items[j].Side) == (item.Muscle, item.Side))
                    return string.Create(CultureInfo.InvariantCulture, $"items {j + 1} and {i + 1} are both for {Called(item)}: join them.");
        }
        return null;
    }

    private static string? FindFault(PlanItem item, bool unlocked, PlanOptions limits)
    {
        if (item.Muscle == Muscle.None)
            return "it names no muscle.";
        if (!Enum.IsDefined(item.Side))
            return "the side is none, left or right.";
        switch (MuscleFacts.Of(item.Muscle).Rollable)
        {
            case Rollable.No:
                return "this muscle is not rolled; it is stretched or strengthened.";
            case Rollable.WhenUnlocked when !unlocked:
                return "this muscle is rolled only when a therapist has unlocked the plan.";
        }
        if (item.Sets < 1 || item.Sets > limits.MostSets)
            return Range("sets", item.Sets, 1, limits.MostSets, "");
        if (item.SetDuration < limits.ShortestSet || item.SetDuration > limits.LongestSet)
            return Range("a set", item.SetDuration.TotalSeconds, limits.ShortestSet.TotalSeconds, limits.LongestSet.TotalSeconds, " s");
        if (item.StrokeDuration < limits.ShortestStroke || item.StrokeDuration > limits.LongestStroke)
            return Range("a stroke", item.StrokeDuration.TotalSeconds, limits.ShortestStroke.TotalSeconds, limits.LongestStroke.TotalSeconds, " s");
        if (item.Rest < TimeSpan.Zero || item.Rest > limits.LongestRest)
            return Range("rest", item.Rest.TotalSeconds, 0, limits.LongestRest.TotalSeconds, " s");
        var (lower, upper) = item.BodyWeightPercent;
        if (!(lower >= 0 && lower < upper))
            return string.Create(CultureInfo.InvariantCulture, $"the band of {lower} to {upper} % of body weight is empty: its lower end lies below its upper one.");
        return upper <= limits.HighestForce ? null : string.Create(CultureInfo.InvariantCulture,
            $"the band reaches {upper} % of body weight; {limits.HighestForce} % is the ceiling, and more force does not give more range.");
    }

    private static string Range(string what, double value, double from, double to, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}: {value}{unit}; it takes {from} to {to}{unit}.");

    private static string Called(PlanItem item) => item.Side switch
    {
        Side.Left => $"{EnumNames.Of(item.Muscle)}, left",
        Side.Right => $"{EnumNames.Of(item.Muscle)}, right",
        _ => EnumNames.Of(item.Muscle),
    };
}

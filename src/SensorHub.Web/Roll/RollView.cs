using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Screening;

namespace SensorHub.Web.Roll;

/// <summary>What the rolling coach offers a person now.</summary>
internal sealed record RollView
{
    /// <summary>Why rolling is not offered, the gravest first; empty when it is.</summary>
    public IReadOnlyList<string> Refusals { get; init; } = [];

    /// <summary>What to know before beginning: one line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What was set for the person; null: then the two default orders are offered.</summary>
    public RollingPlan? Prescribed { get; init; }

    /// <summary>The prescribed plan, or both orders; without what the screening excludes.</summary>
    public IReadOnlyList<RollingPlan> Plans { get; init; } = [];

    public IReadOnlyList<OfferedMuscle> Muscles { get; init; } = [];

    public bool IsRefused => Refusals.Count > 0;

    /// <summary>For roll/coach.js.</summary>
    public string Json() => JsonSerializer.Serialize(
        new ModelJson(
            new RollingOptions().PainLimit,
            [.. Plans.Select(plan => new OfferedPlanJson(
                plan.Id.ToString(), plan.Name, plan == Prescribed, plan.Unlocked, JsonDocument.Parse(PlanFile.Write(plan)).RootElement,
                [.. plan.Items.Select(Item)]))],
            [.. Muscles.Select(m => new OfferedMuscleJson(
                EnumNames.Of(m.Muscle), m.Name, [.. m.Sides.Select(EnumNames.Of)], m.Target.Sets, m.Target.SetDuration.TotalSeconds,
                [.. ForbiddenSite.Near(m.Muscle).Select(site => site.Name)]))]),
        RollJson.Default.ModelJson);

    private static PlanStepJson Item(PlanItem item) => new(
        EnumNames.Of(item.Muscle), MuscleFacts.Of(item.Muscle).Name, EnumNames.Of(item.Side), item.Sets, item.SetDuration.TotalSeconds, item.Rest.TotalSeconds,
        item.StrokeDuration.TotalSeconds, [.. ForbiddenSite.Near(item.Muscle).Select(site => site.Name)]);
}

/// <summary>A muscle that may be picked without a plan, with its default dose.</summary>
internal sealed record OfferedMuscle(Muscle Muscle, string Name, IReadOnlyList<Side> Sides, MuscleTarget Target);

/// <param name="PainLimit">0 to 10: from it on rolling ends.</param>
internal sealed record ModelJson(double PainLimit, IReadOnlyList<OfferedPlanJson> Plans, IReadOnlyList<OfferedMuscleJson> Muscles);

/// <param name="Plan">As the hub takes it in <c>choose_plan</c>.</param>
internal sealed record OfferedPlanJson(string Id, string Name, bool Prescribed, bool Unlocked, JsonElement Plan, IReadOnlyList<PlanStepJson> Steps);

/// <param name="SetS">In contact, s.</param>
/// <param name="RestS">s.</param>
/// <param name="StrokeS">One way, s.</param>
/// <param name="Near">Sites to keep off.</param>
internal sealed record PlanStepJson(string Muscle, string Name, string Side, int Sets, double SetS, double RestS, double StrokeS, IReadOnlyList<string> Near);

internal sealed record OfferedMuscleJson(string Muscle, string Name, IReadOnlyList<string> Sides, int Sets, double SetS, IReadOnlyList<string> Near);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelJson))]
internal sealed partial class RollJson : JsonSerializerContext;

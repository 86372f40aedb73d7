using System.Text.Json;
using System.Text.Json.Serialization;

namespace SensorHub.Core.Sessions.Plans;

/// <summary>
/// Plans ↔ JSON. An item needs a muscle and a side; what it leaves out is the muscle's <see cref="MuscleTarget"/>:
/// <code>
/// { "schema": "plan/1", "id": "evening", "name": "Evening", "order": "a",
///   "items": [ { "muscle": "hamstrings", "side": "left", "sets": 2, "set_duration_s": 60,
///                "lower_body_weight_percent": 15, "upper_body_weight_percent": 35, "stroke_duration_s": 3, "rest_s": 30 } ] }
/// </code>
/// </summary>
public static class PlanFile
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    private static readonly string Schema = $"plan/{Version}";

    public static string Write(RollingPlan plan) => JsonSerializer.Serialize(
        new PlanJson(
            Schema, plan.Id.ToString(), plan.Name, EnumNames.Of(plan.Order), plan.Unlocked,
            [.. plan.Items.Select(i => new PlanItemJson(EnumNames.Of(i.Muscle), EnumNames.Of(i.Side))
            {
                Sets = i.Sets,
                SetDurationS = i.SetDuration.TotalSeconds,
                LowerBodyWeightPercent = i.BodyWeightPercent.Lower,
                UpperBodyWeightPercent = i.BodyWeightPercent.Upper,
                StrokeDurationS = i.StrokeDuration.TotalSeconds,
                RestS = i.Rest.TotalSeconds,
            })]),
        SessionJson.Default.PlanJson);

    /// <summary>Reads and checks the file of a plan.</summary>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static RollingPlan Load(string path, PlanOptions? options = null) => Parse(SessionFile.Read(path), path, options);

    /// <summary>Reads and checks a plan.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static RollingPlan Parse(string json, string called, PlanOptions? options = null)
    {
        var file = SessionFile.Parse(json, called, "plan", Version, SessionJson.Default.PlanJson);
        if (!Slug.TryParse(file.Id, out var id))
            throw new UserException($"{called}: the id '{file.Id}' is not a name: use 1 to {Slug.MaxLength} of a-z, 0-9 and '-'.");
        var plan = new RollingPlan
        {
            Id = id,
            Name = file.Name,
            Order = file.Order is null ? ReleaseOrder.None : Named<ReleaseOrder>(file.Order, "order", called),
            Unlocked = file.Unlocked,
            Items = [.. (file.Items ?? []).Select((item, i) => Item(item, $"{called}: item {i + 1}"))],
        };
        return PlanRules.FindFault(plan, options) is { } fault ? throw new UserException($"{called}: {fault}") : plan;
    }

    private static PlanItem Item(PlanItemJson json, string called)
    {
        var muscle = Named<Muscle>(json.Muscle, "muscle", called);
        var side = Named<Side>(json.Side, "side", called);
        var target = MuscleTarget.Find(muscle);
        if (target is null && (json.Sets, json.SetDurationS, json.LowerBodyWeightPercent, json.UpperBodyWeightPercent) is not (not null, not null, not null, not null)
            && muscle != Muscle.None && MuscleFacts.Of(muscle).Rollable == Rollable.WhenUnlocked)
            throw new UserException($"{called}: {json.Muscle} has no default dose: give sets, set_duration_s, lower_body_weight_percent and upper_body_weight_percent.");
        var item = new PlanItem
        {
            Muscle = muscle,
            Side = side,
            Sets = json.Sets ?? target?.Sets ?? 0,
            SetDuration = json.SetDurationS is { } set ? Seconds(set, called) : target?.SetDuration ?? TimeSpan.Zero,
            BodyWeightPercent = (json.LowerBodyWeightPercent ?? target?.BodyWeightPercent.Lower ?? 0, json.UpperBodyWeightPercent ?? target?.BodyWeightPercent.Upper ?? 0),
        };
        return item with
        {
            StrokeDuration = json.StrokeDurationS is { } stroke ? Seconds(stroke, called) : item.StrokeDuration,
            Rest = json.RestS is { } rest ? Seconds(rest, called) : item.Rest,
        };
    }

    /// <summary>A day is more than any plan allows, and less than a <see cref="TimeSpan"/> holds.</summary>
    private static TimeSpan Seconds(double seconds, string called) => Math.Abs(seconds) <= 86_400
        ? TimeSpan.FromSeconds(seconds)
        : throw new UserException(FormattableString.Invariant($"{called}: {seconds} s is longer than a day."));

    private static T Named<T>(string? name, string what, string called) where T : struct, Enum => EnumNames.TryParse<T>(name, out var value)
        ? value
        : throw new UserException($"{called}: no {what} is called '{name}'; there are {string.Join(", ", EnumNames.All<T>())}.");
}

internal sealed record PlanJson(
    string Schema, [property: JsonRequired] string Id, [property: JsonRequired] string Name, string? Order, bool Unlocked, [property: JsonRequired] IReadOnlyList<PlanItemJson> Items);

internal sealed record PlanItemJson([property: JsonRequired] string Muscle, [property: JsonRequired] string Side)
{
    public int? Sets { get; init; }

    public double? SetDurationS { get; init; }

    public double? LowerBodyWeightPercent { get; init; }

    public double? UpperBodyWeightPercent { get; init; }

    public double? StrokeDurationS { get; init; }

    public double? RestS { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanJson))]
internal sealed partial class SessionJson : JsonSerializerContext;

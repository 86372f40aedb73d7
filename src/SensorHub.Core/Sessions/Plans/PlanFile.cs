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

    public static string Write(RollingPlan plan) => JsonSerializer.Serialize(ToJson(plan), SessionJson.Default.PlanJson);

    /// <summary>Reads and checks the file of a plan.</summary>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static RollingPlan Load(string path, PlanOptions? options = null) => Parse(SessionFile.Read(path), path, options);

    /// <summary>Reads and checks a plan.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static RollingPlan Parse(string json, string called, PlanOptions? options = null) =>
        FromJson(SessionFile.Parse(json, called, "plan", Version, SessionJson.Default.PlanJson), called, options);

    internal static PlanJson ToJson(RollingPlan plan) => new(
        Schema, plan.Id.ToString(), plan.Name, EnumNames.Of(plan.Order), plan.Unlocked,
        [.. plan.Items.Select(i => new PlanItemJson(EnumNames.Of(i.Muscle), EnumNames.Of(i.Side))
        {
            Sets = i.Sets,
            SetDurationS = i.SetDuration.TotalSeconds,
            LowerBodyWeightPercent = i.BodyWeightPercent.Lower,
            UpperBodyWeightPercent = i.BodyWeightPercent.Upper,
            StrokeDurationS = i.StrokeDuration.TotalSeconds,
            RestS = i.Rest.TotalSeconds,
        })]);

    /// <exception cref="UserException">It breaks a rule; one line says where and why.</exception>
    internal static RollingPlan FromJson(PlanJson file, string called, PlanOptions? options)
    {
        var plan = new RollingPlan
        {
            Id = SessionFile.Id(file.Id, called),
            Name = file.Name,
            Order = file.Order is null ? ReleaseOrder.None : SessionFile.Named<ReleaseOrder>(file.Order, "order", called),
            Unlocked = file.Unlocked,
            Items = [.. (file.Items ?? []).Select((item, i) => Item(item, $"{called}: item {i + 1}"))],
        };
        return PlanRules.FindFault(plan, options) is { } fault ? throw new UserException($"{called}: {fault}") : plan;
    }

    private static PlanItem Item(PlanItemJson? json, string called)
    {
        if (json is null)
            throw new UserException($"{called}: it is empty.");
        var muscle = SessionFile.Named<Muscle>(json.Muscle, "muscle", called);
        var side = SessionFile.Named<Side>(json.Side, "side", called);
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
}

internal sealed record PlanJson(
    string? Schema, [property: JsonRequired] string Id, [property: JsonRequired] string Name, string? Order, bool Unlocked, [property: JsonRequired] IReadOnlyList<PlanItemJson?> Items);

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
[JsonSerializable(typeof(Programmes.ProgrammeJson))]
[JsonSerializable(typeof(Studies.StudyJson))]
internal sealed partial class SessionJson : JsonSerializerContext;

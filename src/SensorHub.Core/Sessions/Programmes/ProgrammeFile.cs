using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Core.Sessions.Programmes;

/// <summary>
/// Programmes ↔ JSON. The plan of a phase is the id of a default plan, or a plan as <see cref="PlanFile"/> has it; a phase without one is
/// of exercises alone:
/// <code>
/// { "schema": "programme/1", "id": "spring", "name": "Spring", "order": "a",
///   "phases": [ { "name": "Release", "weeks": 6, "sessions_per_week": 3, "plan": "order-a" },
///               { "name": "Strengthen", "weeks": 6, "sessions_per_week": 2,
///                 "exercises": [ { "muscle": "hip_flexors", "sets": 3, "repetitions": 10 } ] } ] }
/// </code>
/// </summary>
public static class ProgrammeFile
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    private static readonly string Schema = $"programme/{Version}";

    public static string Write(Programme programme) => JsonSerializer.Serialize(
        new ProgrammeJson(
            Schema, programme.Id.ToString(), programme.Name, EnumNames.Of(programme.Order),
            [.. programme.Phases.Select(phase => new PhaseJson(phase.Name, phase.Weeks, phase.SessionsPerWeek)
            {
                Plan = phase.Plan is null ? null
                    : phase.Plan.Equals(DefaultPlans.Find(phase.Plan.Id.ToString())) ? new PhasePlanJson(phase.Plan.Id.ToString(), null)
                    : new PhasePlanJson(null, PlanFile.ToJson(phase.Plan)),
                Exercises = phase.Exercises.Count == 0 ? null
                    : [.. phase.Exercises.Select(e => new ExerciseJson(EnumNames.Of(e.Muscle), e.Sets, e.Repetitions))],
            })]),
        SessionJson.Default.ProgrammeJson);

    /// <summary>Reads and checks the file of a programme.</summary>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static Programme Load(string path, PlanOptions? options = null) => Parse(SessionFile.Read(path), path, options);

    /// <summary>Reads and checks a programme.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static Programme Parse(string json, string called, PlanOptions? options = null)
    {
        var file = SessionFile.Parse(json, called, "programme", Version, SessionJson.Default.ProgrammeJson);
        var programme = new Programme
        {
            Id = SessionFile.Id(file.Id, called),
            Name = file.Name,
            Order = file.Order is null ? ReleaseOrder.None : SessionFile.Named<ReleaseOrder>(file.Order, "order", called),
            Phases = [.. (file.Phases ?? []).Select((phase, i) => Phase(phase, $"{called}: phase {i + 1}", options))],
        };
        return programme.FindFault() is { } fault ? throw new UserException($"{called}: {fault}") : programme;
    }

    private static ProgrammePhase Phase(PhaseJson? json, string called, PlanOptions? options) => json is null
        ? throw new UserException($"{called}: it is empty.")
        : new ProgrammePhase(
            json.Name, json.Weeks, json.SessionsPerWeek,
            json.Plan is null ? null : Plan(json.Plan, called, options),
            [.. (json.Exercises ?? []).Select((exercise, i) => Exercise(exercise, $"{called}: exercise {i + 1}"))]);

    private static RollingPlan Plan(PhasePlanJson json, string called, PlanOptions? options) =>
        json.Own is { } own ? PlanFile.FromJson(own, $"{called}: its plan", options)
        : DefaultPlans.Find(json.Default ?? "") ?? throw new UserException(
            $"{called}: no default plan is called '{json.Default}'; there are {string.Join(", ", DefaultPlans.All.Select(p => p.Id))}. Another plan is written out in its place.");

    private static Exercise Exercise(ExerciseJson? json, string called) => json is null
        ? throw new UserException($"{called}: it is empty.")
        : new Exercise(SessionFile.Named<Muscle>(json.Muscle, "muscle", called), json.Sets, json.Repetitions);
}

internal sealed record ProgrammeJson(
    string Schema, [property: JsonRequired] string Id, [property: JsonRequired] string Name, string? Order, [property: JsonRequired] IReadOnlyList<PhaseJson?> Phases);

internal sealed record PhaseJson([property: JsonRequired] string Name, [property: JsonRequired] int Weeks, [property: JsonRequired] int SessionsPerWeek)
{
    public PhasePlanJson? Plan { get; init; }

    public IReadOnlyList<ExerciseJson?>? Exercises { get; init; }
}

internal sealed record ExerciseJson([property: JsonRequired] string Muscle, [property: JsonRequired] int Sets, [property: JsonRequired] int Repetitions);

/// <summary>One of the two: the id of a default plan, or a plan.</summary>
[JsonConverter(typeof(PhasePlanConverter))]
internal sealed record PhasePlanJson(string? Default, PlanJson? Own);

internal sealed class PhasePlanConverter : JsonConverter<PhasePlanJson>
{
    /// <summary>Reads on in the same text, so that faults have their line in it.</summary>
    private static JsonConverter<PlanJson> Plan => (JsonConverter<PlanJson>)SessionJson.Default.PlanJson.Converter;

    public override PhasePlanJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new(reader.GetString(), null),
        JsonTokenType.StartObject => new(null, Plan.Read(ref reader, typeof(PlanJson), SessionJson.Default.Options)),
        _ => throw new JsonException("A plan is the id of a default plan, or a plan as in a plan's file."),
    };

    public override void Write(Utf8JsonWriter writer, PhasePlanJson value, JsonSerializerOptions options)
    {
        if (value.Own is null)
            writer.WriteStringValue(value.Default);
        else
            JsonSerializer.Serialize(writer, value.Own, SessionJson.Default.PlanJson);
    }
}

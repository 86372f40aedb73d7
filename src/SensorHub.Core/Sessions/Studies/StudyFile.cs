using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Core.Sessions.Studies;

/// <summary>
/// Studies ↔ JSON:
/// <code>
/// { "schema": "study/1", "id": "flat-back", "name": "Rolling and the flat back", "protocol": "1.0", "keep_days": 3650,
///   "arms": [ { "id": "rolling", "name": "Rolling, three times a week" }, { "id": "control", "name": "Nothing" } ],
///   "visits": [ "before", "after" ],
///   "tasks": [ { "id": "stand", "name": "Stand still", "duration_s": 60, "runs": 3, "instruction": "Stand still and relaxed." } ],
///   "participants": [ { "id": "p01", "arm": "rolling", "subject": "p01", "attributes": { "age": "34" } } ] }
/// </code>
/// Left out: <c>keep_days</c> (for good), <c>arms</c>, <c>visits</c>, a task's duration and instruction, its runs (1), a participant's subject (as the id) and attributes.
/// </summary>
public static class StudyFile
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    private static readonly string Schema = $"study/{Version}";

    public static string Write(Study study) => JsonSerializer.Serialize(
        new StudyJson(
            Schema, study.Id.ToString(), study.Name, study.Protocol, study.KeepDays,
            study.Arms.Count == 0 ? null : [.. study.Arms.Select(a => new StudyArmJson(a.Id.ToString(), a.Name))],
            study.Visits.Count == 0 ? null : [.. study.Visits.Select(v => v.ToString())],
            [.. study.Tasks.Select(t => new StudyTaskJson(t.Id.ToString(), t.Name, t.Duration?.TotalSeconds, t.Runs == 1 ? null : t.Runs, t.Instruction))],
            [.. study.Participants.Select(p => new StudyParticipantJson(
                p.Id.ToString(), p.Arm.IsNone ? null : p.Arm.ToString(), p.Subject == p.Id ? null : p.Subject.ToString(), p.Attributes.Count == 0 ? null : p.Attributes))]),
        SessionJson.Default.StudyJson);

    /// <summary>Reads and checks the file of a study.</summary>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static Study Load(string path) => Parse(SessionFile.Read(path), path);

    /// <param name="json">The file's text.</param>
    /// <param name="called">The file, as the error names it.</param>
    /// <exception cref="UserException">It is none; one line says where and why.</exception>
    public static Study Parse(string json, string called)
    {
        var file = SessionFile.Parse(json, called, "study", Version, SessionJson.Default.StudyJson);
        var study = new Study
        {
            Id = SessionFile.Id(file.Id, called),
            Name = file.Name,
            Protocol = file.Protocol,
            KeepDays = file.KeepDays,
            Arms = [.. Each(file.Arms, "arm", called).Select(a => new StudyArm(SessionFile.Id(a.Id, $"{called}: an arm"), a.Name))],
            Visits = [.. (file.Visits ?? []).Select(v => SessionFile.Id(v, $"{called}: a visit"))],
            Tasks = [.. Each(file.Tasks, "task", called).Select(t => new StudyTask(
                SessionFile.Id(t.Id, $"{called}: a task"), t.Name, t.DurationS is { } s ? Lasts(s, t.Id, called) : null, t.Runs ?? 1, t.Instruction))],
            Participants = [.. Each(file.Participants, "participant", called).Select(p => new StudyParticipant(
                SessionFile.Id(p.Id, $"{called}: a participant"),
                p.Arm is null ? default : SessionFile.Id(p.Arm, $"{called}: participant {p.Id}, arm"),
                SessionFile.Id(p.Subject ?? p.Id, $"{called}: participant {p.Id}, subject"))
            {
                Attributes = p.Attributes ?? new Dictionary<string, string>(),
            })],
        };
        return study.FindFault() is { } fault ? throw new UserException($"{called}: {fault}") : study;
    }

    private static IEnumerable<T> Each<T>(IReadOnlyList<T?>? all, string what, string called) where T : class =>
        (all ?? []).Select((one, i) => one ?? throw new UserException(FormattableString.Invariant($"{called}: {what} {i + 1}: it is empty.")));

    private static TimeSpan Lasts(double seconds, string task, string called) => double.IsFinite(seconds) && Math.Abs(seconds) < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : throw new UserException($"{called}: task '{task}': duration_s is no duration.");
}

internal sealed record StudyJson(
    string Schema, [property: JsonRequired] string Id, [property: JsonRequired] string Name, [property: JsonRequired] string Protocol, int? KeepDays,
    IReadOnlyList<StudyArmJson?>? Arms, IReadOnlyList<string>? Visits, [property: JsonRequired] IReadOnlyList<StudyTaskJson?> Tasks, [property: JsonRequired] IReadOnlyList<StudyParticipantJson?> Participants);

internal sealed record StudyArmJson([property: JsonRequired] string Id, [property: JsonRequired] string Name);

internal sealed record StudyTaskJson([property: JsonRequired] string Id, [property: JsonRequired] string Name, double? DurationS, int? Runs, string? Instruction);

internal sealed record StudyParticipantJson([property: JsonRequired] string Id, string? Arm, string? Subject, IReadOnlyDictionary<string, string>? Attributes);

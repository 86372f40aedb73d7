using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;

namespace SensorHub.Web.Studies;

/// <summary>What study/study.js knows of the studies: names as in commands, the participants that the viewer may know of.</summary>
internal static class StudyModel
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="subject">Only theirs; none = everybody's.</param>
    public static string Of(IEnumerable<Study> studies, Slug subject) => JsonSerializer.Serialize(
        from study in studies
        let participants = study.Participants.Where(p => subject.IsNone || p.Subject == subject).ToArray()
        where participants.Length > 0
        select new
        {
            Study = study.Id.ToString(),
            study.Name,
            study.Protocol,
            Visits = study.Visits.Select(v => v.ToString()),
            Tasks = study.Tasks.Select(t => new { Task = t.Id.ToString(), t.Name, DurationS = t.Duration?.TotalSeconds, t.Runs, t.Instruction }),
            Participants = participants.Select(p => new { Participant = p.Id.ToString(), Subject = p.Subject.ToString(), Arm = p.Arm.IsNone ? null : p.Arm.ToString() }),
        }, Json);
}

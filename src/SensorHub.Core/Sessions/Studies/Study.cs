using System.Globalization;

namespace SensorHub.Core.Sessions.Studies;

/// <summary>
/// What a study plans: who takes part, in which arm, and what they do at each visit. People stand in it by pseudonyms. What was done stands in the
/// recordings (<see cref="RecordedStudy"/>).
/// </summary>
public sealed record Study
{
    public const int MaxName = 120;
    public const int MaxProtocol = 20;

    public required Slug Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Version of the protocol. Each recording keeps the one that it followed.</summary>
    public required string Protocol { get; init; }

    /// <summary>How long recordings are kept, counted from the day they were made; null = until somebody erases them.</summary>
    public int? KeepDays { get; init; }

    /// <summary>Empty: all do the same.</summary>
    public IReadOnlyList<StudyArm> Arms { get; init; } = [];

    /// <summary>In their order; empty: everybody comes once.</summary>
    public IReadOnlyList<Slug> Visits { get; init; } = [];

    /// <summary>In their order at a visit.</summary>
    public required IReadOnlyList<StudyTask> Tasks { get; init; }

    /// <summary>Empty while nobody has been recruited, or when all have been erased.</summary>
    public required IReadOnlyList<StudyParticipant> Participants { get; init; }

    /// <summary>The participant of a hub's subject; null = they do not take part.</summary>
    public StudyParticipant? Of(Slug subject) => Participants.FirstOrDefault(p => p.Subject == subject);

    /// <summary>Whether the same is done: who takes part may change under one version of the protocol, what they do may not.</summary>
    public bool DoesTheSame(Study other) => Protocol == other.Protocol && Arms.SequenceEqual(other.Arms) && Visits.SequenceEqual(other.Visits) && Tasks.SequenceEqual(other.Tasks);

    /// <summary>What is wrong with it, in one line; null = nothing.</summary>
    public string? FindFault()
    {
        if (!PlainText.Is(Name, MaxName))
            return $"its name is one line of 1 to {MaxName} characters.";
        if (!IsProtocol(Protocol))
            return $"its protocol '{Protocol}' is no version: use 1 to {MaxProtocol} letters, digits, '.' and '-', such as 1.0.";
        if (KeepDays is <= 0)
            return "keep_days is 1 or more; leave it out to keep recordings until they are erased.";
        if (Tasks.Count == 0)
            return "it has no tasks: name what participants do.";
        if (Same(Arms.Select(a => a.Id)) is { } arm)
            return $"two arms are called '{arm}'.";
        if (Same(Visits) is { } visit)
            return $"two visits are called '{visit}', by their letters and digits.";
        if (Same(Tasks.Select(t => t.Id)) is { } task)
            return $"two tasks are called '{task}', by their letters and digits.";
        if (Same(Participants.Select(p => p.Id)) is { } participant)
            return $"two participants are called '{participant}', by their letters and digits.";
        if (Participants.GroupBy(p => p.Subject).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return $"participants {twice.First().Id} and {twice.Last().Id} are both subject '{twice.Key}'.";
        foreach (var t in Tasks)
        {
            if (!PlainText.Is(t.Name, MaxName))
                return $"the name of task '{t.Id}' is one line of 1 to {MaxName} characters.";
            if (t.Instruction is not null && !PlainText.Is(t.Instruction, Marker.Said.MaxText))
                return $"the instruction of task '{t.Id}' is one line of 1 to {Marker.Said.MaxText} characters.";
            if (t.Runs is < 1 or > Marker.TaskBegan.MaxRun)
                return $"task '{t.Id}' has {t.Runs} runs; it takes 1 to {Marker.TaskBegan.MaxRun}.";
            if (t.Duration is { } lasts && (lasts <= TimeSpan.Zero || lasts > TimeSpan.FromDays(1)))
                return $"task '{t.Id}' lasts {lasts.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s; it takes more than 0 and at most a day.";
        }
        foreach (var p in Participants)
        {
            if (p.Arm.IsNone != (Arms.Count == 0) || !p.Arm.IsNone && Arms.All(a => a.Id != p.Arm))
                return Arms.Count == 0 ? $"participant '{p.Id}' is in arm '{p.Arm}', but the study has no arms."
                    : $"participant '{p.Id}' is in {(p.Arm.IsNone ? "no arm" : $"arm '{p.Arm}'")}; there are {string.Join(", ", Arms.Select(a => a.Id))}.";
        }
        return null;

        static Slug? Same(IEnumerable<Slug> ids) => ids.GroupBy(id => id.ToString().Replace("-", "", StringComparison.Ordinal)).FirstOrDefault(g => g.Count() > 1)?.Last();
    }

    /// <summary>1 to <see cref="MaxProtocol"/> letters, digits, '.' and '-'.</summary>
    public static bool IsProtocol(string? text) => text is { Length: > 0 and <= MaxProtocol } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');
}

public sealed record StudyArm(Slug Id, string Name);

/// <param name="Duration">Null: until somebody says that it is over.</param>
/// <param name="Runs">How often it is done at a visit.</param>
/// <param name="Instruction">What the participant is told; null = nothing is written.</param>
public sealed record StudyTask(Slug Id, string Name, TimeSpan? Duration = null, int Runs = 1, string? Instruction = null);

/// <param name="Id">Pseudonym in the study.</param>
/// <param name="Arm">None in a study without arms.</param>
/// <param name="Subject">Pseudonym on the hub.</param>
public sealed record StudyParticipant(Slug Id, Slug Arm, Slug Subject)
{
    /// <summary>What else exports say of the participant: age, sex, height. By name.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();
}

using SensorHub.Core;

namespace SensorHub.Export.Studies;

/// <summary>Where a recording belongs in a study.</summary>
/// <param name="Recording">Path of its folder.</param>
/// <param name="Participant">Pseudonym: letters and digits.</param>
/// <param name="Session">Letters and digits; null when each participant has one.</param>
/// <param name="Task">What was done, as people say it; its label is its letters and digits.</param>
public sealed record StudyEntry(string Recording, string Participant, string? Session, string Task)
{
    /// <summary>Number of the repetition of a task in a session, from 1; null when it was done once.</summary>
    public int? Run { get; init; }

    /// <summary>Version of the protocol of the study.</summary>
    public string? Protocol { get; init; }

    /// <summary>The part of the recording in which it was done, since the session began; null = all of it.</summary>
    public SessionWindow? Window { get; init; }

    /// <summary>What else is said of the participant: arm, age, sex. By name.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public string TaskLabel => Labels.Of(Task);

    /// <summary><c>sub-p1_ses-a_task-rolling_run-1</c>: names it in a folder.</summary>
    public string Name => $"sub-{Participant}{(Session is null ? "" : $"_ses-{Session}")}_task-{TaskLabel}{(Run is { } run ? FormattableString.Invariant($"_run-{run}") : "")}";

    /// <summary><c>participant=p1/study_session=a/task=rolling/run=1</c>: folders that DuckDB, Arrow and Spark read as columns.</summary>
    public string Partition => $"participant={Participant}/{(Session is null ? "" : $"study_session={Session}/")}task={TaskLabel}{(Run is { } run ? FormattableString.Invariant($"/run={run}") : "")}";
}

/// <summary>Part of a session: from <paramref name="From"/>, and before <paramref name="To"/>, after it began.</summary>
public readonly record struct SessionWindow(TimeSpan From, TimeSpan To);

/// <summary>Labels as BIDS has them: letters and digits alone.</summary>
public static class Labels
{
    /// <summary>The letters and digits of the text.</summary>
    /// <exception cref="UserException">There are none.</exception>
    public static string Of(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit)) is { Length: > 0 } label
        ? label
        : throw new UserException($"'{text}' has neither a letter (a-z) nor a digit: a label takes these alone.");

    public static bool Is(string text) => text.Length > 0 && text.All(char.IsAsciiLetterOrDigit);
}

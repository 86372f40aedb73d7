using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;

namespace SensorHub.Core.Sessions.Statistics;

/// <summary>How well a measure repeats itself from session to session, before anything was rolled in them.</summary>
/// <param name="Sessions">In the order of the file.</param>
/// <param name="Participants">Those who have all of them.</param>
/// <param name="LeftOut">Those who miss one.</param>
/// <param name="Table">A row a participant, a value a session.</param>
/// <param name="Comparison">Within one wearing when every participant wore the clip through; otherwise across wearings.</param>
/// <param name="Agreement">Of each later session with the first: later − first.</param>
public sealed record StudyReliability(
    Measure Measure, Side Side, string Task, IReadOnlyList<string> Sessions, IReadOnlyList<string> Participants, int LeftOut, IReadOnlyList<IReadOnlyList<double>> Table,
    Comparison Comparison, Reliability Reliability, IReadOnlyList<(string Session, BlandAltman Agreement)> Agreement);

/// <summary>Change of a measure against what was rolled.</summary>
/// <param name="Run">After rolling.</param>
/// <param name="Dose"><c>contact_s</c> or <c>impulse_n_s</c>.</param>
public sealed record StudyDose(Measure Measure, Side Side, ProtocolRun Run, string Dose, IReadOnlyList<DosedChange> Sessions, DoseResponse Response);

/// <summary>The statistics of a study's measures.</summary>
public sealed record StudyStatistics(IReadOnlyList<StudyReliability> Reliability, IReadOnlyList<StudyDose> Doses, IReadOnlyList<string> Left)
{
    /// <summary>Everything that the rows allow; of the rest, why not.</summary>
    public static StudyStatistics Of(IReadOnlyList<StudyRow> rows)
    {
        var left = new List<string>();
        var reliability = new List<StudyReliability>();
        foreach (var group in rows.Where(r => r.Run == ProtocolRun.Before).GroupBy(r => (r.Measure, r.Side, r.Task)).OrderBy(g => g.Key.Measure).ThenBy(g => g.Key.Side).ThenBy(g => g.Key.Task, StringComparer.Ordinal))
        {
            var what = OutcomeText.Name(group.Key.Measure) + (group.Key.Side == Side.None ? "" : $", {EnumNames.Of(group.Key.Side)}") + (group.Key.Task.Length == 0 ? "" : $", {group.Key.Task}");
            try
            {
                reliability.Add(Of(group.Key.Measure, group.Key.Side, group.Key.Task, [.. group], what));
            }
            catch (UserException e)
            {
                left.Add($"{what}: {e.Message}");
            }
        }
        return new StudyStatistics(reliability, [.. DosesOf(rows)], left);
    }

    private static StudyReliability Of(Measure measure, Side side, string task, IReadOnlyList<StudyRow> rows, string what)
    {
        if (rows.GroupBy(r => (r.Participant, r.Session)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UserException($"participant {twice.Key.Participant} has two values in session {twice.Key.Session}.");
        string[] sessions = [.. rows.Select(r => r.Session).Distinct(StringComparer.Ordinal)];
        var people = rows.GroupBy(r => r.Participant, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToDictionary(r => r.Session, StringComparer.Ordinal), StringComparer.Ordinal);
        string[] complete = [.. people.Where(p => p.Value.Count == sessions.Length).Select(p => p.Key)];
        double[][] table = [.. complete.Select(p => sessions.Select(s => people[p][s].Value).ToArray())];
        var result = Statistics.Reliability.Of(table);
        var worn = complete.All(p => people[p].Values.Select(r => r.Wearing).Distinct().ToArray() is [{ IsNone: false }]);
        return new StudyReliability(
            measure, side, task, sessions, complete, people.Count - complete.Length, table, worn ? Comparison.SameAttachment : Comparison.NewAttachment, result,
            [.. Enumerable.Range(1, sessions.Length - 1).Select(j => (sessions[j], BlandAltman.Of([.. table.Select(row => row[j])], [.. table.Select(row => row[0])])))]);
    }

    private static IEnumerable<StudyDose> DosesOf(IReadOnlyList<StudyRow> rows)
    {
        var before = rows.Where(r => r.Run == ProtocolRun.Before).GroupBy(Key).ToDictionary(g => g.Key, g => g.First().Value);
        foreach (var after in rows.Where(r => r.Run != ProtocolRun.Before).GroupBy(r => (r.Measure, r.Side, r.Run)).OrderBy(g => g.Key.Measure).ThenBy(g => g.Key.Side).ThenBy(g => g.Key.Run))
            foreach (var (dose, of) in new (string, Func<StudyRow, double?>)[] { ("contact_s", r => r.ContactSeconds), ("impulse_n_s", r => r.Impulse) })
            {
                DosedChange[] sessions = [.. from row in after where of(row) is not null && before.ContainsKey(Key(row)) select new DosedChange(row.Participant, of(row)!.Value, row.Value - before[Key(row)])];
                if (sessions.Length >= 2)
                    yield return new StudyDose(after.Key.Measure, after.Key.Side, after.Key.Run, dose, sessions, DoseResponse.Of(sessions));
            }

        static (string, string, string, Measure, Side) Key(StudyRow row) => (row.Participant, row.Session, row.Task, row.Measure, row.Side);
    }
}

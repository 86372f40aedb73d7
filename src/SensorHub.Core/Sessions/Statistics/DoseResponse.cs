namespace SensorHub.Core.Sessions.Statistics;

/// <summary>One session: how much was rolled, and by how much a measure changed.</summary>
public readonly record struct DosedChange(string Participant, double Dose, double Change);

/// <summary>Sessions of about the same dose.</summary>
/// <param name="Lowest">Dose.</param>
/// <param name="Highest">Dose.</param>
/// <param name="MeanDose">Over the participants.</param>
/// <param name="Change">Mean over the participants, each by the mean of their sessions; its interval counts people, not sessions. Null with fewer than two.</param>
public sealed record DoseGroup(double Lowest, double Highest, int Participants, int Sessions, double MeanDose, double MeanChange, IntervalEstimate? Change);

/// <summary>
/// Change against dose. The groups compare doses across people and sessions. The slope is within people: what a person's change grows by when that
/// person's dose does, by analysis of covariance with a level for each (Bland and Altman, BMJ 310:446, 1995), so that differences between people do not count.
/// </summary>
/// <param name="Groups">By dose, of about as many sessions each.</param>
/// <param name="Slope">Change for a unit of dose; null when no person has two sessions of different doses, or too few are left to tell.</param>
/// <param name="Correlation">Within people, −1 to 1; null as the slope.</param>
/// <param name="Degrees">Of freedom behind the slope.</param>
public sealed record DoseResponse(int Participants, int Sessions, IReadOnlyList<DoseGroup> Groups, IntervalEstimate? Slope, double? Correlation, int Degrees)
{
    private const double Probability = 0.975;

    /// <param name="sessions">All finite.</param>
    /// <param name="groups">How many groups at most; fewer when there are few sessions.</param>
    public static DoseResponse Of(IReadOnlyList<DosedChange> sessions, int groups = 3)
    {
        var sorted = sessions.OrderBy(s => s.Dose).ThenBy(s => s.Participant, StringComparer.Ordinal).ToArray();
        groups = Math.Clamp(sorted.Length / 2, 1, groups);
        var parts = Enumerable.Range(0, groups).Select(g => sorted[(g * sorted.Length / groups)..((g + 1) * sorted.Length / groups)]).Where(p => p.Length > 0).Select(Group).ToArray();

        double sxx = 0, sxy = 0, syy = 0;
        var people = sessions.GroupBy(s => s.Participant, StringComparer.Ordinal).ToArray();
        foreach (var person in people)
        {
            var (x, y) = (person.Average(s => s.Dose), person.Average(s => s.Change));
            foreach (var session in person)
            {
                sxx += (session.Dose - x) * (session.Dose - x);
                sxy += (session.Dose - x) * (session.Change - y);
                syy += (session.Change - y) * (session.Change - y);
            }
        }
        var degrees = sessions.Count - people.Length - 1;
        if (degrees < 1 || !(sxx > 1e-12 * sessions.Sum(s => s.Dose * s.Dose)))
            return new DoseResponse(people.Length, sessions.Count, parts, null, null, Math.Max(0, degrees));
        var slope = sxy / sxx;
        var half = Distributions.StudentQuantile(Probability, degrees) * Math.Sqrt(Math.Max(0, syy - sxy * slope) / degrees / sxx);
        return new DoseResponse(people.Length, sessions.Count, parts, new IntervalEstimate(slope, slope - half, slope + half), syy > 0 ? sxy / Math.Sqrt(sxx * syy) : null, degrees);
    }

    private static DoseGroup Group(DosedChange[] sessions)
    {
        var people = sessions.GroupBy(s => s.Participant, StringComparer.Ordinal).Select(p => (Dose: p.Average(s => s.Dose), Change: p.Average(s => s.Change))).ToArray();
        var mean = people.Average(p => p.Change);
        IntervalEstimate? change = null;
        if (people.Length > 1)
        {
            var sd = Math.Sqrt(people.Sum(p => (p.Change - mean) * (p.Change - mean)) / (people.Length - 1));
            var half = Distributions.StudentQuantile(Probability, people.Length - 1) * sd / Math.Sqrt(people.Length);
            change = new IntervalEstimate(mean, mean - half, mean + half);
        }
        return new DoseGroup(sessions[0].Dose, sessions[^1].Dose, people.Length, sessions.Length, people.Average(p => p.Dose), mean, change);
    }
}

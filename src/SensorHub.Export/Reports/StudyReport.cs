using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Plots;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Statistics;

namespace SensorHub.Export.Reports;

/// <summary>The statistics of a study as a page with plots, and as tables.</summary>
public static class StudyReport
{
    public const string ReliabilityHeader = "measure,side,task,comparison,unit,participants,left_out,sessions,mean,sd,icc_2_1,icc_2_1_lower_95,icc_2_1_upper_95,icc_3_1,icc_3_1_lower_95,icc_3_1_upper_95,sem,mdc_95";
    public const string AgreementHeader = "measure,side,task,session,against,unit,participants,bias,bias_lower_95,bias_upper_95,sd,lower_limit,lower_limit_lower_95,lower_limit_upper_95,upper_limit,upper_limit_lower_95,upper_limit_upper_95";
    public const string DoseHeader = "measure,side,run,dose,unit,group,dose_lowest,dose_highest,dose_mean,participants,sessions,change_mean,change_lower_95,change_upper_95";

    public static IEnumerable<string> ReliabilityRows(StudyStatistics study) => study.Reliability.Select(r => string.Join(',',
        EnumNames.Of(r.Measure), EnumNames.Of(r.Side), Quoted(r.Task), EnumNames.Of(r.Comparison), OutcomeText.Unit(r.Measure), Text(r.Participants.Count), Text(r.LeftOut), Text(r.Sessions.Count),
        Text(r.Reliability.Mean), Text(r.Reliability.StandardDeviation), Text(r.Reliability.Icc21), Text(r.Reliability.Icc31), Text(r.Reliability.Sem), Text(r.Reliability.Mdc95)));

    public static IEnumerable<string> AgreementRows(StudyStatistics study) => study.Reliability.SelectMany(r => r.Agreement.Select(a => string.Join(',',
        EnumNames.Of(r.Measure), EnumNames.Of(r.Side), Quoted(r.Task), a.Session, r.Sessions[0], OutcomeText.Unit(r.Measure), Text(a.Agreement.Subjects),
        Text(a.Agreement.Bias), Text(a.Agreement.StandardDeviation), Text(a.Agreement.LowerLimit), Text(a.Agreement.UpperLimit))));

    public static IEnumerable<string> DoseRows(StudyStatistics study) => study.Doses.SelectMany(d => d.Response.Groups.Select((g, i) => string.Join(',',
        EnumNames.Of(d.Measure), EnumNames.Of(d.Side), EnumNames.Of(d.Run), d.Dose, OutcomeText.Unit(d.Measure), Text(i + 1), Text(g.Lowest), Text(g.Highest), Text(g.MeanDose),
        Text(g.Participants), Text(g.Sessions), Text(g.MeanChange), Text(g.Change?.Lower), Text(g.Change?.Upper))));

    /// <summary>The errors that verdicts at this site may rest on: no side, one task, more than a chance to be true.</summary>
    public static IEnumerable<string> SiteRows(StudyStatistics study) => study.Reliability
        .GroupBy(r => (r.Measure, r.Comparison)).Select(g => g.OrderByDescending(r => r.Participants.Count).First())
        .Where(r => r.Reliability.Sem > 0)
        .Select(r => SiteErrors.Row(r.Measure, r.Comparison, r.Reliability.Sem, r.Participants.Count));

    /// <param name="study">The statistics.</param>
    /// <param name="called">What the study is called.</param>
    public static string Page(StudyStatistics study, string called)
    {
        var page = new HtmlPage($"Statistics of {called}");
        page.Paragraph("Reliability is from the measurements before rolling, session against session. ICC(2,1) is absolute agreement, ICC(3,1) consistency of one measurement (Shrout and Fleiss 1979), with 95 % intervals (McGraw and Wong 1996). "
            + "SEM = SD · √(1 − ICC(2,1)); MDC95 = 1.96 · √2 · SEM. Limits of agreement: bias ± 1.96 SD (Bland and Altman 1986).");
        page.Heading("Reliability");
        if (study.Reliability.Count == 0)
            page.Paragraph("No measure was taken of two participants in two sessions at least.");
        else
            page.Table(
                ["measure", "clip", "participants#", "sessions#", "mean ± SD#", "ICC(2,1)#", "ICC(3,1)#", "reliability", "SEM#", "MDC95#", "used for verdicts"],
                study.Reliability.Select(r => (IReadOnlyList<string>)
                [
                    NameOf(r), r.Comparison == Comparison.SameAttachment ? "stayed on" : "put on anew", Text(r.Participants.Count) + (r.LeftOut == 0 ? "" : $" ({r.LeftOut} left out)"), Text(r.Sessions.Count),
                    string.Create(CultureInfo.InvariantCulture, $"{r.Reliability.Mean:0.0} ± {r.Reliability.StandardDeviation:0.0}"), Interval(r.Reliability.Icc21, "0.00"), Interval(r.Reliability.Icc31, "0.00"), Reliability.Rating(r.Reliability.Icc21),
                    string.Create(CultureInfo.InvariantCulture, $"{r.Reliability.Sem:0.00} {OutcomeText.Unit(r.Measure)}"), string.Create(CultureInfo.InvariantCulture, $"{r.Reliability.Mdc95:0.00} {OutcomeText.Unit(r.Measure)}"),
                    r.Participants.Count >= DetectableChanges.FewestSubjects ? "yes" : $"from {DetectableChanges.FewestSubjects} participants on",
                ]));
        foreach (var r in study.Reliability)
            foreach (var (session, agreement) in r.Agreement)
                AddAgreement(page, r, session, agreement);
        AddDoses(page, study);
        if (study.Left.Count > 0)
            page.Heading("Left out").Table(["why"], study.Left.Select(l => (IReadOnlyList<string>)[l]));
        return page.Soft(OutcomeText.Limits).ToString();
    }

    private static void AddAgreement(HtmlPage page, StudyReliability r, string session, BlandAltman agreement)
    {
        var unit = OutcomeText.Unit(r.Measure) switch { "deg" => "°", "1" => "points", var other => other };
        var column = r.Sessions.ToList().IndexOf(session);
        page.Heading($"{NameOf(r)}: {session} against {r.Sessions[0]}").Plot(
            new SvgPlot($"Bland–Altman plot of {NameOf(r)}", $"mean of the two, {unit}", $"{session} − {r.Sessions[0]}, {unit}")
                .Points("a", [.. r.Table.Select(row => ((row[column] + row[0]) / 2, row[column] - row[0]))])
                .Level(agreement.Bias.Value, "a", string.Create(CultureInfo.InvariantCulture, $"bias {agreement.Bias.Value:0.00}"))
                .Level(agreement.LowerLimit.Value, "b", string.Create(CultureInfo.InvariantCulture, $"−1.96 SD {agreement.LowerLimit.Value:0.00}"))
                .Level(agreement.UpperLimit.Value, "b", string.Create(CultureInfo.InvariantCulture, $"+1.96 SD {agreement.UpperLimit.Value:0.00}")));
        page.Soft(string.Create(CultureInfo.InvariantCulture,
            $"Bias {Interval(agreement.Bias, "0.00")}, limits of agreement {Interval(agreement.LowerLimit, "0.00")} and {Interval(agreement.UpperLimit, "0.00")} {unit}, {agreement.Subjects} participants; 95 % intervals in brackets."));
    }

    private static void AddDoses(HtmlPage page, StudyStatistics study)
    {
        foreach (var d in study.Doses)
        {
            var (dose, unit) = (d.Dose == "contact_s" ? "time in contact, s" : "impulse, N·s", OutcomeText.Unit(d.Measure) switch { "deg" => "°", "1" => "points", var other => other });
            page.Heading($"Change of {OutcomeText.Name(d.Measure)}{(d.Side == Side.None ? "" : $", {EnumNames.Of(d.Side)}")}, {EnumNames.Of(d.Run).Replace('_', ' ')}, against {dose}");
            var plot = new SvgPlot($"Change of {OutcomeText.Name(d.Measure)} against dose", dose, $"change, {unit}").Points("a", [.. d.Sessions.Select(s => (s.Dose, s.Change))]).Level(0, "c", "no change");
            if (d.Response.Slope is { } slope)
            {
                var (x, y) = (d.Sessions.Average(s => s.Dose), d.Sessions.Average(s => s.Change));
                plot.Line("b", [.. new[] { d.Sessions.Min(s => s.Dose), d.Sessions.Max(s => s.Dose) }.Select(at => (at, y + slope.Value * (at - x)))], "within people");
            }
            page.Plot(plot).Table(
                ["dose#", "mean dose#", "participants#", "sessions#", $"mean change, {unit}#", "95 % interval#"],
                d.Response.Groups.Select(g => (IReadOnlyList<string>)
                [
                    string.Create(CultureInfo.InvariantCulture, $"{g.Lowest:0} to {g.Highest:0}"), string.Create(CultureInfo.InvariantCulture, $"{g.MeanDose:0}"), Text(g.Participants), Text(g.Sessions),
                    string.Create(CultureInfo.InvariantCulture, $"{g.MeanChange:0.0}"), g.Change is { } change ? string.Create(CultureInfo.InvariantCulture, $"{change.Lower:0.0} to {change.Upper:0.0}") : "one participant",
                ]));
            page.Soft(d.Response.Slope is { } s
                ? string.Create(CultureInfo.InvariantCulture, $"Within people: {s.Value:0.####} {unit} for each unit of dose ({s.Lower:0.####} to {s.Upper:0.####}), r = {d.Response.Correlation:0.00}, {d.Response.Degrees} degrees of freedom (Bland and Altman 1995). Who chose the dose, chose it: this is no proof of a cause.")
                : "No slope: it takes people with two sessions of different doses, and more sessions than people by two.");
        }
    }

    private static string NameOf(StudyReliability r) =>
        OutcomeText.Name(r.Measure) + (r.Side == Side.None ? "" : $", {EnumNames.Of(r.Side)}") + (r.Task.Length == 0 ? "" : $" ({r.Task})");

    private static string Interval(IntervalEstimate e, string format) =>
        $"{e.Value.ToString(format, CultureInfo.InvariantCulture)} ({e.Lower.ToString(format, CultureInfo.InvariantCulture)} to {e.Upper.ToString(format, CultureInfo.InvariantCulture)})";

    private static string Text(IntervalEstimate e) => $"{Text(e.Value)},{Text(e.Lower)},{Text(e.Upper)}";

    private static string Text(double? value) => value?.ToString("0.######", CultureInfo.InvariantCulture) ?? "";

    private static string Quoted(string text) => text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}

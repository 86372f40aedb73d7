using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Outcomes;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze outcome BEFORE [AFTER]</c>: the protocol before and after rolling, from recordings.</summary>
internal static class AnalyzeOutcome
{
    private const string Header =
        "run,measure,side,unit,primary,before,before_u,before_n,after,after_u,after_n,change,change_u,change_lower,change_upper,"
        + "sem_lower,sem_upper,mdc_lower,mdc_upper,verdict,reason,method,source";

    private const string SidesHeader = "run,what,muscle,unit,left,left_u,right,right_u,index_pct,index_u_pct,detectable,flagged,source";

    public static Command Create()
    {
        var before = new Argument<string>("BEFORE") { Description = "A recording (its folder or one of its files): the whole session, or what was measured before rolling" };
        var after = new Argument<string?>("AFTER") { Description = "What was measured after rolling, if that is another recording", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--out") { Description = "CSV to write, a row for each measure", HelpName = "OUT" };
        var sides = new Option<string?>("--sides") { Description = "CSV to write, a row for each comparison of left with right", HelpName = "SIDES" };
        var stayedOn = new Option<bool>("--stayed-on") { Description = "The clip stayed on from BEFORE to AFTER. In one recording it did, unless the recording says otherwise" };
        var site = new Option<(Measure Measure, double Sem, int Subjects)[]>("--site-sem")
        {
            Description = "This site's own standard error of a measure within one wearing, from at least 30 people ('analyze reliability'): pelvic_rotation=2.1:34",
            HelpName = "MEASURE=SEM:PEOPLE",
            CustomParser = ParseSites,
            Arity = ArgumentArity.ZeroOrMore,
        };
        var siteErrors = ExportCommand.SiteOption();
        var command = new Command("outcome", """
            What changed from before to after rolling, and whether that is more than the error of measuring.

            Finds still stands, sitting and slow forward bends in the recording; rolling parts before from after. The primary outcome is how far the
            pelvis turns in the bend. A change is 'likely real' from the smallest detectable change on, 'uncertain' above the error of measurement,
            else 'no detectable change'; where studies disagree, the more careful end counts. Each change has an interval of ± 2 standard uncertainties.

            Columns of OUT:
              run                          after_two_minutes, after_ten_minutes, or after (AFTER without rolling)
              measure, side, unit          deg, % or 1
              before, after, change        with _u (standard uncertainty) and _n (repetitions)
              change_lower, change_upper   change ± 2 u
              sem_…, mdc_…                 error of measurement and smallest detectable change, as published
              verdict, reason              refused verdicts say why

            Left is compared with right where both were measured: legs raised or knees extended, and the force and impulse of a muscle that was rolled on
            both sides. The symmetry index is 100·(R − L)/(0.5·(R + L)) %; it is flagged from 15 % on if the difference is detectable too.

            Columns of SIDES:
              run, what, muscle, unit      rolling, or the run in which a leg was raised; straight_leg_raise, knee_extension, mean_force, impulse
              left, right                  with _u (standard uncertainty)
              index_pct, index_u_pct       empty where the ratio says nothing: near zero, sides of opposite sign, too few repetitions
              detectable, flagged, source  smallest difference of the sides that can be detected, and where it is from
            """)
        {
            before, after, output, sides, stayedOn, site, siteErrors,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to, csv) = (parsed.GetValue(before)!, parsed.GetValue(after), parsed.GetValue(output));
            var detectable = (parsed.GetValue(site) ?? []).Aggregate(
                ExportCommand.Site(parsed.GetValue(siteErrors)), (table, own) => table.WithSite(own.Measure, Comparison.SameAttachment, own.Sem, own.Subjects));
            var outcomes = new List<(string Run, IReadOnlyList<Change> Changes)>();
            var bySide = new List<(string Run, SideComparison Sides)>();
            await Terminal.WithProgressAsync(() => $"Outcome of {from}", () => Task.Run(() =>
            {
                var first = Measure(from, cancellationToken);
                var second = to is null ? null : Measure(to, cancellationToken);
                outcomes.AddRange(Compare(from, first, to, second, parsed.GetValue(stayedOn), detectable));
                bySide.AddRange(Sides(first, detectable));
                if (second is not null)
                    bySide.AddRange(Sides(second, detectable).Select(s => (s.Run == EnumNames.Of(ProtocolRun.Before) ? "after" : s.Run, s.Sides)));
            }, cancellationToken));
            if (csv is not null)
                AnalyzeOutput.Write(csv, Header, outcomes.SelectMany(o => o.Changes.Select(change => Row(o.Run, change))));
            if (parsed.GetValue(sides) is { } sidesCsv)
                AnalyzeOutput.Write(sidesCsv, SidesHeader, bySide.Select(s => Row(s.Run, s.Sides)));
            foreach (var (run, changes) in outcomes)
                Print(run, changes);
            Print(bySide);
            Terminal.Say(OutcomeText.Limits);
            return 0;
        });
        return command.WithExamples(
            ("analyze outcome recordings/monday", "A session with the protocol before rolling and two minutes after it"),
            ("analyze outcome recordings/before recordings/after --stayed-on --out outcome.csv", "Two recordings within one wearing of the clip"));
    }

    private static IEnumerable<(string Run, IReadOnlyList<Change> Changes)> Compare(
        string from, MeasuredRecording first, string? to, MeasuredRecording? second, bool stayedOn, DetectableChanges detectable)
    {
        var before = first.Runs.GetValueOrDefault(ProtocolRun.Before)
            ?? throw new UserException($"{from}: no measurement before rolling: it takes a calibrated stand, then still stands of 10 s and slow bends.");
        if (second is null)
        {
            if (first.Runs.Count == 1)
                throw new UserException($"{from}: no measurement after rolling{(first.HasRolling ? "" : ", and no rolling")}. Name the recording of AFTER as well.");
            foreach (var (run, changes) in first.Compare(detectable))
                yield return (EnumNames.Of(run), changes);
            yield break;
        }
        var after = second.HasRolling ? second.Runs.Where(r => r.Key != ProtocolRun.Before).ToArray() : [.. second.Runs];
        if (after.Length == 0)
            throw new UserException($"{to}: no measurement: it takes a calibrated stand, then still stands of 10 s and slow bends.");
        foreach (var (run, values) in after)
            yield return (run == ProtocolRun.Before ? "after" : EnumNames.Of(run), SessionOutcome.Compare(Worn(before), Worn(values), detectable));

        MeasureValue[] Worn(IReadOnlyList<MeasureValue> values) => stayedOn ? WearingOfOne.Recording(values) : [.. values];
    }

    private static IEnumerable<(string Run, SideComparison Sides)> Sides(MeasuredRecording recorded, DetectableChanges detectable) =>
        recorded.Runs.SelectMany(run => SideComparison.OfMeasures(run.Value, detectable).Select(sides => (EnumNames.Of(run.Key), sides)))
            .Concat(SideComparison.OfRolling(recorded.Sets).Select(sides => ("rolling", sides)));

    private static MeasuredRecording Measure(string path, CancellationToken cancellationToken) =>
        MeasuredRecording.Read(path, damage => Terminal.Warn(damage.ToString()), cancellationToken);

    private static void Print(List<(string Run, SideComparison Sides)> comparisons)
    {
        if (comparisons.Count > 0)
            Terminal.Say("left against right");
        foreach (var (run, sides) in comparisons)
        {
            var unit = sides.Unit == "deg" ? "°" : $" {sides.Unit}";
            var what = (sides.Muscle == Muscle.None ? "" : $"{MuscleFacts.Of(sides.Muscle).Name}, ") + sides.What.Replace('_', ' ') + (run == "rolling" ? "" : $", {run.Replace('_', ' ')}");
            var index = sides.Index.Value is { } value
                ? string.Create(CultureInfo.InvariantCulture, $"{value.Value:+0;-0;0} % ± {2 * value.StandardUncertainty:0}") : "no index";
            var says = sides.Index switch
            {
                { Value: null } => "the ratio says nothing",
                { Flagged: true } => "the sides differ: worth a look, no diagnosis",
                _ => "no difference that counts",
            };
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  {what,-38} {sides.Left.Value,6:0.#}{unit} | {sides.Right.Value,5:0.#}{unit}  {index}: {says}"));
        }
    }

    private static string Row(string run, SideComparison sides) => string.Join(',',
        run, sides.What, EnumNames.Of(sides.Muscle), sides.Unit,
        Number(sides.Left.Value), Number(sides.Left.StandardUncertainty), Number(sides.Right.Value), Number(sides.Right.StandardUncertainty),
        Number(sides.Index.Value?.Value), Number(sides.Index.Value?.StandardUncertainty), Number(sides.Detectable), sides.Index.Flagged ? "1" : "0", $"\"{sides.Source}\"");

    private static void Print(string run, IReadOnlyList<Change> changes)
    {
        Terminal.Say(run.Replace('_', ' '));
        foreach (var change in changes)
        {
            var name = OutcomeText.Name(change.Measure) + (change.Side == Side.None ? "" : $", {EnumNames.Of(change.Side)}") + (change.IsPrimary ? " (primary)" : "");
            var unit = OutcomeText.Unit(change.Measure) switch { "deg" => "°", "1" => "", var other => $" {other}" };
            var values = change.Difference is { } difference
                ? string.Create(CultureInfo.InvariantCulture,
                    $"{change.Before!.Value.Value,6:0.0}{unit} → {change.After!.Value.Value,5:0.0}{unit}  {difference.Value,6:+0.0;-0.0;0.0}{unit} ({difference.Interval.Lower:0.0} to {difference.Interval.Upper:0.0})")
                : "";
            Terminal.Say($"  {name,-38} {values,-42} {OutcomeText.Name(change.Verdict)}");
            Terminal.Say($"      {OutcomeText.Sentence(change)}");
        }
    }

    private static string Row(string run, Change change)
    {
        var (difference, detectable) = (change.Difference, change.Detectable);
        return string.Join(',',
            run, EnumNames.Of(change.Measure), EnumNames.Of(change.Side), OutcomeText.Unit(change.Measure), change.IsPrimary ? "1" : "0",
            Number(change.Before?.Value.Value), Number(change.Before?.Value.StandardUncertainty), Number(change.Before?.Repetitions),
            Number(change.After?.Value.Value), Number(change.After?.Value.StandardUncertainty), Number(change.After?.Repetitions),
            Number(difference?.Value), Number(difference?.StandardUncertainty), Number(difference?.Interval.Lower), Number(difference?.Interval.Upper),
            Number(detectable?.Sem.Lower), Number(detectable?.Sem.Upper), Number(detectable?.Mdc.Lower), Number(detectable?.Mdc.Upper),
            EnumNames.Of(change.Verdict), change.Refusal == Refusal.None ? "" : EnumNames.Of(change.Refusal),
            (change.After ?? change.Before)?.Method ?? "", detectable is null ? "" : $"\"{detectable.Source}\"");
    }

    private static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";

    private static (Measure, double, int)[] ParseSites(ArgumentResult result)
    {
        var sites = new List<(Measure, double, int)>();
        foreach (var token in result.Tokens)
        {
            if (token.Value.Split('=', ':') is [var name, var sem, var people] && EnumNames.TryParse<Measure>(name, out var measure)
                && double.TryParse(sem, CultureInfo.InvariantCulture, out var error) && int.TryParse(people, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                sites.Add((measure, error, count));
            else
                result.AddError($"'{token.Value}' is not such as pelvic_rotation=2.1:34; the measures are {string.Join(", ", EnumNames.All<Measure>())}.");
        }
        return [.. sites];
    }
}

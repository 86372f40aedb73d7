using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze outcome BEFORE [AFTER]</c>: the protocol before and after rolling, from recordings.</summary>
internal static class AnalyzeOutcome
{
    private const string Header =
        "run,measure,side,unit,primary,before,before_u,before_n,after,after_u,after_n,change,change_u,change_lower,change_upper,"
        + "sem_lower,sem_upper,mdc_lower,mdc_upper,verdict,reason,method,source";

    private static readonly Slug OneWearing = Slug.Parse("one-wearing");

    public static Command Create()
    {
        var before = new Argument<string>("BEFORE") { Description = "A recording (its folder or one of its files): the whole session, or what was measured before rolling" };
        var after = new Argument<string?>("AFTER") { Description = "What was measured after rolling, if that is another recording", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--out") { Description = "CSV to write, a row for each measure", HelpName = "OUT" };
        var stayedOn = new Option<bool>("--stayed-on") { Description = "The clip stayed on from BEFORE to AFTER. In one recording it did, unless the recording says otherwise" };
        var site = new Option<(Measure Measure, double Sem, int Subjects)[]>("--site-sem")
        {
            Description = "This site's own standard error of a measure within one wearing, from at least 30 people ('analyze reliability'): pelvic_rotation=2.1:34",
            HelpName = "MEASURE=SEM:PEOPLE",
            CustomParser = ParseSites,
            Arity = ArgumentArity.ZeroOrMore,
        };
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
            """)
        {
            before, after, output, stayedOn, site,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to, csv) = (parsed.GetValue(before)!, parsed.GetValue(after), parsed.GetValue(output));
            var detectable = (parsed.GetValue(site) ?? []).Aggregate(
                DetectableChanges.Published, (table, own) => table.WithSite(own.Measure, Comparison.SameAttachment, own.Sem, own.Subjects));
            var outcomes = new List<(string Run, IReadOnlyList<Change> Changes)>();
            await Terminal.WithProgressAsync(() => $"Outcome of {from}", () => Task.Run(
                () => outcomes.AddRange(Compare(from, to, parsed.GetValue(stayedOn), detectable, cancellationToken)), cancellationToken));
            if (csv is not null)
                AnalyzeOutput.Write(csv, Header, outcomes.SelectMany(o => o.Changes.Select(change => Row(o.Run, change))));
            foreach (var (run, changes) in outcomes)
                Print(run, changes);
            Terminal.Say(OutcomeText.Limits);
            return 0;
        });
        return command.WithExamples(
            ("analyze outcome recordings/monday", "A session with the protocol before rolling and two minutes after it"),
            ("analyze outcome recordings/before recordings/after --stayed-on --out outcome.csv", "Two recordings within one wearing of the clip"));
    }

    private static IEnumerable<(string Run, IReadOnlyList<Change> Changes)> Compare(
        string from, string? to, bool stayedOn, DetectableChanges detectable, CancellationToken cancellationToken)
    {
        var first = Measure(from, cancellationToken);
        var before = first.Runs.GetValueOrDefault(ProtocolRun.Before)
            ?? throw new UserException($"{from}: no measurement before rolling: it takes a calibrated stand, then still stands of 10 s and slow bends.");
        if (to is null)
        {
            if (first.Runs.Count == 1)
                throw new UserException($"{from}: no measurement after rolling{(first.HasRolling ? "" : ", and no rolling")}. Name the recording of AFTER as well.");
            foreach (var (run, values) in first.Runs.Where(r => r.Key != ProtocolRun.Before))
                yield return (EnumNames.Of(run), SessionOutcome.Compare(Worn(before, OneWearing), Worn(values, OneWearing), detectable));
            yield break;
        }
        var second = Measure(to, cancellationToken);
        var after = second.HasRolling ? second.Runs.Where(r => r.Key != ProtocolRun.Before).ToArray() : [.. second.Runs];
        if (after.Length == 0)
            throw new UserException($"{to}: no measurement: it takes a calibrated stand, then still stands of 10 s and slow bends.");
        var wearing = stayedOn ? OneWearing : default;
        foreach (var (run, values) in after)
            yield return (run == ProtocolRun.Before ? "after" : EnumNames.Of(run), SessionOutcome.Compare(Worn(before, wearing), Worn(values, wearing), detectable));
    }

    /// <summary>Whose wearing nobody named was this one.</summary>
    private static MeasureValue[] Worn(IEnumerable<MeasureValue> values, Slug wearing) =>
        [.. values.Select(v => v.Attachment.IsNone ? v with { Attachment = wearing } : v)];

    private static (IReadOnlyDictionary<ProtocolRun, IReadOnlyList<MeasureValue>> Runs, bool HasRolling) Measure(string path, CancellationToken cancellationToken)
    {
        var pipeline = new FeaturePipeline();
        var protocol = new RecordedProtocol();
        foreach (var record in RecordingReader.Read(path, damage => Terminal.Warn(damage.ToString())))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (record is SensorRecord.Marked marked)
                protocol.Mark(marked.At, marked.Marker);
            foreach (var feature in pipeline.Update(record))
                protocol.Update(feature);
        }
        foreach (var feature in pipeline.Complete())
            protocol.Update(feature);
        return (protocol.Measure(), protocol.HasRolling);
    }

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

        static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";
    }

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

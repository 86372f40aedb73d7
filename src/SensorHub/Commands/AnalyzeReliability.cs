using System.CommandLine;
using System.Globalization;
using SensorHub.Core.Sessions.Statistics;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze reliability TABLE</c>: how well a measure repeats itself.</summary>
internal static class AnalyzeReliability
{
    public static Command Create()
    {
        var input = new Argument<string>("TABLE") { Description = "CSV with a header, a row for each subject: name, and a number for each session" };
        var output = new Option<string?>("--out") { Description = "CSV to write: statistic,value,lower_95,upper_95", HelpName = "OUT" };
        var command = new Command("reliability", """
            Reliability of a measure that was taken several times of each subject, with nothing done in between.

              ICC(2,1)   absolute agreement of one measurement (two-way random); ICC(3,1), ICC(3,k): consistency of one, and of the mean of all
              SEM        standard error of measurement, SD · √(1 − ICC(2,1)), in the unit of the table
              MDC95      smallest detectable change, 1.96 · √2 · SEM
              bias, limits of agreement (bias ± 1.96 SD) of each later session against the first, after Bland and Altman: later − first
            """)
        {
            input, output,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(input)!;
            var table = SubjectTable.Read(path);
            var statistics = Statistics(table).ToArray();
            if (parsed.GetValue(output) is { } to)
            {
                AnalyzeOutput.CheckIsNot(path, to);
                AnalyzeOutput.Write(to, "statistic,value,lower_95,upper_95", statistics.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name},{s.Value:G9},{s.Lower:G9},{s.Upper:G9}")));
            }
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{table.Subjects.Count} subjects, {table.Sessions.Count} sessions"));
            foreach (var (name, value, lower, upper) in statistics)
                Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  {name,-28} {value,9:0.000}") + (lower is null ? "" : string.Create(CultureInfo.InvariantCulture, $"   {lower:0.000} to {upper:0.000}")));
            return 0;
        });
        return command.WithExamples(
            ("analyze reliability lordosis.csv", "A table such as subject,monday,tuesday / anna,31.2,29.8 / …"),
            ("analyze reliability lordosis.csv --out reliability.csv", "The same, also as CSV; its SEM can be given to 'analyze outcome --site-sem'"));
    }

    private static IEnumerable<(string Name, double Value, double? Lower, double? Upper)> Statistics(SubjectTable table)
    {
        var r = Reliability.Of(table.Values);
        yield return ("mean", r.Mean, null, null);
        yield return ("sd", r.StandardDeviation, null, null);
        yield return With("icc_2_1", r.Icc21);
        yield return With("icc_3_1", r.Icc31);
        yield return With("icc_3_k", r.Icc3K);
        yield return ("sem", r.Sem, null, null);
        yield return ("mdc_95", r.Mdc95, null, null);
        for (var session = 1; session < table.Sessions.Count; session++)
        {
            var agreement = BlandAltman.Of([.. table.Values.Select(row => row[session])], [.. table.Values.Select(row => row[0])]);
            var name = $"{table.Sessions[session]}-{table.Sessions[0]}";
            yield return With($"{name} bias", agreement.Bias);
            yield return With($"{name} lower_limit", agreement.LowerLimit);
            yield return With($"{name} upper_limit", agreement.UpperLimit);
        }

        static (string, double, double?, double?) With(string name, IntervalEstimate e) => (name, e.Value, e.Lower, e.Upper);
    }
}

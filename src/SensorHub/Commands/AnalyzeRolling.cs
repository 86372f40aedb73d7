using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze rolling IN --out OUT</c>: strokes, a row each.</summary>
internal static partial class AnalyzeRolling
{
    private const string Header = "t_start_s,t_end_s,set,number,direction,length_m,length_u_m,duration_s,mean_force_n,mean_force_u_n,peak_force_n,impulse_n_s,source,slip_pct,quality,doubts";

    /// <summary>Reading a tape at both ends, m; judging the mark of the turns by eye, rad.</summary>
    private static readonly (double Distance, double Angle) TapeUncertainty = (0.002, double.DegreesToRadians(2));

    /// <summary>Of a roller that nobody measured, m: rollers are made with radii of 5 to 7.5 cm.</summary>
    private static readonly Measured UnknownRadius = new(0.065, 0.013);

    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "CSV of the roller's IMU (.csv, .csv.gz): t_s, ax_mps2 … gz_radps, and its load if it has cells: load1_n … load8_n, or force_n" };
        var output = new Option<string>("--out") { Description = "CSV to write (.csv, .csv.gz), a row for each stroke", HelpName = "OUT", Required = true };
        var imu = new Option<string?>("--imu") { Description = "Which IMU, if IN has several: NAME of the columns NAME_ax_mps2 … or axNAME_mps2 …", HelpName = "NAME" };
        var radius = Number("--radius", "Outer radius of the roller without load, m; under load it rolls on 3 ± 3 % less. Without it and --tape, 6.5 ± 1.3 cm", "M", 0.01, 0.3);
        var tape = new Option<(double Distance, double Turns)?>("--tape")
        {
            Description = "Instead of --radius: how many metres it went in how many turns under load; five turns are enough",
            HelpName = "M:TURNS",
            CustomParser = ParseTape,
        };
        var arrangement = new Option<LoadArrangement?>("--arrangement")
        {
            Description = "How the load cells are arranged: direct (the default), bladder, ring, strain-pairs",
            HelpName = "NAME",
            CustomParser = result => result.Tokens[0].Value switch
            {
                "direct" => LoadArrangement.Direct,
                "bladder" => LoadArrangement.Bladder,
                "ring" => LoadArrangement.Ring,
                "strain-pairs" => LoadArrangement.StrainPairs,
                var other => Refuse<LoadArrangement?>(result, $"--arrangement is '{other}'; it takes direct, bladder, ring or strain-pairs."),
            },
        };
        var soft = new Option<bool>("--soft") { Description = "A roller of soft foam: wider contact, less pressure" };
        var firm = new Option<bool>("--firm") { Description = "A roller with a rigid shell (the default)" };
        var mass = Number("--body-mass", "Of the person, kg: force is judged by body weight, and modelled where it is not measured", "KG", 20, 250);
        var muscle = Name<Muscle>("--muscle", "What is rolled: hamstrings, quadriceps, calf, glutes, adductors, tensor-fasciae-latae, thoracic");
        var side = Name<Side>("--side", "left or right");
        var command = new Command("rolling", """
            Strokes of a roller: length, tempo, direction, force.

            Columns of OUT:
              t_start_s, t_end_s                where the stroke turns, s, on the time of IN
              set, number                       of the set (a rest of 5 s ends one) and of the stroke in the recording, from 1
              direction                         1 = the roller turns positively about its axis, -1 = back
              length_m, length_u_m              path along the muscle and its standard uncertainty, m; the radius errs alike in all strokes
              duration_s                        from turn to turn, s
              mean_force_n, mean_force_u_n      between body and roller, and its standard uncertainty, N
              peak_force_n, impulse_n_s         N; force integrated over the stroke, N·s
              source                            measured, modelled (from body mass and muscle: how hard people usually press) or none
              slip_pct                          drift of the end-points in a cycle to and fro so far in the set, % of a stroke; empty before the first cycle
              quality, doubts                   good or degraded, and why, separated by blanks
            A row of IN without load leaves its cells empty, as load is sampled more slowly than motion. Without any load column contact is not
            known: rolling counts, also that of a roller pushed by hand, and nothing is said of holds and rests.
            """)
        {
            input, output, imu, radius, tape, arrangement, soft, firm, mass, muscle, side,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(radius) is not null && result.GetResult(tape) is not null)
                result.AddError("Give the radius of the roller by --radius or by --tape, not both.");
            if (result.GetResult(soft) is not null && result.GetResult(firm) is not null)
                result.AddError("A roller is --soft or --firm, not both.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to) = (parsed.GetValue(input)!, parsed.GetValue(output)!);
            AnalyzeOutput.CheckIsNot(from, to);
            var calibration = parsed.GetValue(tape) is var (distance, turns)
                ? RadiusCalibration.FromDistance(Slug.Parse("roller"), default, new Measured(distance, TapeUncertainty.Distance), new Measured(2 * Math.PI * turns, TapeUncertainty.Angle))
                : parsed.GetValue(radius) is null
                    ? new RadiusCalibration(Slug.Parse("roller"), default, UnknownRadius)
                    : null;
            var unknown = parsed.GetValue(radius) is null && parsed.GetValue(tape) is null;
            RolledMuscle About(LoadArrangement whenAsked) => new(
                new RollerGeometry((float)(parsed.GetValue(radius) ?? calibration!.Radius.Value), 0.3f, !parsed.GetValue(soft), whenAsked),
                calibration, parsed.GetValue(muscle), parsed.GetValue(side), parsed.GetValue(mass));
            await Terminal.WithProgressAsync(() => $"Rolling of {from}", () => Task.Run(() =>
                Estimate(from, to, parsed.GetValue(imu), parsed.GetValue(arrangement), unknown, About), cancellationToken));
            return 0;
        });
        return command.WithExamples(
            ("analyze rolling roller.csv.gz --out strokes.csv", "IMU and load of a roller that nobody has measured"),
            ("analyze rolling roller.csv.gz --radius 0.075 --out strokes.csv", "One of 15 cm"),
            ("analyze rolling roller.csv.gz --tape 2.29:5 --arrangement ring --muscle calf --side left --body-mass 72 --out strokes.csv", "Five turns went 2.29 m; the cells see floor and body"),
            ("analyze rolling roller.csv.gz --imu core --radius 0.05 --muscle quadriceps --body-mass 72 --out strokes.csv", "Without load columns: force is modelled"));
    }

    private static void Estimate(string from, string to, string? imu, LoadArrangement? arrangement, bool unknownRadius, Func<LoadArrangement, RolledMuscle> about)
    {
        var csv = ImuCsv.Read(from, imu is null ? [] : [imu], RecordedRolling.LoadColumns);
        ImuUnits.Check(csv, csv.Imus[0]);
        var rolling = RecordedRolling.Of(csv, csv.Imus[0], about(arrangement ?? (csv.Others.Count > 0 ? LoadArrangement.Direct : LoadArrangement.None)));
        var strokes = rolling.Features.OfType<Stroke>().ToArray();
        var sets = rolling.Features.OfType<RollingSet>().ToArray();
        AnalyzeOutput.Write(to, Header, strokes.Select(stroke => Row(stroke, sets)));
        Terminal.Say($"{to}: {Summary(strokes, sets)}"
            + (unknownRadius && strokes.Length > 0 ? " Lengths are for a radius of 6.5 ± 1.3 cm, as none was given: see --radius and --tape." : ""));
    }

    private static string Row(Stroke s, RollingSet[] sets)
    {
        var end = Seconds(s.Time);
        var set = 1 + Array.FindIndex(sets, set => s.Time <= set.Time);
        return string.Create(CultureInfo.InvariantCulture, $"{end - s.Duration.TotalSeconds:0.000},{end:0.000},{set},{s.Number},{s.Direction},")
            + string.Create(CultureInfo.InvariantCulture, $"{s.Length.Value:0.0000},{s.Length.StandardUncertainty:0.0000},{s.Duration.TotalSeconds:0.000},")
            + string.Create(CultureInfo.InvariantCulture, $"{s.MeanForce?.Value:0.0},{s.MeanForce?.StandardUncertainty:0.0},{s.PeakForce:0.0},{s.Impulse:0.0},")
            + string.Create(CultureInfo.InvariantCulture, $"{Word(s.Source)},{s.SlipPercent:0.0},{Word(s.Quality)},{Words(s.Doubts)}");
    }

    private static string Summary(Stroke[] strokes, RollingSet[] sets)
    {
        if (strokes.Length == 0)
            return "no strokes: nothing turned by 3 cm and more while it was pressed.";
        var contact = sets.Sum(set => set.ContactTime.TotalSeconds);
        var slips = sets.Where(set => set.SlipPercent is not null).ToArray();
        var source = strokes[0].Source;
        return string.Create(CultureInfo.InvariantCulture, $"{strokes.Length} strokes in {sets.Length} {(sets.Length == 1 ? "set" : "sets")}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{contact:0.0} s {(source == ForceSource.Measured ? "in contact" : "rolled")}, mean length {100 * strokes.Average(s => s.Length.Value):0.0} cm")
            + (slips.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", slip up to {slips.Max(set => set.SlipPercent):0} %"))
            + (source == ForceSource.Modelled ? "; forces are modelled, not measured" : source == ForceSource.None ? "; without load cells" : "")
            + (strokes.Count(s => s.Quality != Quality.Good) is > 0 and var doubted && source == ForceSource.Measured ? string.Create(CultureInfo.InvariantCulture, $"; {doubted} strokes doubted") : "")
            + ".";
    }

    private static double Seconds(Timestamp time) => time.UnixNanoseconds * 1e-9;

    private static string Words(RollingDoubts doubts) =>
        string.Join(' ', Enum.GetValues<RollingDoubts>().Where(doubt => doubt != RollingDoubts.None && doubts.HasFlag(doubt)).Select(doubt => Word(doubt)));

    /// <summary>CellDead → cell_dead.</summary>
    private static string Word(Enum value) => Capital().Replace(value.ToString(), "_$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Capital();

    private static Option<double?> Number(string name, string description, string helpName, double least, double most) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
            double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : Refuse<double?>(result, string.Create(CultureInfo.InvariantCulture, $"{name} is '{result.Tokens[0].Value}'; it takes {least} to {most}.")),
    };

    private static Option<T> Name<T>(string name, string description) where T : struct, Enum => new(name)
    {
        Description = description,
        HelpName = "NAME",
        CustomParser = result => Enum.TryParse<T>(result.Tokens[0].Value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsDigit(result.Tokens[0].Value[0])
            ? value
            : Refuse<T>(result, $"{name} is '{result.Tokens[0].Value}'; it takes {description[(description.IndexOf(':') + 1)..].Trim()}."),
    };

    private static (double, double)? ParseTape(ArgumentResult result) =>
        result.Tokens[0].Value.Split(':') is [var distance, var turns]
        && double.TryParse(distance, NumberStyles.Float, CultureInfo.InvariantCulture, out var metres)
        && double.TryParse(turns, NumberStyles.Float, CultureInfo.InvariantCulture, out var count) && metres > 0 && count > 0
            ? (metres, count)
            : Refuse<(double, double)?>(result, $"--tape is '{result.Tokens[0].Value}'; it takes metres and turns, such as 2.29:5.");

    private static T? Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Recordings;
using SensorHub.Core.Units;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze posture IN --lower NAME --upper NAME --stand T0:T1 --out OUT</c>: sagittal posture of the trunk, a row for each row of IN.</summary>
internal static class AnalyzePosture
{
    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "CSV of IMU samples (.csv, .csv.gz): t_s, NAME_ax_mps2 … NAME_gz_radps of each IMU" };
        var output = new Option<string>("--out") { Description = "CSV to write (.csv, .csv.gz), a row for each row of IN", HelpName = "OUT", Required = true };
        var lower = new Option<string>("--lower") { Description = "IMU on the sacrum (S1/S2): NAME of the columns NAME_ax_mps2 … or axNAME_mps2 …", HelpName = "NAME", Required = true };
        var upper = new Option<string?>("--upper") { Description = "IMU on the thoracolumbar junction (T12/L1); without it, changes only", HelpName = "NAME" };
        var stand = new Option<RecordedSpan>("--stand")
        {
            Description = "From when to when, s, the person stands still and upright: the zero of changes. 3 s at least, better 10",
            HelpName = "T0:T1",
            Required = true,
            CustomParser = ParseSpan,
        };
        var bend = new Option<RecordedSpan?>("--bend")
        {
            Description = "From when to when, s, the person bends forward slowly, three times: shows the flexion axis. If it does not, a warning says why, and the axis is the stand's",
            HelpName = "T0:T1",
            CustomParser = result => ParseSpan(result),
        };
        var command = new Command("posture", """
            Posture of the trunk in the sagittal plane, from gravity alone. Angles in degrees, forward lean positive. Wear the
            IMUs with X towards the head and Z off the skin; the stand shows if one is askew, sideways or upside down.

            Columns of OUT with two IMUs:
              t_s                      time of the row, as in IN, s
              pelvic_inclination_deg   inclination of the lower IMU from vertical
              upper_inclination_deg    inclination of the upper IMU from vertical
              lordosis_deg             lower − upper inclination: of the skin surface, not a Cobb angle
              lordosis_u_deg           its standard uncertainty: the truth is within 2u about 95 times of 100
              lumbar_flexion_deg       lordosis in the stand − lordosis: 0 standing, positive flattened
              quality                  good, degraded (a gap, or uncertain), not_observable (the flexion axis is near the vertical)

            Columns of OUT with --lower alone, which cannot tell lordosis, only its change, and assumes that the chest is upright:
              t_s                      time of the row, as in IN, s
              pelvic_rotation_deg      change of pelvic inclination since the stand
              lordosis_change_deg      what it says of lordosis: only while standing still, within 20° of the stand
              lordosis_change_u_deg    its standard uncertainty, if the chest is upright
              quality                  as above; not_observable while lordosis_change_deg cannot be told

            A cell is empty where its value cannot be known.
            """)
        {
            input, lower, upper, stand, bend, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to) = (parsed.GetValue(input)!, parsed.GetValue(output)!);
            var (below, above) = (parsed.GetValue(lower)!, parsed.GetValue(upper));
            var (still, bends) = (parsed.GetValue(stand), parsed.GetValue(bend));
            AnalyzeOutput.CheckIsNot(from, to);
            if (below == above)
                throw new UserException($"--lower and --upper are both {below}. Name two IMUs, or leave --upper out.");
            await Terminal.WithProgressAsync(() => $"Posture of {from}", () => Task.Run(() => Estimate(from, to, below, above, still, bends), cancellationToken));
            return 0;
        });
        return command.WithExamples(
            ("analyze posture day.csv.gz --lower sacrum --upper t12 --stand 5:15 --out posture.csv", "Two IMUs, standing still from 5 to 15 s"),
            ("analyze posture day.csv.gz --lower sacrum --upper t12 --stand 5:15 --bend 20:45 --out posture.csv", "The same, with three bends from 20 to 45 s for the flexion axis"),
            ("analyze posture day.csv.gz --lower sacrum --stand 5:15 --out change.csv", "One IMU: changes only"));
    }

    private static RecordedSpan ParseSpan(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && Number(text.AsSpan(0, colon)) is { } from && Number(text.AsSpan(colon + 1)) is { } to && from < to)
            return new RecordedSpan(from, to);
        result.AddError($"'{text}' is no span of time: give its begin and its end in seconds, as in 5:15.");
        return default;

        static double? Number(ReadOnlySpan<char> text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static void Estimate(string from, string to, string lower, string? upper, RecordedSpan stand, RecordedSpan? bends)
    {
        var csv = ImuCsv.Read(from, upper is null ? [lower] : [lower, upper]);
        foreach (var imu in csv.Imus)
            ImuUnits.Check(csv, imu);
        var posture = RecordedPosture.Of(csv, csv.Imus[0], upper is null ? null : csv.Imus[1], stand, bends);
        var rows = csv.Seconds.Zip(posture.Rows);
        if (upper is null)
            AnalyzeOutput.Write(to, "t_s,pelvic_rotation_deg,lordosis_change_deg,lordosis_change_u_deg,quality", rows.Select(row => Line(
                row.First, [row.Second.PelvicRotation?.Value, row.Second.LordosisChange?.Value, row.Second.LordosisChange?.StandardUncertainty], row.Second.Quality)));
        else
            AnalyzeOutput.Write(to, "t_s,pelvic_inclination_deg,upper_inclination_deg,lordosis_deg,lordosis_u_deg,lumbar_flexion_deg,quality", rows.Select(row => Line(
                row.First,
                [
                    row.Second.PelvicInclination?.Value, row.Second.UpperInclination?.Value,
                    row.Second.Lordosis?.Value, row.Second.Lordosis?.StandardUncertainty, row.Second.LumbarFlexion?.Value,
                ],
                row.Second.Quality)));
        if (posture.RefusedBends is { } reason)
            Terminal.Warn($"--bend {bends}: {reason} The axis of the stand is used.");
        if (posture.Notes.Length > 0)
            Terminal.Warn(posture.Notes);
        Terminal.Say($"{to}: {Summary(posture)}");
    }

    private static string Line(double seconds, ReadOnlySpan<double?> values, Quality quality)
    {
        var line = new StringBuilder(seconds.ToString(CultureInfo.InvariantCulture));
        foreach (var value in values)
            line.Append(CultureInfo.InvariantCulture, $",{value:0.000}");
        return line.Append(',').Append(EnumNames.Of(quality)).ToString();
    }

    /// <summary>9850 rows. Standing: lordosis 27.3°, pelvis 16.5°. Sitting, 27.1 s: lumbar flexion 28.1°. …</summary>
    private static string Summary(RecordedPosture posture)
    {
        var (calibration, rows) = (posture.Calibration, posture.Rows);
        var parts = new List<string> { Invariant($"{rows.Count} rows") };
        parts.Add(calibration is { Lower: { } lower, Upper: { } upper }
            ? Invariant($"standing: lordosis {lower.Standing.Value - upper.Standing.Value:0.0}°, pelvis {lower.Standing.Value:0.0}°")
            : Invariant($"standing: pelvis {calibration.Lower!.Standing.Value:0.0}°"));
        var sitting = rows.Where(row => row.Phase is Phase.Sitting or Phase.Slouching).ToArray();
        if (calibration.Upper is null)
            parts.Add("one IMU: lordosis_change assumes that the chest is upright");
        if (Mean(sitting, row => row.LumbarFlexion) is { } flexion)
            parts.Add(Invariant($"sitting: lumbar flexion {flexion:0.0}° in the mean"));
        else if (Mean(sitting, row => row.PelvicRotation) is { } rotation)
            parts.Add(Invariant($"sitting: pelvic rotation {rotation:0.0}° in the mean"));
        parts.Add(calibration.Method == CalibrationMethod.StandAndBends
            ? Invariant($"flexion axis from the bends, explaining {100 * Math.Min(calibration.Lower!.AxisExplained!.Value, calibration.Upper?.AxisExplained ?? 1):0} %")
            : "flexion axis from the stand");
        if (rows.Count(row => row.Quality == Quality.Degraded) is > 0 and var degraded)
            parts.Add(Invariant($"{degraded} rows degraded"));
        if (rows.Count(row => row.Quality == Quality.NotObservable) is > 0 and var unknown)
            parts.Add(Invariant($"{unknown} rows {(calibration.Upper is null ? "without lordosis_change" : "not observable")}"));
        return string.Join("; ", parts) + ".";
    }

    private static double? Mean(IEnumerable<PostureEstimate> rows, Func<PostureEstimate, Measured?> value) => rows.Average(row => value(row)?.Value);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

using System.CommandLine;
using System.Globalization;
using SensorHub.Core.Orientation;
using SensorHub.Core.Recordings;

namespace SensorHub.Commands;

/// <summary><c>sensorhub analyze orientation IN --out OUT</c>: orientation and gyroscope bias, a row for each row of IN.</summary>
internal static class AnalyzeOrientation
{
    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "CSV of IMU samples (.csv, .csv.gz): t_s, ax_mps2 … az_mps2, gx_radps … gz_radps" };
        var output = new Option<string>("--out") { Description = "CSV to write (.csv, .csv.gz), a row for each row of IN", HelpName = "OUT", Required = true };
        var imu = new Option<string?>("--imu")
        {
            Description = "Which IMU, if IN has several: NAME of the columns NAME_ax_mps2 … or axNAME_mps2 …",
            HelpName = "NAME",
        };
        var smooth = new Option<bool>("--smooth") { Description = "In hindsight: each row from the samples before and after it, forwards and backwards. More accurate; otherwise as live" };
        var uncertainty = new Option<bool>("--uncertainty") { Description = "One column more: inclination_u_deg" };
        var command = new Command("orientation", """
            Orientation and gyroscope bias of one IMU by VQF, without magnetometer (Laidig and Seel, Information Fusion 91, 2023).

            Columns of OUT:
              t_s                               time of the row, as in IN, s
              qw, qx, qy, qz                    unit quaternion, sensor to earth, z up: v_earth = q · v_sensor · q*; the heading has no reference
              bias_x_radps … bias_z_radps       bias of the gyroscope, sensor axes, rad/s
              rest                              1 = at rest, 0 = moving
              inclination_u_deg                 with --uncertainty: u of the direction of up, °; 95 % of the errors are within 2u. With --smooth it is
                                                indicative: 84 to 99 % on recordings with a reference
            Gaps up to 0.5 s are bridged by interpolation; after a longer one gravity is found anew and the bias is kept.
            """)
        {
            input, output, imu, smooth, uncertainty,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to) = (parsed.GetValue(input)!, parsed.GetValue(output)!);
            var (name, hindsight, withUncertainty) = (parsed.GetValue(imu), parsed.GetValue(smooth), parsed.GetValue(uncertainty));
            AnalyzeOutput.CheckIsNot(from, to);
            await Terminal.WithProgressAsync(() => $"Orientation of {from}", () => Task.Run(() => Estimate(from, to, name, hindsight, withUncertainty), cancellationToken));
            return 0;
        });
        return command.WithExamples(
            ("analyze orientation walk.csv.gz --out orientation.csv", "The only IMU of the file"),
            ("analyze orientation walk.csv.gz --smooth --out orientation.csv", "The same in hindsight"),
            ("analyze orientation walk.csv.gz --imu lower_back --out orientation.csv", "One of several: columns lower_back_ax_mps2 and so on"));
    }

    private static void Estimate(string from, string to, string? imu, bool smooth, bool uncertainty)
    {
        var csv = ImuCsv.Read(from, imu is null ? [] : [imu]);
        ImuUnits.Check(csv, csv.Imus[0]);
        var orientation = RecordedOrientation.Of(csv, csv.Imus[0], smooth);
        AnalyzeOutput.Write(to, $"t_s,qw,qx,qy,qz,bias_x_radps,bias_y_radps,bias_z_radps,rest{(uncertainty ? ",inclination_u_deg" : "")}", orientation.Rows.Select(row =>
        {
            var (q, b) = (row.Orientation, row.Bias);
            var line = string.Create(CultureInfo.InvariantCulture, $"{row.Seconds},{q.W:F12},{q.X:F12},{q.Y:F12},{q.Z:F12},{b.X:F12},{b.Y:F12},{b.Z:F12},{(row.AtRest ? 1 : 0)}");
            return uncertainty ? string.Create(CultureInfo.InvariantCulture, $"{line},{row.InclinationUncertainty.Degrees:F4}") : line;
        }));
        Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{to}: {orientation.Rows.Count} rows, {1 / orientation.Period.TotalSeconds:0.##} Hz"
            + $"{(orientation.Interpolated > 0 ? $"; {orientation.Interpolated} missing samples interpolated" : "")}"
            + $"{(orientation.Restarts > 0 ? $"; {orientation.Restarts} gaps too long, started anew after each" : "")}."));
    }
}

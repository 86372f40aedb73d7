using System.Globalization;
using System.IO.Compression;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>
/// The samples of a simulated session as CSV, with the truth beside them: <c>clip.csv.gz</c> and <c>roller.csv.gz</c>, in the columns that
/// recordings of real sensors have. Nothing is lost; a load channel is empty where only the IMU has a sample.
/// </summary>
public static class SimulatedCsv
{
    private static readonly string[] Axes = ["ax_mps2", "ay_mps2", "az_mps2", "gx_radps", "gy_radps", "gz_radps"];

    /// <param name="session">One that has not been run.</param>
    /// <param name="folder">Made when it is not there.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(SimulatedSession session, string folder)
    {
        Directory.CreateDirectory(folder);
        return [.. session.Sensors.Select(sensor => Write(session.Truth, sensor, folder))];
    }

    private static string Write(Person.GroundTruth truth, VirtualSensor sensor, string folder)
    {
        var descriptor = sensor.Peripheral.Descriptor;
        var isClip = descriptor.Kind == SensorKind.Clip;
        var imus = descriptor.Streams.Where(s => s.Kind == StreamKind.Imu).ToArray();
        var load = descriptor.Streams.FirstOrDefault(s => s.Kind == StreamKind.Load);
        var path = Path.Combine(folder, isClip ? "clip.csv.gz" : "roller.csv.gz");
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Optimal)) { NewLine = "\n" };

        writer.WriteLine(string.Join(',',
        [
            "t_s", .. imus.SelectMany(i => Axes.Select(axis => Prefix(descriptor, i) + axis)),
            .. descriptor.LoadCalibrations.Select(c => FormattableString.Invariant($"load{c.Axis + 1}_n")),
            .. isClip ? (string[])["true_pelvic_inclination_deg", "true_upper_inclination_deg", "true_lordosis_deg", "true_phase"] : ["true_force_n", "true_path_m", "true_contact"],
        ]));
        var period = imus[0].Periods[0];
        var end = (truth.End - truth.Start).TotalSeconds;
        for (var ticks = (sensor.Clock.Ticks(0) / period + 1) * period; sensor.Clock.Seconds(ticks) < end; ticks += period)
        {
            var seconds = sensor.Clock.Seconds(ticks);
            var now = truth.At(truth.Start + TimeSpan.FromSeconds(seconds));
            writer.WriteLine(string.Join(',',
            [
                Text(seconds, 6), .. imus.SelectMany(imu => Imu(sensor, imu, ticks)), .. load is null ? [] : Load(sensor, load, ticks),
                .. isClip
                    ? (string[])[Text(now.PelvicInclination.Degrees, 3), Text(now.UpperInclination.Degrees, 3), Text(now.Lordosis.Degrees, 3), now.Phase.ToString().ToLowerInvariant()]
                    : [Text(now.Force, 2), Text(now.Path, 5), now.Contact ? "1" : "0"],
            ]));
        }
        return path;
    }

    /// <summary>A roller has one IMU, without a name.</summary>
    private static string Prefix(SensorDescriptor sensor, StreamDescriptor imu) => sensor.Elements.First(e => e.Id == imu.Element).Role switch
    {
        ElementRole.Lower => "lower_",
        ElementRole.Upper => "upper_",
        _ => "",
    };

    private static IEnumerable<string> Imu(VirtualSensor sensor, StreamDescriptor stream, ulong ticks)
    {
        var sample = new byte[stream.SampleSize];
        sensor.Measure(stream, ticks, sample);
        for (var channel = 0; channel < Axes.Length; channel++)
            yield return Text(stream.Read(sample, 0, channel), channel < 3 ? 5 : 6);
    }

    /// <summary>N, by the calibration that the descriptor states.</summary>
    private static IEnumerable<string> Load(VirtualSensor sensor, StreamDescriptor stream, ulong ticks)
    {
        var calibrations = sensor.Peripheral.Descriptor.LoadCalibrations;
        if (ticks % stream.Periods[0] != 0)
            return Enumerable.Repeat("", calibrations.Count);
        var sample = new byte[stream.SampleSize];
        sensor.Measure(stream, ticks, sample);
        var temperature = stream.Read(sample, 0, stream.FindChannel(Quantity.Temperature));
        return calibrations.Select(c => Text(c.ToNewton(stream.Read(sample, 0, stream.FindChannel(Quantity.LoadCounts, c.Axis)), temperature), 3));
    }

    private static string Text(double value, int decimals) => Math.Round(value, decimals).ToString(CultureInfo.InvariantCulture);
}

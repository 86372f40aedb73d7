using SensorHub.Core.Orientation;
using SensorHub.Core.Units;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Orientation;

/// <summary>The samples of one IMU with the true direction of up.</summary>
/// <param name="samples">In the order of time.</param>
/// <param name="up">Unit vectors, sensor frame; null = no reference.</param>
/// <param name="counts">Which samples are judged.</param>
internal sealed class Referenced(ImuSample[] samples, Vector3D?[] up, bool[] counts)
{
    public int Count => samples.Length;

    public static Referenced Broad(string trial)
    {
        var recording = Recording.Read(Require.Recording($"broad/{trial}.csv.gz"));
        return Of(recording, "*", "ref", row => recording[row, "movement"] == 1);
    }

    public static Referenced Joint(string name, int imu)
    {
        var recording = Recording.Read(Require.Recording($"two_imu_joint/{name}.csv.gz"));
        return Of(recording, $"*{imu}", $"ref{imu}", row => recording[row, "t_s"] >= 5);
    }

    /// <summary>Every <paramref name="step"/>th sample.</summary>
    public Referenced Every(int step) => Only(i => i % step == 0);

    public Referenced Without(IReadOnlySet<int> lost) => Only(i => !lost.Contains(i));

    /// <summary>As it is processed again: what was lost came at the end of the recording, and is sorted in by its sequence.</summary>
    public Referenced Recovered(IReadOnlySet<int> lost)
    {
        int[] arrived = [.. Enumerable.Range(0, Count).Where(i => !lost.Contains(i)), .. lost.Order()];
        return At([.. arrived.Order()]);
    }

    public Result Live() => Judge(Filter(), counts);

    /// <summary>What does not count yet.</summary>
    public Result Start() => Judge(Filter(), [.. counts.Select(c => !c)]);

    public Result Smoothed()
    {
        var steps = samples.Zip(samples.Skip(1), (a, b) => b.Time.UnixNanoseconds - a.Time.UnixNanoseconds).Order().ToArray();
        return Judge(VqfSmoother.Smooth(samples, TimeSpan.FromTicks(steps[steps.Length / 2] / 100), new OrientationOptions()), counts);
    }

    private OrientationEstimate[] Filter()
    {
        var filter = new OrientationFilter();
        return [.. samples.Select(sample => filter.Update(sample))];
    }

    private Result Judge(OrientationEstimate[] estimates, bool[] judged)
    {
        var (squares, uncertainties, within, n) = (0.0, 0.0, 0, 0);
        for (var i = 0; i < Count; i++)
        {
            if (!judged[i] || up[i] is not { } truth)
                continue;
            var error = 2 * Math.Asin(Math.Min(1, 0.5 * (estimates[i].Up - truth).Norm));
            var u = estimates[i].InclinationUncertainty;
            squares += error * error;
            uncertainties += u.Degrees;
            within += error <= 2 * u.Radians ? 1 : 0;
            n++;
        }
        return new Result(double.RadiansToDegrees(Math.Sqrt(squares / n)), uncertainties / n, 100.0 * within / n);
    }

    private static Referenced Of(Recording recording, string imu, string reference, Func<int, bool> counts) => new(
        [.. Enumerable.Range(0, recording.Count).Select(row => recording.Imu(row, imu))],
        [.. Enumerable.Range(0, recording.Count).Select(row => recording.Reference(row, reference)?.Inverse.Rotate(Vector3D.UnitZ))],
        [.. Enumerable.Range(0, recording.Count).Select(counts)]);

    private Referenced Only(Func<int, bool> kept) => At([.. Enumerable.Range(0, Count).Where(kept)]);

    private Referenced At(int[] rows) => new([.. rows.Select(i => samples[i])], [.. rows.Select(i => up[i])], [.. rows.Select(i => counts[i])]);
}

/// <param name="Rmse">Of the inclination, °.</param>
/// <param name="MeanUncertainty">Mean of u, °.</param>
/// <param name="Coverage">Errors within 2u, %.</param>
internal readonly record struct Result(double Rmse, double MeanUncertainty, double Coverage);

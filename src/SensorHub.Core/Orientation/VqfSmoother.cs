using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Orientation of a recording in hindsight, after the offline variant of VQF (Laidig and Seel, Information Fusion 91, 2023): the
/// bias at each time is learnt from both sides, by the filter run forwards and backwards, and the specific force is low-passed
/// both ways, so that it has no delay and needs no settling.
/// </summary>
internal static class VqfSmoother
{
    /// <summary>One estimate for each sample.</summary>
    /// <param name="samples">In the order of time. Over long gaps only the bias is carried.</param>
    /// <param name="period">From sample to sample.</param>
    /// <param name="options">Parameters.</param>
    public static OrientationEstimate[] Smooth(IReadOnlyList<ImuSample> samples, TimeSpan period, OrientationOptions options)
    {
        Constants.Check(options);
        var runs = SampleRun.Of(samples, period, options);
        var forwards = LearnBias(runs, period, options);
        // Time turned back turns rates round, and with them the bias.
        var backwards = LearnBias([.. runs.Reverse().Select(run => run.Reversed())], period, options);
        return [.. runs.SelectMany((run, i) =>
        {
            var later = backwards[^(i + 1)];
            Array.Reverse(later);
            return Smooth(run, [.. forwards[i].Zip(later, Combined)], period, options);
        })];
    }

    private static IEnumerable<OrientationEstimate> Smooth(SampleRun run, Learnt[] learnt, TimeSpan period, OrientationOptions options)
    {
        var strapdown = new Rotation[learnt.Length];
        var force = new Vector3D[learnt.Length];
        var turned = Rotation.Identity;
        for (var i = 0; i < force.Length; i++)
        {
            turned = (turned * Rotation.FromRotationVector(run.Steps[i] * (run.Samples[i].AngularRate - learnt[i].Bias))).Normalized();
            strapdown[i] = turned;
            force[i] = turned.Rotate(run.Samples[i].SpecificForce);
        }
        for (var direction = 0; direction < 2; direction++)
        {
            var lowPass = new Butterworth(options.Vqf.AccelerometerTimeConstant.TotalSeconds, period.TotalSeconds);
            for (var i = 0; i < force.Length; i++)
                force[i] = lowPass.Update(force[i]);
            Array.Reverse(force);
        }
        for (var i = 0; i < force.Length; i++)
            if (run.Bridged[i] is >= 0 and var bridged)
            {
                var orientation = Upright.From(force[i].Normalized()) * strapdown[i];
                var (sample, bias) = (run.Samples[i], learnt[i].Bias);
                yield return new OrientationEstimate(
                    sample.Time, orientation, orientation.Inverse.Rotate(Vector3D.UnitZ), sample.AngularRate - bias, bias, learnt[i].AtRest, learnt[i].Inclination, bridged);
            }
    }

    private static Learnt[][] LearnBias(IReadOnlyList<SampleRun> runs, TimeSpan period, OrientationOptions options)
    {
        var filter = new Vqf(period, options.Vqf);
        var uncertainty = new InclinationUncertainty(options);
        return [.. runs.Select((run, r) =>
        {
            if (r > 0)
                filter.Restart();
            uncertainty.Restart();
            return run.Samples.Zip(run.Steps, (sample, step) =>
            {
                filter.Update(sample.SpecificForce, sample.AngularRate, step);
                uncertainty.Update(filter, sample.AngularRate - filter.Bias, step);
                var up = filter.Orientation.Inverse.Rotate(Vector3D.UnitZ);
                return new Learnt(filter.Bias, filter.BiasUncertainty, filter.AtRest, uncertainty.Of(filter.BiasVarianceAcross(up)));
            }).ToArray();
        })];
    }

    /// <summary>The mean of both, each with the weight 1/u². The inclination's uncertainty, the smaller of both, is indicative.</summary>
    private static Learnt Combined(Learnt forwards, Learnt backwards)
    {
        var (f, b) = (1 / (forwards.Uncertainty * forwards.Uncertainty), 1 / (backwards.Uncertainty * backwards.Uncertainty));
        return new Learnt(
            1 / (f + b) * (f * forwards.Bias - b * backwards.Bias),
            Math.Sqrt(1 / (f + b)),
            forwards.AtRest || backwards.AtRest,
            forwards.Inclination < backwards.Inclination ? forwards.Inclination : backwards.Inclination);
    }

    private readonly record struct Learnt(Vector3D Bias, double Uncertainty, bool AtRest, Angle Inclination);
}

using SensorHub.Core.Units;

namespace SensorHub.Core.Orientation;

/// <summary>
/// Orientation of a recording in hindsight, after the offline variant of VQF (Laidig and Seel, Information Fusion 91, 2023): the
/// bias at each time is learnt from both sides, by the filter run forwards and backwards, and the specific force is low-passed
/// both ways, so that it has no delay and needs no settling.
/// </summary>
internal static class VqfSmoother
{
    /// <summary>One array of estimates for each run of samples.</summary>
    /// <param name="runs">Evenly spaced samples, in the order of time; between runs only the bias is carried over.</param>
    /// <param name="period">From sample to sample.</param>
    /// <param name="options">Parameters.</param>
    public static VqfEstimate[][] Smooth(IReadOnlyList<EvenRun> runs, TimeSpan period, VqfOptions options)
    {
        var forwards = LearnBias(runs, period, options);
        // Time turned back turns rates round, and with them the bias.
        var backwards = LearnBias([.. runs.Reverse().Select(Reversed)], period, options);
        return [.. runs.Select((run, i) =>
        {
            var later = backwards[^(i + 1)];
            Array.Reverse(later);
            return Smooth(run, [.. forwards[i].Zip(later, Combined)], period, options);
        })];
    }

    private static VqfEstimate[] Smooth(EvenRun run, Learnt[] learnt, TimeSpan period, VqfOptions options)
    {
        var strapdown = new Rotation[run.Rates.Length];
        var force = new Vector3D[run.Rates.Length];
        var turned = Rotation.Identity;
        for (var i = 0; i < force.Length; i++)
        {
            turned = (turned * Rotation.FromRotationVector(period.TotalSeconds * (run.Rates[i] - learnt[i].Bias))).Normalized();
            strapdown[i] = turned;
            force[i] = turned.Rotate(run.Forces[i]);
        }
        for (var direction = 0; direction < 2; direction++)
        {
            var lowPass = new Butterworth(options.AccelerometerTimeConstant.TotalSeconds, period.TotalSeconds);
            for (var i = 0; i < force.Length; i++)
                force[i] = lowPass.Update(force[i]);
            Array.Reverse(force);
        }
        return [.. force.Select((f, i) => new VqfEstimate(Upright.From(f.Normalized()) * strapdown[i], learnt[i].Bias, learnt[i].AtRest))];
    }

    private static Learnt[][] LearnBias(IReadOnlyList<EvenRun> runs, TimeSpan period, VqfOptions options)
    {
        Vqf? filter = null;
        return [.. runs.Select(run =>
        {
            filter = new Vqf(period, options, filter is null ? null : Vqf.Restart(filter.State));
            return run.Forces.Zip(run.Rates, (force, rate) =>
            {
                filter.Update(force, rate);
                return new Learnt(filter.Bias, filter.BiasUncertainty, filter.AtRest);
            }).ToArray();
        })];
    }

    private static EvenRun Reversed(EvenRun run) =>
        new([.. run.Forces.Reverse()], [.. run.Rates.Reverse().Select(rate => -rate)], [.. run.Rows.Reverse()]);

    /// <summary>The mean of both, each with the weight 1/u².</summary>
    private static Learnt Combined(Learnt forwards, Learnt backwards)
    {
        var (f, b) = (1 / (forwards.Uncertainty * forwards.Uncertainty), 1 / (backwards.Uncertainty * backwards.Uncertainty));
        return new Learnt(1 / (f + b) * (f * forwards.Bias - b * backwards.Bias), Math.Sqrt(1 / (f + b)), forwards.AtRest || backwards.AtRest);
    }

    private readonly record struct Learnt(Vector3D Bias, double Uncertainty, bool AtRest);
}

/// <summary>Samples that follow each other evenly.</summary>
/// <param name="Forces">Specific force, m/s², sensor frame.</param>
/// <param name="Rates">Angular rate, rad/s, sensor frame.</param>
/// <param name="Rows">The row of the recording that each is; −1 = interpolated.</param>
internal sealed record EvenRun(Vector3D[] Forces, Vector3D[] Rates, int[] Rows);

/// <param name="Orientation">Sensor to earth.</param>
/// <param name="Bias">rad/s, sensor frame.</param>
/// <param name="AtRest">It does not move.</param>
internal readonly record struct VqfEstimate(Rotation Orientation, Vector3D Bias, bool AtRest);

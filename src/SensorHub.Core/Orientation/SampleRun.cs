namespace SensorHub.Core.Orientation;

/// <summary>Samples of a recording that follow each other, those missing in short gaps interpolated.</summary>
/// <param name="Samples">In the order of time, or against it with the rates turned round.</param>
/// <param name="Steps">Seconds from the sample before to each; the period for the first.</param>
/// <param name="Bridged">Samples interpolated before each; −1 = it is an interpolated one.</param>
internal sealed record SampleRun(ImuSample[] Samples, double[] Steps, int[] Bridged)
{
    /// <summary>Cuts a recording at long gaps and fills the short ones.</summary>
    public static IReadOnlyList<SampleRun> Of(IReadOnlyList<ImuSample> recording, TimeSpan period, OrientationOptions options)
    {
        var runs = new List<SampleRun>();
        var sampling = new SamplingPeriod(period.TotalSeconds, options);
        var (samples, steps, bridged) = (new List<ImuSample>(), new List<double>(), new List<int>());
        foreach (var sample in recording)
        {
            var step = samples.Count == 0 ? sampling.Seconds : (sample.Time.UnixNanoseconds - samples[^1].Time.UnixNanoseconds) / 1e9;
            if (step > options.LongestBridgedGap.TotalSeconds)
            {
                End();
                step = sampling.Seconds;
            }
            var missing = sampling.Missing(step);
            var before = missing > 0 ? samples[^1] : default;
            for (var i = 1; i <= missing; i++)
                Add(SampleGap.Between(before, sample, (double)i / (missing + 1)), -1);
            Add(sample, missing);

            void Add(in ImuSample added, int mark)
            {
                samples.Add(added);
                steps.Add(step / (missing + 1));
                bridged.Add(mark);
            }
        }
        End();
        return runs;

        void End()
        {
            runs.Add(new SampleRun([.. samples], [.. steps], [.. bridged]));
            samples.Clear();
            steps.Clear();
            bridged.Clear();
        }
    }

    /// <summary>The same against time.</summary>
    public SampleRun Reversed() => new(
        [.. Samples.Reverse().Select(sample => sample with { AngularRate = -sample.AngularRate })],
        [Steps[0], .. Steps[1..].Reverse()],
        [.. Bridged.Reverse()]);
}

using System.Globalization;
using System.Text;
using SensorHub.Core.Orientation;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Orientation;

/// <summary>
/// The inclination against optical references: how right it is, and whether what it says of its uncertainty is true, each recording
/// by itself. docs/accuracy/orientation.md states the same numbers.
/// </summary>
public class OrientationAccuracyTests
{
    /// <summary>BROAD, with the inclination RMSE of the authors' VQF in degrees.</summary>
    private static readonly (string Trial, double Authors)[] Broad =
    [
        ("02_undisturbed_slow_rotation_B", 0.429), ("08_undisturbed_fast_rotation_with_breaks_A", 1.763),
        ("16_undisturbed_fast_translation_B", 0.539), ("25_disturbed_tapping_B", 0.382),
    ];

    private const int FrameSamples = 6;
    private static readonly int[] Seeds = [1, 2, 3];
    private static readonly double[] Losses = [0.01, 0.05];

    private readonly StringBuilder _page = new();

    [Fact]
    public void The_inclination_and_its_uncertainty_are_right_on_every_recording()
    {
        var broad = Broad.Select(b => (b.Trial, b.Authors, Recording: Referenced.Broad(b.Trial))).ToArray();
        WriteLine($"""
            # Accuracy of the orientation

            Written by OrientationAccuracyTests from the recordings in ../shared/data, defaults of `OrientationOptions`. An error is the angle
            between the estimated and the true direction of up; u is the stated uncertainty, and 95 % of the errors should be within 2u, 90 to 98 %
            on each recording by itself. Live = each sample knows those before; smoothed = `analyze orientation --smooth`. The smoothed uncertainty
            is indicative: the smaller of those of the filter run forwards and backwards, not calibrated; 83.6 to 99.4 % are within 2u of it.

            """);
        WriteRecordings(broad);
        WriteJoints();
        WriteLosses(broad.Select(b => (b.Trial, b.Recording.Every(3))).ToArray());
        _page.Append(Method);

        var path = Repository.PathOf("docs", "accuracy", "orientation.md");
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(path, _page.ToString());
        Assert.Equal(File.ReadAllText(path), _page.ToString());
    }

    private void WriteRecordings((string Trial, double Authors, Referenced Recording)[] trials)
    {
        WriteLine($"""
            ## BROAD, 286 Hz

            Samples in motion count. The authors' implementation of VQF has the RMSE in the second column.

            | trial | VQF 2.1.1 | live RMSE | mean u | within 2u | smoothed RMSE | within 2u |
            | --- | --: | --: | --: | --: | --: | --: |
            """);
        var live = trials.Select(t => t.Recording.Live()).ToArray();
        var smoothed = trials.Select(t => t.Recording.Smoothed()).ToArray();
        foreach (var (trial, l, s) in trials.Zip(live, smoothed))
            WriteLine($"| {trial.Trial} | {trial.Authors:0.000}° | {l.Rmse:0.000}° | {l.MeanUncertainty:0.00}° | {l.Coverage:0.0} % | {s.Rmse:0.000}° | {s.Coverage:0.0} % |");
        WriteLine($"| mean | {trials.Average(t => t.Authors):0.000}° | {live.Average(r => r.Rmse):0.000}° | | | {smoothed.Average(r => r.Rmse):0.000}° | |\n");

        Assert.All(trials.Zip(live), r => Assert.InRange(r.Second.Rmse, 0, 1.05 * r.First.Authors));
        Assert.InRange(live.Average(r => r.Rmse), 0, 0.78);
        Assert.InRange(smoothed.Average(r => r.Rmse), 0, 0.8 * live.Average(r => r.Rmse));
        Assert.All(live, r => Assert.InRange(r.Coverage, 90, 98));
    }

    private void WriteJoints()
    {
        WriteLine($"""
            ## Two IMUs on a joint, 50 Hz

            From 5 s on. There is no rest to learn the bias from, so the first seconds are the worst; `until 5 s` is what they are like.

            | recording | IMU | live RMSE | mean u | within 2u | within 2u until 5 s | smoothed RMSE | within 2u |
            | --- | --: | --: | --: | --: | --: | --: | --: |
            """);
        var all = new List<Result>();
        foreach (var name in new[] { "joint_1D_02", "joint_1D_04", "joint_3D_02" })
            foreach (var imu in new[] { 1, 2 })
            {
                var recording = Referenced.Joint(name, imu);
                var (live, start, smoothed) = (recording.Live(), recording.Start(), recording.Smoothed());
                WriteLine($"| {name} | {imu} | {live.Rmse:0.00}° | {live.MeanUncertainty:0.00}° | {live.Coverage:0.0} % | {start.Coverage:0.0} % | {smoothed.Rmse:0.00}° | {smoothed.Coverage:0.0} % |");
                all.Add(live);
            }
        WriteLine($"| mean | | {all.Average(r => r.Rmse):0.00}° | | | | | |\n");

        Assert.InRange(all.Average(r => r.Rmse), 0, 1.4);
        Assert.All(all, r => Assert.InRange(r.Coverage, 90, 98));
    }

    private void WriteLosses((string Trial, Referenced Recording)[] trials)
    {
        WriteLine($"""
            ## Lost frames

            Every third sample of BROAD, 95 Hz; frames of {FrameSamples} samples lost at random, seeds {string.Join(", ", Seeds)}: the range over them. After backlog
            recovery the samples are back in the order of their sequence, and the estimates are those without loss, to the last bit.

            | trial | lost | RMSE | within 2u |
            | --- | --: | --: | --: |
            """);
        foreach (var (trial, recording) in trials)
        {
            var whole = recording.Live();
            WriteLine($"| {trial} | 0 % | {whole.Rmse:0.00}° | {whole.Coverage:0.0} % |");
            foreach (var loss in Losses)
            {
                var results = Seeds.Select(seed => recording.Without(Lost(recording.Count, loss, seed)).Live()).ToArray();
                WriteLine($"| | {100 * loss:0} % | {results.Min(r => r.Rmse):0.00} to {results.Max(r => r.Rmse):0.00}° | {results.Min(r => r.Coverage):0.0} to {results.Max(r => r.Coverage):0.0} % |");
                Assert.All(results, r => Assert.InRange(r.Coverage, 90, 98));
            }
            Assert.Equal(whole, recording.Recovered(Lost(recording.Count, 0.05, Seeds[0])).Live());
        }
        WriteLine($"");
    }

    private const string Method = """
        ## What u is

        The error has two components, one about each horizontal axis. Where they are independent and normal with the same σ, its length is Rayleigh
        distributed: 95 % is below 2.45 σ. So u = 1.22 σ. Its parts, added in squares (`InclinationUncertainty`):

        | part | grows with | found |
        | --- | --- | --- |
        | accelerometer | nothing; the floor | engineering: 0.08°, 1.4 mg, of the calibrated sensors recorded here; raise `AccelerometerUncertainty` for others |
        | start | one moment's acceleration, until the mean of the force has settled | engineering |
        | bias | the standard uncertainty of the bias that VQF states; at first over the filter's time constant (derived), later over `BiasLag` | engineering |
        | drift | mean square of the averaged corrections that VQF makes to its integrated rates, times `DriftLag` | fitted |
        | turns | mean square of the angular rate, times the filter's time constant and `RateScaleUncertainty` | fitted |
        | gaps | length of what was bridged, times `GapRateUncertainty` (engineering) and `GapRateShare` of the change of rate | fitted |

        The three fitted numbers serve all recordings and losses above. Fitted anew without one recording (both of its IMUs, all of its losses), they
        cover that recording as follows, live (worked out once, beside the tests):

        | recording left out | within 2u |
        | --- | --: |
        | 02_undisturbed_slow_rotation_B | 95.6 % |
        | 08_undisturbed_fast_rotation_with_breaks_A | 92.1 % |
        | 16_undisturbed_fast_translation_B | 98.1 % |
        | 25_disturbed_tapping_B | 94.4 % |
        | joint_1D_02 | 95.9, 92.2 % |
        | joint_1D_04 | 94.4, 94.7 % |
        | joint_3D_02 | 97.2, 94.5 % |

        Without the trial of fast translation, turns are made out to be a little more uncertain than they are in it. Not covered: the sensor's own
        offset beyond the floor, and the first seconds of a sensor whose bias is larger than VQF expects.

        """;

    private static HashSet<int> Lost(int samples, double loss, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, samples).Chunk(FrameSamples).Where(_ => random.NextDouble() < loss).SelectMany(frame => frame)];
    }

    private void WriteLine(FormattableString text) => _page.AppendLine(text.ToString(CultureInfo.InvariantCulture));
}

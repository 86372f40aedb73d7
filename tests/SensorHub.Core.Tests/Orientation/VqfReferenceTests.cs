using SensorHub.Core.Orientation;
using SensorHub.Core.Units;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Orientation;

/// <summary>Sample by sample against the output of the authors' implementation (VQF 2.1.1).</summary>
public class VqfReferenceTests(ITestOutputHelper output)
{
    private const string Trial = "08_undisturbed_fast_rotation_with_breaks_A";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.0035);

    /// <summary>The authors' output and the options it was made with.</summary>
    public static TheoryData<string, bool, bool> Sets => new()
    {
        { "vqf_default_6d", true, true },
        { "vqf_nomotion_6d_every10", true, false },
        { "vqf_nobias_6d_every10", false, false },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public void It_agrees_with_the_authors_implementation_at_every_sample(string set, bool atRest, bool inMotion)
    {
        var recording = Recording.Read(Require.Recording($"broad/{Trial}.csv.gz"));
        var reference = Recording.Read(Require.Recording($"reference_output/{Trial}.{set}.csv.gz"));
        var filter = new Vqf(Period, new VqfOptions { LearnBiasAtRest = atRest, LearnBiasInMotion = inMotion });

        var rest = new bool[reference.Count];
        var expectedRest = new bool[reference.Count];
        var (whole, secondHalf) = (new Difference(), new Difference());
        var next = 0;
        for (var row = 0; row < recording.Count && next < reference.Count; row++)
        {
            var sample = recording.Imu(row);
            filter.Update(sample.SpecificForce, sample.AngularRate);
            if (row != (int)reference[next, "sample"])
                continue;
            (rest[next], expectedRest[next]) = (filter.AtRest, reference[next, "rest"] == 1);
            var expectedBias = new Vector3D(reference[next, "bias_x_radps"], reference[next, "bias_y_radps"], reference[next, "bias_z_radps"]);
            var expected = new Rotation(reference[next, "qw"], reference[next, "qx"], reference[next, "qy"], reference[next, "qz"]);
            var difference = new Difference(
                (filter.Orientation * expected.Inverse).Angle.Degrees,
                (filter.Bias - expectedBias).Norm,
                Math.Abs(filter.BiasUncertainty - reference[next, "bias_sigma_radps"]));
            whole = whole.Max(difference);
            if (next >= reference.Count / 2)
                secondHalf = secondHalf.Max(difference);
            next++;
        }

        output.WriteLine($"{set}: {next} samples; largest difference {whole}; in the second half {secondHalf}");
        Assert.Equal(reference.Count, next);
        AssertWithin(whole, 1e-3, 1e-6);
        AssertWithin(secondHalf, 1e-6, 1e-9);
        AssertSameRest(expectedRest, rest, tolerance: set.EndsWith("every10", StringComparison.Ordinal) ? 1 : 3);
    }

    private static void AssertWithin(Difference difference, double degrees, double radiansPerSecond)
    {
        Assert.InRange(difference.OrientationDegrees, 0, degrees);
        Assert.InRange(difference.Bias, 0, radiansPerSecond);
        Assert.InRange(difference.BiasUncertainty, 0, radiansPerSecond);
    }

    /// <summary>Where the flags differ, the expected one changes within the tolerance, in rows.</summary>
    private static void AssertSameRest(bool[] expected, bool[] actual, int tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var near = expected.AsSpan(Math.Max(0, i - tolerance)..Math.Min(expected.Length, i + tolerance + 1));
            Assert.True(expected[i] == actual[i] || near.Contains(actual[i]), $"row {i}: at rest {actual[i]}, expected {expected[i]}");
        }
    }

    private readonly record struct Difference(double OrientationDegrees, double Bias, double BiasUncertainty)
    {
        public Difference Max(Difference other) => new(
            Math.Max(OrientationDegrees, other.OrientationDegrees), Math.Max(Bias, other.Bias), Math.Max(BiasUncertainty, other.BiasUncertainty));

        public override string ToString() =>
            FormattableString.Invariant($"{OrientationDegrees:0.0e+0}°, bias {Bias:0.0e+0} rad/s, its uncertainty {BiasUncertainty:0.0e+0} rad/s");
    }
}

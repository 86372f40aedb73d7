using SensorHub.Core.Orientation;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Posture;

/// <summary>One person with IMUs on hip and lower back: stands from 0 to 4 s, sits from 12 to 39 s, walks from 55 to 98.5 s.</summary>
public class LumbarRecordingTests(ITestOutputHelper output)
{
    private static readonly Slug Clip = Slug.Parse("clip");

    [Fact]
    public void From_standing_to_sitting_lower_back_against_hip_changes_by_28_1_degrees()
    {
        var estimates = Run(ElementRole.Lower, ElementRole.Upper);

        var standing = Mean(estimates, 0, 4, e => e.Lordosis!.Value.Value);
        var sitting = Mean(estimates, 12, 39, e => e.Lordosis!.Value.Value);
        output.WriteLine(FormattableString.Invariant($"lordosis {standing:0.00}° standing, {sitting:0.00}° sitting"));
        // lower_back − hip is minus the lordosis: it flattens.
        Assert.InRange(standing - sitting, 28.1 - 1, 28.1 + 1);
        Assert.Equal(sitting - standing, Mean(estimates, 12, 39, e => e.LordosisChange!.Value.Value), 0.2);
        Assert.True(Mean(estimates, 12, 39, e => e.PelvicRotation!.Value.Value) < -15);
    }

    [Fact]
    public void Phases_follow_standing_sitting_and_walking()
    {
        var estimates = Run(ElementRole.Lower, ElementRole.Upper);

        Assert.All(Between(estimates, 4.6, 5), e => Assert.Equal(Phase.Standing, e.Phase));
        Assert.All(Between(estimates, 13, 39), e => Assert.Equal(Phase.Sitting, e.Phase));
        Assert.All(Between(estimates, 56.5, 98.5), e => Assert.Equal(Phase.Walking, e.Phase));
    }

    [Theory]
    [InlineData(ElementRole.Lower, Phase.Standing, Phase.Sitting)]
    [InlineData(ElementRole.Upper, Phase.Unknown, Phase.Unknown)]
    public void One_element_tells_walking_and_only_the_lower_one_sitting(ElementRole element, Phase stands, Phase sits)
    {
        var estimates = Run(element);

        Assert.All(Between(estimates, 4.6, 5), e => Assert.Equal(stands, e.Phase));
        Assert.All(Between(estimates, 13, 39), e => Assert.Equal(sits, e.Phase));
        Assert.All(Between(estimates, 56.5, 98.5), e => Assert.Equal(Phase.Walking, e.Phase));
    }

    [Fact]
    public void With_the_hip_alone_only_change_while_standing_is_said()
    {
        var estimates = Run(ElementRole.Lower);

        Assert.All(estimates, e => Assert.Null(e.Lordosis));
        Assert.All(Between(estimates, 13, 39), e => Assert.Null(e.LordosisChange));
        Assert.All(Between(estimates, 4.6, 5), e => Assert.InRange(e.LordosisChange!.Value.Value, -5, 5));
        Assert.All(estimates, e => Assert.Equal("one-element-change", e.Method));
    }

    private static List<PostureEstimate> Run(params ElementRole[] elements)
    {
        var recording = Recording.Read(Require.Recording("lumbar/fullbody_hip_lowerback_upperback.csv.gz"));
        var estimator = new PostureEstimator(Clip, [.. elements]);
        estimator.Mark(new Timestamp(0), new Marker.StandCalibration(TimeSpan.FromSeconds(4)));
        var estimates = new List<PostureEstimate>();
        foreach (var rows in Enumerable.Range(0, recording.Count).Chunk(6))
            foreach (var element in elements)
            {
                var samples = rows.Select(row => recording.Imu(row, element == ElementRole.Lower ? "hip_*" : "lower_back_*")).ToArray();
                estimates.AddRange(estimator.Update(new ImuPacket(Clip, element, samples, 0)).OfType<PostureEstimate>());
            }
        return estimates;
    }

    private static IEnumerable<PostureEstimate> Between(IEnumerable<PostureEstimate> estimates, double start, double end) =>
        estimates.Where(e => e.Time.UnixNanoseconds >= start * 1e9 && e.Time.UnixNanoseconds < end * 1e9);

    private static double Mean(IEnumerable<PostureEstimate> estimates, double start, double end, Func<PostureEstimate, double> value) =>
        Between(estimates, start, end).Average(value);
}

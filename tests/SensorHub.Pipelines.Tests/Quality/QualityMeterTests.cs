using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Quality;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Tests.Completing;

namespace SensorHub.Pipelines.Tests.Quality;

public sealed class QualityMeterTests(RecomputerTests.Sessions sessions) : IClassFixture<RecomputerTests.Sessions>
{
    [Fact]
    public void A_session_without_loss_has_every_sample_at_its_rate_and_a_known_clock()
    {
        var quality = QualityMeter.Of(sessions.Lossless);

        Assert.True(quality.HasEnded);
        Assert.Equal([SensorKind.Clip, SensorKind.Roller], quality.Sensors.Select(s => s.Kind).Order().Reverse());
        foreach (var sensor in quality.Sensors)
        {
            Assert.All(sensor.Streams, stream => Assert.Equal((0L, 0, 0L), (stream.Missing, stream.Gaps.Count, stream.Late)));
            Assert.All(sensor.Streams.Where(s => s.NominalRate > 0), stream => Assert.InRange(stream.EffectiveRate / stream.NominalRate, 0.999, 1.001));
            var clock = Assert.Single(sensor.Clocks);
            Assert.InRange(Assert.NotNull(clock.DriftPpm), -200, 200);
            Assert.InRange(Assert.NotNull(clock.Residual).TotalMilliseconds, 0, 25);
            Assert.InRange(Assert.NotNull(sensor.ClockUncertainty).TotalMilliseconds, 0.01, 20);
            Assert.Equal(0, sensor.MalformedFrames);
            Assert.DoesNotContain(sensor.Reasons, reason => reason.Text.Contains("missing", StringComparison.Ordinal));
            Assert.Equal((int)Math.Round(100 - sensor.Reasons.Sum(r => r.Points)), sensor.Score);
        }
        Assert.Equal(quality.Sensors.Min(s => s.Score), quality.Score);
    }

    [Fact]
    public void What_came_late_is_counted_as_received_and_as_late()
    {
        var (whole, lossy) = (QualityMeter.Of(sessions.Lossless), QualityMeter.Of(sessions.Lossy));

        foreach (var (before, after) in Streams(whole).Zip(Streams(lossy)).Where(p => p.First.NominalRate > 0))
        {
            Assert.Equal((before.Received, before.Missing), (after.Received, after.Missing));
            Assert.InRange(after.Late, 11 * after.NominalRate, 13 * after.NominalRate);
        }
    }

    [Fact]
    public void What_never_comes_is_missing_as_often_as_the_sequence_numbers_say_and_costs_points_with_a_reason()
    {
        var n = 0;
        var thinned = LossyRadio.Lose(sessions.Lossless, _ => ++n % 10 == 0 ? LossyRadio.Never : null);
        var coverage = new RecordingCoverage();
        thinned.ForEach(coverage.Add);

        var quality = QualityMeter.Of(thinned);

        Assert.Equal(
            coverage.Streams().Where(s => s.Stream.Kind is StreamKind.Imu or StreamKind.Load).Select(s => (s.Sensor, s.Stream.Id, s.Samples, s.Missing)),
            quality.Sensors.SelectMany(s => s.Streams.Where(t => t.NominalRate > 0).Select(t => (s.Sensor, t.Stream, t.Received, t.Missing))));
        Assert.All(quality.Sensors, sensor =>
        {
            Assert.InRange(sensor.Score, 60, 85);
            Assert.EndsWith("% of the samples are missing.", sensor.Reasons[0].Text, StringComparison.Ordinal);
            Assert.InRange(sensor.Reasons[0].Points, 15, 25);
        });
    }

    [Fact]
    public void A_clip_without_a_calibration_is_said_to_show_changes_alone()
    {
        var quality = QualityMeter.Of(sessions.Lossless.Where(r => r is not SensorRecord.Marked { Marker: Marker.StandCalibration or Marker.BendCalibration }));
        Assert.Contains(quality.Sensors.Single(s => s.Kind == SensorKind.Clip).Reasons, reason => reason.Text.StartsWith("The clip was not calibrated", StringComparison.Ordinal));
        Assert.DoesNotContain(quality.Sensors.Single(s => s.Kind == SensorKind.Roller).Reasons, reason => reason.Text.Contains("calibrated", StringComparison.Ordinal));
    }

    [Fact]
    public void An_option_out_of_its_range_is_refused_by_its_name() =>
        Assert.Contains(nameof(QualityOptions.Rate), Assert.Throws<UserException>(() => new QualityMeter(new QualityOptions { Rate = 0 })).Message, StringComparison.Ordinal);

    private static IEnumerable<StreamQuality> Streams(SessionQuality quality) => quality.Sensors.SelectMany(s => s.Streams);
}

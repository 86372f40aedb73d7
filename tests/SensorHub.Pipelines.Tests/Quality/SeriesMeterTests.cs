using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Quality;
using SensorHub.Pipelines.Tests.Completing;

namespace SensorHub.Pipelines.Tests.Quality;

public sealed class SeriesMeterTests(RecomputerTests.Sessions sessions) : IClassFixture<RecomputerTests.Sessions>
{
    [Fact]
    public void The_bins_add_up_to_what_the_whole_has_however_many_there_are()
    {
        var n = 0;
        var thinned = LossyRadio.Lose(sessions.Lossless, _ => ++n % 10 == 0 ? LossyRadio.Never : null);
        var (fine, coarse) = (Series(thinned, 1000), Series(thinned, 8));

        foreach (var sensor in QualityMeter.Of(thinned).Sensors)
        {
            var sampled = sensor.Streams.Where(s => s.NominalRate > 0).ToList();
            foreach (var series in (QualitySeries[])[fine[sensor.Sensor], coarse[sensor.Sensor]])
            {
                Assert.Equal((double)sampled.Sum(s => s.Received), series.Bins.Sum(b => b.Received), tolerance: 20); // those of the first frames were taken before the session began
                Assert.Equal((double)sampled.Sum(s => s.Missing), series.Bins.Sum(b => b.Missing), tolerance: 20);
            }
            Assert.InRange(coarse[sensor.Sensor].Bins.Count, 4, 8);
            Assert.True(fine[sensor.Sensor].Bins.Count > 20);
        }
    }

    [Fact]
    public void The_offset_of_a_clock_grows_by_its_drift_and_exchanges_lie_on_its_line()
    {
        var series = Series(sessions.Lossless, 1000);
        foreach (var sensor in QualityMeter.Of(sessions.Lossless).Sensors)
        {
            var bins = series[sensor.Sensor].Bins.Select((bin, i) => (bin, i)).Where(b => b.bin.OffsetMs is not null).ToList();
            var ppm = (bins[^1].bin.OffsetMs!.Value - bins[0].bin.OffsetMs!.Value) / ((bins[^1].i - bins[0].i) * series[sensor.Sensor].Bin.TotalMilliseconds) * 1e6;
            Assert.InRange(ppm, Assert.Single(sensor.Clocks).DriftPpm!.Value - 30, Assert.Single(sensor.Clocks).DriftPpm!.Value + 30);
            Assert.Contains(bins, b => b.bin.ResidualMs is not null);
            Assert.All(bins, b => Assert.InRange(b.bin.ResidualMs ?? 0, -25, 25));
            Assert.All(bins.SkipLast(1), b => Assert.InRange(b.bin.UncertaintyMs!.Value, 0.01, 25));
        }
    }

    private static IReadOnlyDictionary<Slug, QualitySeries> Series(IReadOnlyList<SensorRecord> records, int most)
    {
        var meter = new SeriesMeter(most);
        foreach (var step in CompleteReading.Read(records))
            meter.Add(step);
        return meter.Series;
    }
}

using SensorHub.Core.Orientation;
using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Testing;

namespace SensorHub.Core.Tests.Posture.Wear;

/// <summary>Thresholds against people who stand and sit still and against a board on a table, all recorded.</summary>
public class WearDetectorTests(ITestOutputHelper output)
{
    private static readonly Slug Clip = Slug.Parse("clip");

    private readonly List<Feature> _features = [];
    private WearDetector _detector = new(Clip);
    private double _end;

    private IEnumerable<Wearing> States => _features.OfType<WearState>().Select(s => s.Wear);

    [Theory]
    [InlineData("lumbar/fullbody_hip_lowerback_upperback", "hip_*", 12, 39)]
    [InlineData("lumbar/fullbody_hip_lowerback_upperback", "lower_back_*", 12, 39)]
    [InlineData("lower_back/mobgap_HA002_Test11_Trial1", "*", 88, 140)]
    public void Who_sits_still_wears_it_even_if_a_sixth_of_the_time_were_enough_to_call_it_off(string file, string columns, double from, double to)
    {
        _detector = new WearDetector(Clip, new WearOptions { OffAfter = TimeSpan.FromSeconds(10) });
        Play(Read(file, columns, from, to));
        Assert.Equal([Wearing.Worn], States);
    }

    [Theory]
    [InlineData("lumbar/fullbody_hip_lowerback_upperback", "hip_*")]
    [InlineData("lower_back/mobgap_HA001_Test11_Trial1", "*")]
    [InlineData("lower_back/mobgap_HA002_Test11_Trial1", "*")]
    public void A_recording_of_a_person_is_worn_throughout(string file, string columns)
    {
        Play(Read(file, columns, 0, 1000));
        Assert.Equal([Wearing.Worn], States);
    }

    [Theory]
    [InlineData("02_undisturbed_slow_rotation_B", 0, 34)]
    [InlineData("08_undisturbed_fast_rotation_with_breaks_A", 0, 23)]
    [InlineData("16_undisturbed_fast_translation_B", 0, 28)]
    [InlineData("25_disturbed_tapping_B", 0, 40)]
    public void Laid_on_a_table_it_is_off_after_a_minute_and_says_so_once(string trial, double from, double to)
    {
        Play(Read("lumbar/fullbody_hip_lowerback_upperback", "hip_*", 12, 39));
        var laid = _end;
        var table = Read($"broad/{trial}", "*", from, to);
        for (var i = 0; i < 5; i++)
            Play(table);

        Assert.Equal([Wearing.Worn, Wearing.Off], States);
        Assert.Equal(CueCode.ClipOff, Assert.Single(_features.OfType<Cue>()).Code);
        var off = 1e-9 * _features.OfType<WearState>().Last().Time.UnixNanoseconds - laid;
        output.WriteLine(FormattableString.Invariant($"off {off:0.0} s after"));
        Assert.InRange(off, 56, 70);
    }

    [Fact]
    public void A_knock_on_the_table_does_not_make_it_worn_and_putting_it_on_does()
    {
        var table = Read("broad/25_disturbed_tapping_B", "*", 0, 40);
        Play(table);
        Play(table);
        Play([.. table.Take(1000).Select((s, i) => s with { AngularRate = s.AngularRate + Math.Sin(0.1 * i) * Vector3D.UnitY })]);
        Play(table);
        Assert.Equal([Wearing.Off], States);

        Play(Read("lumbar/fullbody_hip_lowerback_upperback", "hip_*", 12, 39));
        Assert.Equal([Wearing.Off, Wearing.Worn], States);
        Assert.Empty(_features.OfType<Cue>());
    }

    [Fact]
    public void One_element_that_lies_still_is_not_enough()
    {
        var table = Read("broad/25_disturbed_tapping_B", "*", 0, 40);
        var person = Read("lumbar/fullbody_hip_lowerback_upperback", "hip_*", 12, 39);
        for (var i = 0; i < 14_000; i++)
        {
            var time = new Timestamp(i * 10_000_000L);
            _features.AddRange(_detector.Update(new ImuPacket(Clip, ElementRole.Upper, [table[i % table.Length] with { Time = time }], 0)));
            _features.AddRange(_detector.Update(new ImuPacket(Clip, ElementRole.Lower, [person[i % person.Length] with { Time = time }], 0)));
        }
        Assert.Equal([Wearing.Worn], States);
    }

    private static ImuSample[] Read(string file, string columns, double from, double to)
    {
        var recording = Recording.Read(Require.Recording($"{file}.csv.gz"));
        return [.. Enumerable.Range(0, recording.Count).Where(row => recording[row, "t_s"] >= from && recording[row, "t_s"] < to).Select(row => recording.Imu(row, columns))];
    }

    /// <summary>After what was played before.</summary>
    private void Play(ImuSample[] samples, ElementRole element = ElementRole.Lower)
    {
        var step = samples[1].Time - samples[0].Time;
        var shift = new Timestamp((long)(_end * 1e9)) - samples[0].Time + step;
        foreach (var chunk in samples.Chunk(6))
            _features.AddRange(_detector.Update(new ImuPacket(Clip, element, [.. chunk.Select(s => s with { Time = s.Time + shift })], 0)));
        _end = 1e-9 * (samples[^1].Time + shift).UnixNanoseconds;
    }
}

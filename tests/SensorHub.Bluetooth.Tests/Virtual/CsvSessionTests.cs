using System.Globalization;
using System.Text;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Testing;

namespace SensorHub.Bluetooth.Tests.Virtual;

public sealed class CsvSessionTests : IDisposable
{
    private const string Header = "t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("csv-session").FullName;

    [Theory]
    [InlineData("broad/08_undisturbed_fast_rotation_with_breaks_A.csv.gz", 3500u, null, null)]
    [InlineData("lumbar/fullbody_hip_lowerback_upperback.csv.gz", 10_000u, "hip", "lower_back")]
    [InlineData("two_imu_joint/joint_1D_02.csv.gz", 20_000u, "1", "2")]
    [InlineData("lower_back/mobgap_HA001_Test5_Trial1.csv.gz", 10_000u, null, null)]
    public void Every_row_of_a_recording_arrives_in_real_frames_at_its_time(string file, uint period, string? lower, string? upper)
    {
        var path = Require.Recording(file);
        var csv = ImuCsv.Read(path, [.. new[] { lower, upper }.OfType<string>()]);
        var options = new CsvSessionOptions { Lower = lower, Upper = upper };
        var session = CsvSession.Open(path, options);
        var records = session.Play();
        var zero = Timestamp.FromDateTimeOffset(options.Start);
        var clock = session.Sensors[0].Clock;
        for (byte imu = 0; imu < csv.Imus.Count; imu++)
        {
            var row = 0;
            foreach (var frame in records.Frames(stream: (byte)(imu + 1)))
            {
                Assert.Equal(period, frame.Header.Period);
                Assert.False(frame.Header.Flags.HasFlag(FrameFlags.Saturated));
                for (var i = 0; i < frame.Header.Count; i++, row++)
                {
                    var at = Timestamp.FromDateTimeOffset(session.Time.GetUtcNow()) - session.Radio.Elapsed + TimeSpan.FromSeconds(clock.Seconds(frame.Ticks(i)));
                    Assert.Equal(csv.Seconds[row], (at - zero).TotalSeconds, 0.0011);
                    Assert.Equal(csv.Imus[imu].SpecificForce[row].X, frame.Read(i, 0), 0.005);
                    Assert.Equal(csv.Imus[imu].SpecificForce[row].Z, frame.Read(i, 2), 0.005);
                    Assert.Equal(csv.Imus[imu].AngularRate[row].Y, frame.Read(i, 4), 0.002);
                }
            }
            Assert.Equal(csv.Seconds.Count, row);
        }
    }

    [Fact]
    public void Missing_rows_are_missing_samples()
    {
        var text = new StringBuilder(Header);
        for (var i = 0; i < 300; i++)
            if (i is < 100 or >= 150)
                text.Append(CultureInfo.InvariantCulture, $"{7 + 0.01 * i:0.00},9.8,0,0,0,0,{0.001 * i}\n");
        var session = CsvSession.Open(Write(text.ToString()), new CsvSessionOptions());
        var frames = session.Play().Frames().ToList();
        Assert.Equal(250, frames.Sum(f => f.Header.Count));
        var (before, after) = Assert.Single(frames.Zip(frames.Skip(1)), p => p.First.Header.NextSequence != p.Second.Header.Sequence);
        Assert.Equal(50u, after.Header.Sequence - before.Header.NextSequence);
        Assert.Equal(0.15, after.Read(0, 5), 0.001);
    }

    [Fact]
    public void A_rate_that_is_no_whole_number_of_ticks_keeps_its_time()
    {
        var text = new StringBuilder(Header);
        for (var i = 0; i < 12_800; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i / 128.0:0.######},9.8,0,0,0,0,0\n");
        var session = CsvSession.Open(Write(text.ToString()), new CsvSessionOptions());
        var frames = session.Play().Frames().ToList();
        Assert.Equal(12_800, frames.Sum(f => f.Header.Count));
        var clock = session.Sensors[0].Clock;
        var (first, last) = (frames[0], frames[^1]);
        Assert.Equal(12_799 / 128.0, clock.Seconds(last.Ticks(last.Header.Count - 1)) - clock.Seconds(first.Ticks(0)), 1e-4);
    }

    [Fact]
    public void A_range_that_the_rows_leave_is_doubled_until_it_holds_them()
    {
        var session = CsvSession.Open(Write(Header + "0,200,0,0,60,0,0\n0.01,-9,0,0,0,0,0\n0.02,1,0,0,0,0,0\n"), new CsvSessionOptions());
        var frame = Assert.Single(session.Play().Frames());
        Assert.Equal(200, frame.Read(0, 0), 0.01);
        Assert.Equal(60, frame.Read(0, 3), 0.01);
        Assert.Equal(FrameFlags.None, frame.Header.Flags);
    }

    [Fact]
    public void The_stand_and_the_session_are_marked_at_the_files_times()
    {
        var rows = string.Concat(Enumerable.Range(0, 500).Select(i => FormattableString.Invariant($"{3 + 0.01 * i:0.00},9.8,0,0,0,0,0\n")));
        var options = new CsvSessionOptions { Stand = (4, 6.5) };
        var marks = CsvSession.Open(Write(Header + rows), options).Play().OfType<SensorRecord.Marked>().ToList();
        var zero = Timestamp.FromDateTimeOffset(options.Start);
        Assert.Equal([3, 4, 7.99], marks.Select(m => Math.Round((m.At - zero).TotalSeconds, 6)));
        Assert.Equal(new Marker.StandCalibration(TimeSpan.FromSeconds(2.5)), marks[1].Marker);
    }

    [Fact]
    public void A_stand_outside_of_the_recording_and_uneven_rows_are_refused()
    {
        var path = Write(Header + "0,9.8,0,0,0,0,0\n1,9.8,0,0,0,0,0\n2,9.8,0,0,0,0,0\n");
        Assert.Equal("rows.csv: the stand from 1 to 5 s is not within the recording, 0 to 2 s.",
            Assert.Throws<UserException>(() => CsvSession.Open(path, new CsvSessionOptions { Stand = (1, 5) })).Message);

        var uneven = string.Concat(Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{i + 0.004 * i * i},9.8,0,0,0,0,0\n")));
        Assert.Contains("Resample the file evenly", Assert.Throws<UserException>(() => CsvSession.Open(Write(Header + uneven), new CsvSessionOptions())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1e-8, 0, "a sensor's clock ticks every 1e-06 s")]
    [InlineData(1, 0.01, 3e7, "rows.csv, row 10: it is 3e+07 s after the row before")]
    [InlineData(1.7e12, 10, 0, "beyond the years 1678 to 2261")]
    public void Times_that_are_no_seconds_are_refused(double first, double period, double gap, string message)
    {
        var rows = string.Concat(Enumerable.Range(0, 10).Select(i => FormattableString.Invariant($"{first + period * i + (i == 9 ? gap : 0):R},9.8,0,0,0,0,0\n")));
        Assert.Contains(message, Assert.Throws<UserException>(() => CsvSession.Open(Write(Header + rows), new CsvSessionOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_IMU_cannot_be_both_elements()
    {
        var path = Write("t_s,hip_ax_mps2,hip_ay_mps2,hip_az_mps2,hip_gx_radps,hip_gy_radps,hip_gz_radps\n0,9.8,0,0,0,0,0\n1,9.8,0,0,0,0,0\n");
        Assert.Equal("rows.csv: 'hip' cannot be both the lower and the upper element.",
            Assert.Throws<UserException>(() => CsvSession.Open(path, new CsvSessionOptions { Lower = "hip", Upper = "hip" })).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "rows.csv");
        File.WriteAllText(path, text);
        return path;
    }
}

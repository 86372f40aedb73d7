using System.IO.Compression;
using System.Text;
using SensorHub.Core.Recordings;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Recordings;

public sealed class ImuCsvTests : IDisposable
{
    private const string Header = "t_s,ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps";
    private readonly string _folder = Directory.CreateTempSubdirectory("imu-csv").FullName;

    [Fact]
    public void A_plain_file_of_one_IMU_is_read_whatever_the_order_of_its_columns()
    {
        var csv = ImuCsv.Read(Write("one.csv", "note,gz_radps,gy_radps,gx_radps,az_mps2,ay_mps2,ax_mps2,t_s\nhello,6,5,4,3,2,1,0\n,-6e-1,5,4,3,2,1,0.01\n"));
        Assert.Equal([0, 0.01], csv.Seconds);
        Assert.Equal([""], csv.Names);
        Assert.Equal(new Vector3D(1, 2, 3), csv.Imus[0].SpecificForce[0]);
        Assert.Equal(new Vector3D(4, 5, -0.6), csv.Imus[0].AngularRate[1]);
    }

    [Theory]
    [InlineData("back_ax_mps2,back_ay_mps2,back_az_mps2,back_gx_radps,back_gy_radps,back_gz_radps", "back")]
    [InlineData("ax2_mps2,ay2_mps2,az2_mps2,gx2_radps,gy2_radps,gz2_radps", "2")]
    public void An_IMU_is_named_before_or_after_the_axis(string columns, string name)
    {
        var csv = ImuCsv.Read(Write("named.csv", $"t_s,{columns}\r\n0,1,2,3,4,5,6\r\n1,1,2,3,4,5,6\r\n"), name);
        Assert.Equal((name, new Vector3D(4, 5, 6)), (csv.Imus[0].Name, csv.Imus[0].AngularRate[1]));
    }

    [Fact]
    public void A_name_that_ends_in_gz_is_unpacked()
    {
        var csv = ImuCsv.Read(WriteGzip("one.csv.gz", $"{Header}\n0,1,2,3,4,5,6\n1,1,2,3,4,5,6\n"));
        Assert.Equal(2, csv.Seconds.Count);
    }

    [Theory]
    [InlineData("", "bad.csv is empty: a header row with t_s, ax_mps2 and so on is needed.")]
    [InlineData("t_s,x\n0,1\n", "bad.csv has no IMU: columns such as ax_mps2 or back_ax_mps2 are needed in its header.")]
    [InlineData("ax_mps2,ay_mps2,az_mps2,gx_radps,gy_radps,gz_radps\n1,2,3,4,5,6\n", "bad.csv has no column t_s in its header.")]
    [InlineData("t_s,ax_mps2,ay_mps2,gx_radps,gy_radps,gz_radps\n1,2,3,4,5,6\n", "bad.csv has no column az_mps2 in its header.")]
    [InlineData(Header + "\n0,1,2,3,4,5,6\n0.01,1,2,oops,4,5,6\n", "bad.csv, line 3, column az_mps2: 'oops' is not a number.")]
    [InlineData(Header + "\n0,1,2,3,4,5,6\n0.01,1,2,,4,5,6\n", "bad.csv, line 3, column az_mps2: it is empty.")]
    [InlineData(Header + "\n0,1,2,3,4,5,NaN\n", "bad.csv, line 2, column gz_radps: 'NaN' is not a number.")]
    [InlineData(Header + "\n0,1,2,3,4,5,1e999\n", "bad.csv, line 2, column gz_radps: '1e999' is not a number.")]
    [InlineData(Header + "\n0,1,2,3,4,5,1e30\n", "bad.csv, line 2, column gz_radps: '1e30' is more than any IMU measures (10000 m/s² or rad/s).")]
    [InlineData(Header + "\n0,1,2,3,4,5,6\n\n0.5,1,2,3,4,5,6\n0.25,1,2,3,4,5,6\n", "bad.csv, line 5, column t_s: time goes from 0.5 to 0.25 s; it has to grow from row to row.")]
    [InlineData(Header + "\n0,1,2,3,4,5\n", "bad.csv, line 2: it has 6 columns, and the header 7.")]
    [InlineData(Header + "\n0,1,2,3,4,5,6\n", "bad.csv has 1 rows of samples; at least two are needed.")]
    public void What_is_wrong_is_told_with_file_line_and_column(string text, string message)
    {
        var e = Assert.Throws<UserException>(() => ImuCsv.Read(Write("bad.csv", text)));
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void An_IMU_that_is_not_there_is_told_with_those_that_are()
    {
        var path = Write("two.csv", "t_s,ax1_mps2,ay1_mps2,az1_mps2,gx1_radps,gy1_radps,gz1_radps,hip_ax_mps2\n");
        Assert.Equal("two.csv has no IMU 'knee': there is '1', 'hip'.", Assert.Throws<UserException>(() => ImuCsv.Read(path, "knee")).Message);
        Assert.Equal("two.csv has several IMUs: say which of 1, hip.", Assert.Throws<UserException>(() => ImuCsv.Read(path)).Message);
        Assert.Equal("two.csv has no column hip_ay_mps2 in its header.", Assert.Throws<UserException>(() => ImuCsv.Read(path, "hip")).Message);
    }

    [Fact]
    public void A_gzip_that_is_cut_off_or_none_is_told()
    {
        var rows = string.Concat(Enumerable.Range(0, 5000).Select(i => FormattableString.Invariant($"{i},{Math.Sin(i)},2,3,4,5,6\n")));
        var whole = File.ReadAllBytes(WriteGzip("whole.csv.gz", $"{Header}\n{rows}"));
        foreach (var length in new[] { whole.Length / 2, whole.Length - 4, 30 })
        {
            var cut = Path.Combine(_folder, "cut.csv.gz");
            File.WriteAllBytes(cut, whole[..length]);
            Assert.StartsWith("cut.csv.gz", Assert.Throws<UserException>(() => ImuCsv.Read(cut)).Message, StringComparison.Ordinal);
        }
        Assert.StartsWith("text.csv.gz: its gzip compression is damaged", Assert.Throws<UserException>(() => ImuCsv.Read(Write("text.csv.gz", Header))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told()
    {
        var path = Path.Combine(_folder, "none.csv");
        Assert.Equal($"There is no file {path}.", Assert.Throws<UserException>(() => ImuCsv.Read(path)).Message);
        Assert.StartsWith($"{_folder} cannot be read", Assert.Throws<UserException>(() => ImuCsv.Read(_folder)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string WriteGzip(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using SensorHub.Core.Timing;
using SensorHub.Storage.LineProtocol;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.LineProtocol;

public class LineWriterTests
{
    private static readonly MeasurementSchema Any = new("any", "", "",
        [new("a", ""), new("b", "")],
        [new("f", FieldType.Float, "1", ""), new("i", FieldType.Integer, "1", ""), new("t", FieldType.Boolean, null, ""), new("s", FieldType.String, null, "")]);

    [Fact]
    public void A_posture_is_one_golden_line()
    {
        var point = Points.Posture(new Timestamp(1_769_860_800_123_456_789), lordosis: 31.25);
        point["session"] = "s-1";

        Assert.Equal(
            """posture,hub=home,method=two-element-gravity,sensor=clip,subject=p1 session="s-1",phase="standing",quality="good",lordosis_deg=31.25 1769860800123456789""" + "\n",
            Write(point));
    }

    [Fact]
    public void Integers_booleans_and_floats_are_written_as_their_types()
    {
        Assert.Equal("rolling,hub=home,muscle=hamstrings,sensor=roller,side=left,subject=p1 contact=true,force_n=120,strokes=12i 0\n", Write(Points.Rolling(default, 12, true, 120)));
    }

    [Theory]
    [InlineData("x y", "any,a=x\\ y f=1 0")]
    [InlineData("x,y=z", "any,a=x\\,y\\=z f=1 0")]
    [InlineData("\"x\"", "any,a=\"x\" f=1 0")]
    [InlineData("C:\\x", "any,a=C:\\x f=1 0")]
    [InlineData("größe🙂", "any,a=größe🙂 f=1 0")]
    public void A_tag_is_escaped_as_the_specification_says(string tag, string line)
    {
        var point = new Point(Any, default).WithTag("a", tag);
        point["f"] = 1.0;

        Assert.Equal(line + "\n", Write(point));
    }

    [Theory]
    [InlineData("say \"hi\"", """ "say \"hi\"" """)]
    [InlineData("C:\\x\\", """ "C:\\x\\" """)]
    [InlineData("a,b=c d", """ "a,b=c d" """)]
    [InlineData("", """ "" """)]
    public void A_string_is_escaped_as_the_specification_says(string text, string value)
    {
        var point = new Point(Any, default);
        point["s"] = text;

        Assert.Equal($"any s={value.Trim()} 0\n", Write(point));
    }

    [Fact]
    public void Names_in_the_schema_are_escaped_too()
    {
        var schema = new MeasurementSchema("my, data", "", "", [new("the tag", "")], [new("a=b", FieldType.Integer, "1", "")]);
        var point = new Point(schema, default).WithTag("the tag", "x");
        point["a=b"] = 1L;

        Assert.Equal("my\\,\\ data,the\\ tag=x a\\=b=1i 0\n", Write(point));
    }

    [Theory]
    [InlineData("line\nend")]
    [InlineData("carriage\rreturn")]
    [InlineData("ends in \\")]
    public void A_tag_that_line_protocol_cannot_say_refuses_the_point_and_writes_nothing(string tag)
    {
        var point = new Point(Any, default).WithTag("a", tag);
        point["f"] = 1.0;
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(LineStatus.UnfitTag, new LineWriter(output).Write(point));
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_that_is_not_finite_is_left_out_and_counted(double value)
    {
        var point = new Point(Any, default);
        point["f"] = value;
        point["i"] = 1L;
        var output = new ArrayBufferWriter<byte>();
        var writer = new LineWriter(output);

        Assert.Equal(LineStatus.Ok, writer.Write(point));
        Assert.Equal("any i=1i 0\n", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal(1, writer.NotFinite);
    }

    [Fact]
    public void A_point_without_a_field_is_no_line()
    {
        Assert.Equal(LineStatus.NoField, new LineWriter(new ArrayBufferWriter<byte>()).Write(new Point(Any, default).WithTag("a", "x")));
    }

    [Fact]
    public void What_is_written_reads_back_as_it_was()
    {
        var text = Gen.OneOf(Gen.Const("a"), Gen.String[Gen.Char.AlphaNumeric, 0, 10], Gen.String[Gen.Char[" ,=\"\\é\u4e2dx"], 0, 12]);
        var tag = text.Select(t => Escaping.FitsTag(t) ? t : null);
        var points = Gen.Select(tag, tag, Gen.Double, Gen.Long, Gen.Bool, text, Gen.Long[-9_000_000_000_000_000_000, 9_000_000_000_000_000_000]).Select(v =>
        {
            var point = new Point(Any, new Timestamp(v.Item7)).WithTag("a", v.Item1).WithTag("b", v.Item2);
            point["f"] = v.Item3;
            point["i"] = v.Item4;
            point["t"] = v.Item5;
            point["s"] = v.Item6;
            return point;
        });

        points.Array[1, 5].Sample(batch =>
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new LineWriter(output);
            foreach (var point in batch)
                Assert.Equal(LineStatus.Ok, writer.Write(point));
            var read = ParsedLine.ParseAll(output.WrittenSpan);

            Assert.Equal(batch.Length, read.Count);
            foreach (var (point, line) in batch.Zip(read))
            {
                Assert.Equal("any", line.Measurement);
                Assert.Equal(point.Time.UnixNanoseconds, line.Time);
                Assert.Equal(new[] { ("a", point.Tags[0]), ("b", point.Tags[1]) }.Where(t => t.Item2 is not null), line.Tags.Select(t => (t.Key, (string?)t.Value)));
                Assert.Equal(point["i"].AsInteger(), line.Fields["i"]);
                Assert.Equal(point["t"].AsBoolean(), line.Fields["t"]);
                Assert.Equal(point["s"].AsString(), line.Fields["s"]);
                if (double.IsFinite(point["f"].AsDouble()))
                    Assert.Equal(BitConverter.DoubleToInt64Bits(point["f"].AsDouble()), BitConverter.DoubleToInt64Bits((double)line.Fields["f"]));
                else
                    Assert.False(line.Fields.ContainsKey("f"));
            }
        }, iter: 2_000, threads: 1);
    }

    [Fact]
    public void Every_float_is_written_as_the_runtime_writes_it()
    {
        var rounded = Gen.Select(Gen.Long[-10_000_000_000_000_000, 10_000_000_000_000_000], Gen.Int[0, 17], Gen.Int[0, 6])
            .Select((digits, fewer, decimals) => Math.Truncate(digits / Math.Pow(10, fewer)) / Math.Pow(10, decimals));
        var beside = rounded.SelectMany(value => Gen.Bool.Select(above => above ? Math.BitIncrement(value) : Math.BitDecrement(value)));
        double[] edges = [0, -0.0, 1e-4, -1e-4, 1e-5, 0.5, 99_999_999_999.9999, 1e11, 1e15, 1e16, -1e20, 0.1 + 0.2, double.MaxValue, double.Epsilon, 123.4567, 123.45675];

        Gen.OneOf(rounded, beside, Gen.Double).Where(double.IsFinite).Sample(IsShortest, iter: 200_000, threads: 1);
        Assert.All(edges, value => Assert.True(IsShortest(value)));

        static bool IsShortest(double value)
        {
            Span<byte> bytes = stackalloc byte[24];
            return Encoding.UTF8.GetString(bytes[..Floats.Format(value, bytes)]) == value.ToString("R", CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        var points = Points.Series(100);
        using var batch = new LineBatch();
        foreach (var point in points)
            batch.Add(point); // the buffers grow once
        batch.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var point in points)
            batch.Add(point);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Write(Point point)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(LineStatus.Ok, new LineWriter(output).Write(point));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

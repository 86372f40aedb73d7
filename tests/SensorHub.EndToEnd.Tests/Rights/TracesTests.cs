using System.IO.Compression;
using System.Text;
using SensorHub.Core;
using SensorHub.Rights;

namespace SensorHub.EndToEnd.Tests.Rights;

public class TracesTests
{
    [Theory]
    [InlineData("p1", "sensorhub/1/home/subjects/p1/posture", true)]
    [InlineData("p1", "sensorhub/1/home/subjects/p17/posture", false)]
    [InlineData("p1", "sensorhub/1/home/subjects/p1-left/posture", false)]
    [InlineData("me", "{\"subject\":\"me\"}", true)]
    [InlineData("me", "the time of measurement", false)]
    [InlineData("me", "give it to me now", false)]
    [InlineData("kestrel", "asked by kestrel today", true)]
    [InlineData("kestrel-4", "out/sub-kestrel4_ses-monday", true)]
    [InlineData("kestrel-4", "posture/participant=kestrel4/task=rolling", true)]
    public void A_name_is_found_where_it_stands_alone(string subject, string text, bool found) =>
        Assert.Equal(found, new Traces(SubjectScope.Whole(Slug.Parse(subject))).In(text));

    [Fact]
    public void Sessions_are_names_too_and_a_scope_of_sessions_looks_for_these_alone()
    {
        var monday = new SessionSpan(Slug.Parse("monday-9"), default, default);
        Assert.True(new Traces(SubjectScope.Of(Slug.Parse("kestrel"), [monday])).In("recordings/monday-9.2/manifest.json"));
        Assert.False(new Traces(SubjectScope.Of(Slug.Parse("kestrel"), [monday])).In("kestrel"));
    }

    [Fact]
    public void A_name_at_the_seam_of_two_reads_is_found()
    {
        var bytes = new byte[3 << 20];
        Encoding.ASCII.GetBytes("kestrel").CopyTo(bytes, (1 << 20) - 3);
        Assert.True(new Traces(SubjectScope.Whole(Slug.Parse("kestrel"))).In(new MemoryStream(bytes)));
        bytes[(1 << 20) - 1] ^= 1;
        Assert.False(new Traces(SubjectScope.Whole(Slug.Parse("kestrel"))).In(new MemoryStream(bytes)));
    }

    [Fact]
    public void What_is_packed_is_looked_into()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"subject\":\"kestrel\"}\n", 100))));
        packed.Position = 0;
        Assert.True(new Traces(SubjectScope.Whole(Slug.Parse("kestrel"))).In(packed));
    }

    [Fact]
    public void Two_bytes_among_others_are_no_name() =>
        Assert.False(new Traces(SubjectScope.Whole(Slug.Parse("me"))).In((ReadOnlySpan<byte>)[0, 1, (byte)'m', (byte)'e', 2, 0]));
}

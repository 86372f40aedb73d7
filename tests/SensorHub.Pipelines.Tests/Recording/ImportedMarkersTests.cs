using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Pipelines.Tests.Recording;

public sealed class ImportedMarkersTests : IDisposable
{
    private static readonly Timestamp Began = Timestamp.Parse("2026-01-31T12:00:00Z");

    private readonly string _folder = Directory.CreateTempSubdirectory("markers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Times_are_taken_to_the_nanosecond_in_each_form()
    {
        Assert.Equal(
            [("2026-01-31T12:00:05.123456789Z", "stim-on", 7.5), ("2026-01-31T12:00:05.250000000Z", "stim-on", 8.0)],
            Parse("time,label,value", "1769860805.123456789,Stim On,7.5", "2026-01-31T13:00:05.25+01:00,\"stim,on\",8").Select(m => (m.At.ToString(), m.Label.ToString(), m.Value!.Value)));
        var onset = Assert.Single(Parse("onset_s,duration_s,label,comment", "-0.5,1.25,late,\"what, ever\""));
        Assert.Equal((Began - TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.25), (double?)null), (onset.At, onset.Duration!.Value, onset.Value));
    }

    [Theory]
    [InlineData("when,label", "1,a", "the first line names the columns: time,label or onset_s,label")]
    [InlineData("time,onset_s,label", "1,1,a", "the first line names the columns")]
    [InlineData("onset_s,label", "1", "line 2: it has 1 cells where the header has 2.")]
    [InlineData("onset_s,label", "soon,a", "line 2: onset_s is 'soon', which is no number.")]
    [InlineData("onset_s,label", "1e20,a", "line 2: onset_s is out of range.")]
    [InlineData("onset_s,label", ",a", "line 2: onset_s is empty.")]
    [InlineData("onset_s,label", "1,???", "line 2: the label '???' is none")]
    [InlineData("onset_s,label,duration_s", "1,a,-2", "line 2: duration_s is below 0.")]
    [InlineData("time,label", "2026-01-31 12:00:05,a", "line 2: '2026-01-31 12:00:05' is no time: write 2026-01-31T12:00:05.25Z, with its zone, or Unix seconds.")]
    [InlineData("onset_s,label", "", "there is no marker in it.")]
    public void A_broken_table_is_one_line_that_says_where(string header, string line, string said)
    {
        var message = Assert.Throws<UserException>(() => Parse(header, line)).Message;
        Assert.StartsWith("table.csv: ", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
    }

    [Fact]
    public void They_are_kept_with_source_and_offset_and_the_same_table_is_not_taken_twice()
    {
        var (first, second) = (Path.Combine(_folder, "triggers.csv"), Path.Combine(_folder, "notes.csv"));
        File.WriteAllLines(first, ["onset_s,label", "5,b", "4,a"]);
        File.WriteAllLines(second, ["onset_s,label", "1,c"]);
        ImportedMarkers.Import(_folder, first, Began, TimeSpan.FromSeconds(-0.012), TimeSpan.FromSeconds(0.001));
        ImportedMarkers.Import(_folder, second, Began);
        Assert.Equal(["c", "a", "b"], ImportedMarkers.Read(_folder).Select(m => m.Label.ToString()));
        Assert.Equal(Began + TimeSpan.FromSeconds(3.988), ImportedMarkers.Read(_folder)[1].At);
        Assert.Contains("\"source\":\"triggers.csv\"", File.ReadAllText(Path.Combine(_folder, ImportedMarkers.FileName)), StringComparison.Ordinal);
        Assert.Contains("\"offset_s\":-0.012,\"offset_u_s\":0.001", File.ReadAllText(Path.Combine(_folder, ImportedMarkers.FileName)), StringComparison.Ordinal);

        Assert.Contains("already", Assert.Throws<UserException>(() => ImportedMarkers.Import(_folder, first, Began)).Message, StringComparison.Ordinal);
        ImportedMarkers.Import(_folder, first, Began, replace: true);
        Assert.Equal([Began + TimeSpan.FromSeconds(4), Began + TimeSpan.FromSeconds(5)], ImportedMarkers.Read(_folder).Select(m => m.At));
    }

    private static IReadOnlyList<ImportedMarker> Parse(params string[] lines) => ImportedMarkers.Parse(lines, "table.csv", Began);
}

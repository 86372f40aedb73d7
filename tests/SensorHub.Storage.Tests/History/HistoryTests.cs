using SensorHub.Core.Timing;
using SensorHub.Storage.History;
using SensorHub.Storage.Influx;

namespace SensorHub.Storage.Tests.History;

/// <summary>The same points in the embedded store and in a real InfluxDB: the same questions get the same answers.</summary>
public sealed class HistoryTests(Servers servers, BothStores both) : IClassFixture<BothStores>
{
    private static readonly Timestamp End = Points.Start + TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<HistoryQuery> Questions => new(
        new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End),
        new HistoryQuery("posture", ["phase", "lordosis_deg", "calibration"], Points.Start, End),
        new HistoryQuery("posture", ["lordosis_deg"], Points.Start + TimeSpan.FromSeconds(3), Points.Start + TimeSpan.FromSeconds(5)) { Tags = new Dictionary<string, string> { ["subject"] = "p2" } },
        new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End) { Tags = new Dictionary<string, string> { ["subject"] = "" } },
        new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End) { Tags = new Dictionary<string, string> { ["subject"] = "nobody" } },
        new HistoryQuery("posture", ["lordosis_change_deg"], Points.Start, End),
        new HistoryQuery("rolling", ["contact", "strokes", "force_n"], Points.Start, End),
        new HistoryQuery("posture", ["lordosis_deg", "lordosis_u_deg"], Points.Start, End) { Window = new Window(TimeSpan.FromSeconds(1), Aggregate.Mean) },
        new HistoryQuery("posture", ["phase", "lordosis_deg", "calibration"], Points.Start, End) { Window = new Window(TimeSpan.FromMilliseconds(700), Aggregate.Last) },
        new HistoryQuery("rolling", ["force_n", "strokes"], Points.Start, End) { Window = new Window(TimeSpan.FromSeconds(2), Aggregate.Max) },
        new HistoryQuery("rolling", ["force_n", "strokes"], Points.Start, End) { Window = new Window(TimeSpan.FromSeconds(2), Aggregate.Min) },
        new HistoryQuery("rolling", ["strokes"], Points.Start, End) { Window = new Window(TimeSpan.FromSeconds(10), Aggregate.Mean) },
        new HistoryQuery("rolling", ["contact", "strokes"], Points.Start + TimeSpan.FromTicks(7), End) { Window = new Window(TimeSpan.FromMinutes(1), Aggregate.Last) },
        new HistoryQuery("stroke", ["number"], Points.Start, End));

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task The_embedded_store_and_InfluxDB_give_the_same_answer(HistoryQuery query)
    {
        var (sqlite, influx) = await both.SampleAsync();

        AssertSame(await sqlite.QueryAsync(query, Token), await influx.QueryAsync(query, Token));
    }

    [Fact]
    public async Task InfluxDB_behind_the_v2_interface_gives_the_same_answer()
    {
        var options = await servers.V2Async();
        await using (var output = new InfluxOutput(options, TimeProvider.System))
            await output.WriteAsync(BothStores.Sample(), Token);
        var (sqlite, _) = await both.SampleAsync();
        using var v2 = new InfluxHistory(options, TimeProvider.System);
        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End);

        AssertSame(await sqlite.QueryAsync(query, Token), await v2.QueryAsync(query, Token));
    }

    [Fact]
    public async Task A_long_answer_in_several_chunks_is_whole()
    {
        var (sqlite, influx) = await both.StoreAsync(BothStores.As("live", [.. Points.Series(25_000), .. Points.Series(12_000, "p2")]));
        using (influx)
        {
            var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End);
            var answer = await influx.QueryAsync(query, Token);

            Assert.Equal([25_000, 12_000], answer.Select(s => s.Rows.Count));
            AssertSame(await sqlite.QueryAsync(query, Token), answer);
        }
    }

    [Fact]
    public async Task A_point_that_was_taken_back_is_no_part_of_an_answer()
    {
        var takenBack = BothStores.As("superseded", Points.Series(100)[20..40]);
        var (sqlite, influx) = await both.StoreAsync([.. BothStores.As("live", Points.Series(100)), .. takenBack, .. BothStores.As("final", Points.Series(100)[30..35])]);
        using (influx)
        {
            var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End);
            var answer = await sqlite.QueryAsync(query, Token);

            Assert.Equal(85, answer.Single().Rows.Count);
            AssertSame(answer, await influx.QueryAsync(query, Token));
            var minimum = query with { From = Points.Start + TimeSpan.FromSeconds(0.8), Window = new Window(TimeSpan.FromHours(1), Aggregate.Min) };
            AssertSame(await sqlite.QueryAsync(minimum, Token), await influx.QueryAsync(minimum, Token));
        }
    }

    [Theory]
    [InlineData("x' OR 'a' = 'a")]
    [InlineData("x\\' OR 1 = 1 --")]
    [InlineData("x'; DROP MEASUREMENT posture; --")]
    [InlineData("x\\")]
    [InlineData("two\nlines")]
    [InlineData("\"")]
    [InlineData("größe 🙂")]
    public async Task A_name_is_a_name_whatever_is_in_it(string name)
    {
        var (sqlite, influx) = await both.SampleAsync();
        var all = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End);
        var named = all with { Tags = new Dictionary<string, string> { ["subject"] = name } };

        Assert.Empty(await sqlite.QueryAsync(named, Token));
        Assert.Empty(await influx.QueryAsync(named, Token));
        Assert.NotEmpty(await influx.QueryAsync(all, Token));
    }

    [Theory]
    [InlineData("nothing", "lordosis_deg", null, "no measurement 'nothing'")]
    [InlineData("posture", "x\" FROM y", null, "no field 'x\" FROM y'")]
    [InlineData("posture", "lordosis_deg", "name", "no tag 'name'")]
    public async Task What_the_schema_does_not_have_is_refused(string measurement, string field, string? tag, string message)
    {
        var query = new HistoryQuery(measurement, [field], Points.Start, End) { Tags = tag is null ? new Dictionary<string, string>() : new() { [tag] = "x" } };

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => new SqliteHistory(both.NewFile()).QueryAsync(query, Token));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mean_of_a_text_is_refused()
    {
        var query = new HistoryQuery("posture", ["phase"], Points.Start, End) { Window = new Window(TimeSpan.FromSeconds(1), Aggregate.Mean) };

        await Assert.ThrowsAsync<ArgumentException>(() => new SqliteHistory(both.NewFile()).QueryAsync(query, Token));
    }

    [Fact]
    public async Task A_missing_store_and_a_missing_database_say_what_to_do()
    {
        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End);
        using var influx = new InfluxHistory(await servers.V1Async() with { Database = "nowhere" }, TimeProvider.System);

        var store = await Assert.ThrowsAsync<OutputException>(() => new SqliteHistory(both.NewFile()).QueryAsync(query, Token));
        var database = await Assert.ThrowsAsync<OutputException>(() => influx.QueryAsync(query, Token));

        Assert.Contains(".db cannot be", store.Message, StringComparison.Ordinal);
        Assert.Contains("has no database 'nowhere'", database.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(IReadOnlyList<HistorySeries> expected, IReadOnlyList<HistorySeries> actual)
    {
        Assert.Equal(expected.Select(s => s.Tags.OrderBy(t => t.Key, StringComparer.Ordinal)), actual.Select(s => s.Tags.OrderBy(t => t.Key, StringComparer.Ordinal)));
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.Rows.Select(r => r.Time), a.Rows.Select(r => r.Time));
            Assert.Equal(e.Rows.SelectMany(r => r.Values), a.Rows.SelectMany(r => r.Values), Close);
        }

        // SQLite sums with compensation, InfluxDB without: means agree to the last few bits.
        static bool Close(FieldValue x, FieldValue y) =>
            x == y || x.HasValue && y.HasValue && x.Type == y.Type && x.Type == Storage.Schema.FieldType.Float && Math.Abs(x.AsDouble() - y.AsDouble()) <= 1e-12 * Math.Abs(x.AsDouble());
    }
}

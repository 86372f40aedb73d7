using CsCheck;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.Embedded;

public sealed class RollUpTests : IDisposable
{
    private static readonly Timestamp End = Points.Start + TimeSpan.FromHours(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-rollups-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(End.UnixNanoseconds / 1_000_000));
    private int _files;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What happens to a store: points come, out of order, twice, merged, taken back, and house is kept in between.</summary>
    [Fact]
    public Task Roll_ups_are_always_what_the_points_give() =>
        Steps().SampleAsync(async steps =>
        {
            var file = NewFile();
            await using (var store = SqliteStore.Open(file))
            {
                foreach (var step in steps)
                    if (step.Count == 0)
                        await Keeper(store).KeepAsync(CancellationToken.None);
                    else
                        await store.WriteAsync(step, CancellationToken.None);
                AssertAnswersOfPoints(file, rolledUp: false);
                await Keeper(store).KeepAsync(CancellationToken.None);
                AssertAnswersOfPoints(file, rolledUp: true);
            }
        }, iter: 20);

    [Theory]
    [InlineData(1_000, Aggregate.Mean)]
    [InlineData(1_000, Aggregate.Last)]
    [InlineData(7_000, Aggregate.Min)]
    [InlineData(60_000, Aggregate.Mean)]
    [InlineData(60_000, Aggregate.Max)]
    [InlineData(180_000, Aggregate.Last)]
    public async Task A_window_is_answered_the_same_from_points_from_roll_ups_and_from_both(int milliseconds, Aggregate aggregate)
    {
        var file = NewFile();
        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start + TimeSpan.FromMilliseconds(30_123), Points.Start + TimeSpan.FromMilliseconds(401_777))
        {
            Window = new Window(TimeSpan.FromMilliseconds(milliseconds), aggregate),
        };
        await using var store = SqliteStore.Open(file);
        await store.WriteAsync(Points.Series(15_000), Token);
        var fromPoints = await new SqliteHistory(file).QueryAsync(query, Token);
        Assert.Equal(0, Scalar(file, "SELECT count(*) FROM posture_1s"));

        await Keeper(store).KeepAsync(Token);
        var fromRollUps = await new SqliteHistory(file).QueryAsync(query, Token);
        await store.WriteAsync([Points.Posture(Points.Start + TimeSpan.FromSeconds(65), 500)], Token);
        await store.WriteAsync([Points.Posture(Points.Start + TimeSpan.FromSeconds(65), 21)], Token); // that minute waits again
        var fromBoth = await new SqliteHistory(file).QueryAsync(query, Token);

        Assert.NotEmpty(fromPoints.Single().Rows);
        AssertSame(fromPoints, fromRollUps);
        Assert.Equal(fromPoints.Single().Rows.Count, fromBoth.Single().Rows.Count);
        Assert.Equal(1, Scalar(file, "SELECT count(*) FROM rollup_pending"));
    }

    [Fact]
    public async Task Windows_are_read_from_the_roll_ups_when_the_points_are_gone()
    {
        var file = NewFile();
        var query = new HistoryQuery("posture", ["lordosis_deg"], Points.Start, Points.Start + TimeSpan.FromMinutes(10)) { Window = new Window(TimeSpan.FromMinutes(2), Aggregate.Mean) };
        await using var store = SqliteStore.Open(file);
        await store.WriteAsync(Points.Series(15_000), Token);
        var before = await new SqliteHistory(file).QueryAsync(query, Token);

        _time.Advance(TimeSpan.FromDays(91));
        await Keeper(store).KeepAsync(Token);

        Assert.Equal(0, Scalar(file, "SELECT count(*) FROM posture"));
        Assert.Equal(5, before.Single().Rows.Count);
        AssertSame(before, await new SqliteHistory(file).QueryAsync(query, Token));
    }

    [Fact]
    public async Task Each_resolution_is_kept_for_its_time_and_events_for_ever()
    {
        var file = NewFile();
        await using var store = SqliteStore.Open(file);
        var stroke = new Point(StorageSchema.Current["stroke"], Points.Start);
        stroke["length_m"] = 0.2;
        await store.WriteAsync([.. Points.Series(6_000), stroke], Token); // four minutes
        var keeper = new StoreKeeper(store, new RetentionOptions { RawDays = 1, SecondsDays = 10, MinutesDays = 100 }, _time);

        Assert.Equal((6_000, 0, 0, 1), await After(TimeSpan.Zero, keep: false));
        Assert.Equal((6_000, 240, 4, 1), await After(TimeSpan.Zero));
        Assert.Equal((0, 240, 4, 1), await After(TimeSpan.FromDays(1)));
        Assert.Equal((0, 0, 4, 1), await After(TimeSpan.FromDays(9)));
        Assert.Equal((0, 0, 0, 1), await After(TimeSpan.FromDays(90)));

        async Task<(long, long, long, long)> After(TimeSpan span, bool keep = true)
        {
            _time.Advance(span);
            if (keep)
                await keeper.KeepAsync(Token);
            return (Scalar(file, "SELECT count(*) FROM posture"), Scalar(file, "SELECT count(*) FROM posture_1s"), Scalar(file, "SELECT count(*) FROM posture_1min"), Scalar(file, "SELECT count(*) FROM stroke"));
        }
    }

    [Fact]
    public async Task Nothing_is_deleted_where_nothing_is_to_be()
    {
        var file = NewFile();
        await using var store = SqliteStore.Open(file);
        await store.WriteAsync(Points.Series(1_500), Token);
        _time.Advance(TimeSpan.FromDays(10_000));

        await new StoreKeeper(store, options: null, _time).KeepAsync(Token);

        Assert.Equal((1_500, 60), (Scalar(file, "SELECT count(*) FROM posture"), Scalar(file, "SELECT count(*) FROM posture_1s")));
    }

    [Fact]
    public async Task Points_that_are_in_no_roll_up_yet_are_never_deleted()
    {
        var file = NewFile();
        await using var store = SqliteStore.Open(file);
        await store.WriteAsync(Points.Series(3_000), Token);

        var dropped = await store.DropOldestAsync(StorageSchema.Current["posture"], tier: null, End, most: 10_000, Token);

        Assert.Equal(0, dropped);
        Assert.Equal(3_000, Scalar(file, "SELECT count(*) FROM posture"));
    }

    [Fact]
    public async Task A_late_part_of_a_minute_whose_points_were_deleted_leaves_its_roll_ups_and_the_whole_minute_replaces_them()
    {
        var file = NewFile();
        await using var store = SqliteStore.Open(file);
        await store.WriteAsync(Points.Series(1_500), Token);
        _time.Advance(TimeSpan.FromDays(91));
        await Keeper(store).KeepAsync(Token);

        await store.WriteAsync([Points.Posture(Points.Start + TimeSpan.FromSeconds(3), 80)], Token);
        await Keeper(store).KeepAsync(Token);
        Assert.Equal((1_500, 21), (Scalar(file, "SELECT points FROM posture_1min"), Scalar(file, "SELECT CAST(lordosis_deg_max AS INTEGER) FROM posture_1min")));

        await store.WriteAsync([.. Points.Series(1_500).Select((p, i) => Points.Posture(p.Time, 40 + i * 0.001))], Token); // a recording, reprocessed
        await Keeper(store).KeepAsync(Token);
        Assert.Equal((1_500, 40), (Scalar(file, "SELECT points FROM posture_1min"), Scalar(file, "SELECT CAST(lordosis_deg_min AS INTEGER) FROM posture_1min")));
        Assert.Equal(0, Scalar(file, "SELECT count(*) FROM posture"));
    }

    [Fact]
    public async Task The_space_of_what_was_deleted_is_given_back()
    {
        var file = NewFile();
        await using var store = SqliteStore.Open(file);
        await store.WriteAsync(Points.Series(60_000), Token);
        var before = (long)await store.PragmaAsync("page_count");

        _time.Advance(TimeSpan.FromDays(91));
        await Keeper(store).KeepAsync(Token);

        Assert.InRange((long)await store.PragmaAsync("page_count"), 1, before / 2);
        Assert.Equal(0L, await store.PragmaAsync("freelist_count"));
        Assert.Equal("ok", await store.PragmaAsync("integrity_check"));
    }

    [Fact]
    public async Task A_store_of_a_program_without_roll_ups_gets_them()
    {
        var file = NewFile();
        var older = new StorageSchema(1, [.. StorageSchema.Current.Measurements.Select(m => new MeasurementSchema(m.Name, m.Topic, "", m.Tags, m.Fields))]);
        await using (var store = SqliteStore.Open(file, older))
            await store.WriteAsync([.. Points.Series(1_500).Select(p => Of(older, p))], Token);
        Assert.NotEmpty(await new SqliteHistory(file).QueryAsync(new HistoryQuery("posture", ["lordosis_deg"], Points.Start, End) { Window = new Window(TimeSpan.FromSeconds(1), Aggregate.Mean) }, Token));

        await using (var store = SqliteStore.Open(file))
            await Keeper(store).KeepAsync(Token);

        Assert.Equal(60, Scalar(file, "SELECT count(*) FROM posture_1s"));

        static Point Of(StorageSchema schema, Point point)
        {
            var same = new Point(schema["posture"], point.Time);
            same["lordosis_deg"] = point["lordosis_deg"];
            return same;
        }
    }

    [Fact]
    public async Task House_is_kept_while_batches_are_written_and_the_end_is_the_same()
    {
        var file = NewFile();
        await using var store = SqliteStore.Open(file);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var keeping = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await Keeper(store).KeepAsync(Token);
        }, Token);
        foreach (var batch in Points.Series(20_000).Chunk(100))
            await store.WriteAsync(batch, Token);
        await stop.CancelAsync();
        await keeping;
        await Keeper(store).KeepAsync(Token);

        Assert.Equal((20_000, 20_000, 20_000), (Scalar(file, "SELECT count(*) FROM posture"), Scalar(file, "SELECT sum(points) FROM posture_1s"), Scalar(file, "SELECT sum(lordosis_deg_count) FROM posture_1min")));
    }

    [Theory]
    [InlineData(0, 730, null, "Retention:RawDays is '0'; it takes 1 to 3650 days")]
    [InlineData(90, 30, null, "Retention:SecondsDays is '30'; it takes 90 to 36500 days")]
    [InlineData(90, 730, 100, "Retention:MinutesDays is '100'; it takes 730 to 36500 days")]
    public void What_is_coarser_is_kept_as_long_as_what_is_finer_or_longer(int raw, int seconds, int? minutes, string message)
    {
        var options = new RetentionOptions { RawDays = raw, SecondsDays = seconds, MinutesDays = minutes };

        Assert.Contains(message, Assert.Throws<UserException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_persons_rows_are_in_these_tables() =>
        Assert.Equal(["posture", "posture_1min", "posture_1s"], TableSql.Tables(StorageSchema.Current["posture"]).Order(StringComparer.Ordinal));

    private StoreKeeper Keeper(SqliteStore store) => new(store, new RetentionOptions(), _time);

    private string NewFile() => Path.Combine(_folder, $"{Interlocked.Increment(ref _files)}.db");

    /// <summary>Batches of points on few times and series, so that they meet; an empty one stands for keeping house.</summary>
    private static Gen<List<Point>[]> Steps()
    {
        var time = Gen.OneOf(Gen.Int[0, 20].Select(i => i * 250), Gen.Int[0, 40].Select(i => i * 5_000), Gen.Const(60_000)).Select(ms => Points.Start + TimeSpan.FromMilliseconds(ms));
        var posture = Gen.Select(time, Maybe(Gen.Double[-90, 90]), OneOf("p1", "p2"), OneOf("live", "final", "superseded"), OneOf<string?>(null, "c1", "c2"))
            .Select((at, lordosis, subject, finality, calibration) =>
            {
                var point = Points.Posture(at, lordosis, subject);
                point["finality"] = finality;
                point["calibration"] = calibration;
                return point;
            });
        var rolling = Gen.Select(time, Gen.Long[0, 9], Gen.Bool, Maybe(Gen.Double[0, 500]), OneOf("live", "superseded")).Select((at, strokes, contact, force, finality) =>
        {
            var point = Points.Rolling(at, strokes, contact, force);
            point["finality"] = finality;
            return point;
        });
        return Gen.OneOf(posture, rolling).List[0, 12].Array[1, 12];
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<double?> Maybe(Gen<double> value) => Gen.Select(value, Gen.Int[0, 3]).Select((v, i) => i == 0 ? (double?)null : v);

    /// <summary>Each window and each field of the roll-ups, against a computation from the rows of the points, here, in C#.</summary>
    private static void AssertAnswersOfPoints(string file, bool rolledUp)
    {
        foreach (var measurement in new[] { StorageSchema.Current["posture"], StorageSchema.Current["rolling"] })
        {
            var points = Rows(file, $"SELECT * FROM {measurement.Name}").Where(r => r["finality"] as string != "superseded").ToList();
            foreach (var tier in Tier.All)
            {
                var expected = points.GroupBy(r => (Start: tier.Floor((long)r["time_ns"]!), Tags: string.Join('|', measurement.Tags.Select(t => r[t.Name])))).ToDictionary(g => g.Key, g => g.OrderBy(r => r["time_ns"]).ToList());
                foreach (var field in measurement.Fields)
                    foreach (var aggregate in Enum.GetValues<Aggregate>().Where(a => a == Aggregate.Last || field.Type is FieldType.Float or FieldType.Integer))
                    {
                        var query = new HistoryQuery(measurement.Name, [field.Name], Points.Start, End) { Window = new Window(TimeSpan.FromTicks(tier.StepNs / 100), aggregate) };
                        var answer = new SqliteHistory(file).QueryAsync(query, CancellationToken.None).GetAwaiter().GetResult()
                            .SelectMany(s => s.Rows.Select(r => ((r.Time.UnixNanoseconds, string.Join('|', measurement.Tags.Select(t => s.Tags.GetValueOrDefault(t.Name, "")))), r.Values[0])))
                            .ToDictionary(r => r.Item1, r => r.Item2);
                        var values = expected.Select(w => (w.Key, Values: w.Value.Select(r => r[field.Name]).Where(v => v is not null).ToList())).Where(w => w.Values.Count > 0).ToDictionary(w => w.Key, w => Of(w.Values!, aggregate));
                        Assert.Equal(values.Keys.Order(), answer.Keys.Order());
                        foreach (var (key, value) in values)
                            AssertClose(value, answer[key]);
                    }
                if (rolledUp)
                    Assert.Equal(expected.ToDictionary(w => w.Key, w => (long)w.Value.Count),
                        Rows(file, $"SELECT * FROM {tier.Table(measurement)}").ToDictionary(r => ((long)r["time_ns"]!, string.Join('|', measurement.Tags.Select(t => r[t.Name]))), r => (long)r["points"]!));
            }
        }
        if (rolledUp)
            Assert.Equal(0, Scalar(file, "SELECT count(*) FROM rollup_pending"));

        static object Of(List<object> values, Aggregate aggregate) => aggregate switch
        {
            Aggregate.Mean => values.Average(v => Convert.ToDouble(v, null)),
            Aggregate.Min => values.Min()!,
            Aggregate.Max => values.Max()!,
            _ => values[^1],
        };

        static void AssertClose(object expected, FieldValue actual)
        {
            if (expected is string text)
                Assert.Equal(text, actual.AsString());
            else if (actual.Type == FieldType.Boolean)
                Assert.Equal((long)expected != 0, actual.AsBoolean());
            else
                Assert.Equal(Convert.ToDouble(expected, null), actual.AsDouble(), 1e-9);
        }
    }

    private static void AssertSame(IReadOnlyList<HistorySeries> expected, IReadOnlyList<HistorySeries> actual)
    {
        Assert.Equal(expected.Select(s => string.Join(",", s.Tags.OrderBy(t => t.Key, StringComparer.Ordinal))), actual.Select(s => string.Join(",", s.Tags.OrderBy(t => t.Key, StringComparer.Ordinal))));
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.Rows.Select(r => r.Time), a.Rows.Select(r => r.Time));
            foreach (var (x, y) in e.Rows.Zip(a.Rows))
                Assert.Equal(x.Values[0].AsDouble(), y.Values[0].AsDouble(), 1e-9);
        }
    }

    private static List<Dictionary<string, object?>> Rows(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, object?>>();
        while (reader.Read())
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i)));
        return rows;
    }

    private static long Scalar(string file, string sql) => Rows(file, sql).Single().Values.Single() as long? ?? 0;
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DuckDB.NET.Data;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Export.Csv;
using SensorHub.Export.Parquet;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Tests.Tables;

/// <summary>Parquet and CSV, read back by DuckDB.</summary>
public sealed class TablesExportTests(SimulatedStudy study) : IDisposable
{
    private readonly DuckDBConnection _duck = Open();

    public void Dispose() => _duck.Dispose();

    [Fact]
    public async Task Counts_sums_and_sequence_numbers_of_samples_are_those_of_the_recording()
    {
        var folder = await ParquetAsync();
        var sent = SentSamples.Of(study.Lossy.Recording);
        var (roller, descriptor) = SentSamples.Find(study.Lossy.Recording, SensorKind.Roller);
        var load = sent[(roller, descriptor.Streams.Single(s => s.Kind == StreamKind.Load).Id)];
        var row = Row($"SELECT count(*), sum(sequence), sum(load1_counts::BIGINT * (sequence % 97 + 1)), count(DISTINCT sequence) FROM {Files(folder, "raw_load")}");
        Assert.Equal(
            [load.Count, load.Keys.Sum(k => (long)k), load.Sum(s => s.Value[0] * (s.Key % 97 + 1)), load.Count],
            row.Select(v => Convert.ToInt64(v, CultureInfo.InvariantCulture)));

        var (clip, clipDescriptor) = SentSamples.Find(study.Lossy.Recording, SensorKind.Clip);
        foreach (var stream in clipDescriptor.Streams.Where(s => s.Kind == StreamKind.Imu))
        {
            var place = EnumNames.Of(clipDescriptor.Elements.Single(e => e.Id == stream.Element).Role);
            var samples = sent[(clip, stream.Id)];
            // Each value is the count by the channel's scale: the counts come back whole.
            var scale = ((double)stream.Channels[5].Scale).ToString("R", CultureInfo.InvariantCulture);
            var counts = Row($"SELECT count(*), sum(round(gz_radps / {scale})::BIGINT * (sequence % 97 + 1)), max(abs(gz_radps / {scale} - round(gz_radps / {scale}))) < 1e-9 FROM {Files(folder, $"raw_{place}")}");
            Assert.Equal((samples.Count, samples.Sum(s => s.Value[5] * (s.Key % 97 + 1)), true),
                (Convert.ToInt64(counts[0], CultureInfo.InvariantCulture), Convert.ToInt64(counts[1], CultureInfo.InvariantCulture), (bool)counts[2]));
        }
    }

    [Fact]
    public async Task Times_grow_and_gaps_are_holes_in_them()
    {
        var folder = await ParquetAsync();
        var row = Row($"""
            WITH steps AS (SELECT time_unix_ns - lag(time_unix_ns) OVER (ORDER BY sequence) AS step, sequence - lag(sequence) OVER (ORDER BY sequence) AS missed FROM {Files(folder, "raw_lower")})
            SELECT count(*) FILTER (step <= 0), sum(missed - 1), max(abs(step / missed - 1e7)) < 2e5 FROM steps WHERE step IS NOT NULL
            """);
        var lost = Row($"SELECT sum(samples_lost) FROM {Files(folder, "gap")} WHERE stream = '1' AND sensor LIKE 'clip%' AND state = 'final'");
        Assert.Equal((0L, Convert.ToInt64(lost[0], CultureInfo.InvariantCulture), true), (Convert.ToInt64(row[0], CultureInfo.InvariantCulture), Convert.ToInt64(row[1], CultureInfo.InvariantCulture), (bool)row[2]));
        Assert.True(Convert.ToInt64(lost[0], CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public async Task Estimates_are_the_final_ones_of_the_recording_with_the_digits_of_the_stores()
    {
        var folder = await ParquetAsync();
        var expected = CompleteReading.Read(RecordingReader.Read(study.Lossy.Recording)).SelectMany(s => s.Features).OfType<PostureEstimate>().Select(f => f.Lordosis?.Value).ToArray();
        var row = Row($"SELECT count(*), count(lordosis_deg), avg(lordosis_deg), bool_and(finality = 'final') FROM {Files(folder, "posture")}");
        Assert.Equal((expected.Length, expected.Count(v => v is not null), true), (Convert.ToInt32(row[0], CultureInfo.InvariantCulture), Convert.ToInt32(row[1], CultureInfo.InvariantCulture), (bool)row[3]));
        Assert.Equal(expected.Average()!.Value, (double)row[2], 0.001);
    }

    [Fact]
    public async Task Roll_ups_are_what_DuckDB_makes_of_the_points()
    {
        var folder = await ParquetAsync();
        foreach (var (table, field) in new[] { ("posture", "lordosis_deg"), ("rolling", "force_n") })
        {
            var row = Row($"""
                WITH made AS (SELECT time_unix_ns // 1000000000 * 1000000000 AS time_unix_ns, count(*) AS points, count({field}) AS n, avg({field}) AS mean, min({field}) AS least, max({field}) AS largest, arg_max({field}, time_unix_ns) AS newest
                              FROM {Files(folder, table)} GROUP BY 1{(table == "rolling" ? ", muscle, side" : "")})
                SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM {Files(folder, table + "_1s")}),
                       (SELECT count(*) FROM made m JOIN {Files(folder, table + "_1s")} r ON m.time_unix_ns = r.time_unix_ns AND m.points = r.points AND m.n = r.{field}_count
                          AND m.mean IS NOT DISTINCT FROM r.{field}_mean AND m.least IS NOT DISTINCT FROM r.{field}_min AND m.largest IS NOT DISTINCT FROM r.{field}_max AND m.newest IS NOT DISTINCT FROM r.{field}_last)
                """.Replace($"m.mean IS NOT DISTINCT FROM r.{field}_mean", $"(abs(m.mean - r.{field}_mean) < 1e-9 OR (m.mean IS NULL AND r.{field}_mean IS NULL))", StringComparison.Ordinal));
            Assert.True(Convert.ToInt64(row[0], CultureInfo.InvariantCulture) > 20);
            Assert.Equal(row[0], row[1]);
            Assert.Equal(row[0], row[2]);
        }
    }

    [Fact]
    public async Task Units_and_provenance_are_in_the_metadata_and_the_checksum_is_that_of_the_recording()
    {
        var folder = await ParquetAsync();
        var file = Directory.GetFiles(folder, "raw_load.parquet", SearchOption.AllDirectories).Single();
        var metadata = new Dictionary<string, string>();
        using (var command = _duck.CreateCommand())
        {
            command.CommandText = $"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{file}')";
            using var reader = command.ExecuteReader();
            while (reader.Read())
                metadata.Add(reader.GetString(0), reader.GetString(1));
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var segment in Directory.GetFiles(study.Lossy.Recording, "*.shr").Order(StringComparer.Ordinal))
            hash.AppendData(await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken));
        Assert.Equal(Convert.ToHexStringLower(hash.GetHashAndReset()), metadata["sensorhub.recording_sha256"]);
        Assert.Equal(("p1", "2", "1.0.0-sim"), (metadata["sensorhub.participant"], metadata["sensorhub.protocol"], metadata.First(m => m.Key.StartsWith("sensorhub.firmware.roller", StringComparison.Ordinal)).Value));
        Assert.Matches("^[0-9a-f]{64}$", metadata["sensorhub.options_sha256"]);
        Assert.Equal(Provenance.Version, metadata["sensorhub.algorithm_version"]);

        using var columns = JsonDocument.Parse(metadata["sensorhub.columns"]);
        var units = columns.RootElement.EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!, c => c.GetProperty("unit").GetString());
        Assert.Equal(("ns", "s", "N", "1", "°C", null), (units["time_unix_ns"], units["t_s"], units["load1_n"], units["load1_counts"], units["temperature_degc"], units["sensor"]));
        Assert.Equal(units.Keys.Order(), Columns(file).Order());
    }

    [Fact]
    public async Task A_study_is_read_as_one_table_by_its_folders()
    {
        var folder = study.NewFolder();
        await Exported.TablesAsync(folder, new ParquetFormat(), study.Entries);
        var row = Row($"SELECT count(DISTINCT participant), count(DISTINCT study_session), count(DISTINCT task), count(DISTINCT (participant, study_session, task)) FROM read_parquet('{folder}/posture/**/*.parquet', hive_partitioning = true)");
        Assert.Equal([3L, 2, 2, 12], row.Select(v => Convert.ToInt64(v, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task CSV_has_the_same_columns_and_the_same_rows()
    {
        var parquet = await ParquetAsync();
        var csv = study.NewFolder();
        await Exported.TablesAsync(csv, new CsvFormat(), [study.Lossy]);
        var tables = Directory.GetFiles(parquet, "*.parquet", SearchOption.AllDirectories);
        Assert.Equal(tables.Select(Path.GetFileNameWithoutExtension).Order(), Directory.GetFiles(csv, "*.csv", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order());
        foreach (var file in tables)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var text = Directory.GetFiles(csv, $"{name}.csv", SearchOption.AllDirectories).Single();
            Assert.Equal(Columns(file), File.ReadLines(text).First().Split(','));
            var types = Types(file);
            var read = $"read_csv('{text}', auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', header = true, hive_partitioning = false, columns = {{{string.Join(", ", types.Select(t => $"'{t.Name}': '{t.Type}'"))}}})";
            var row = Row($"SELECT (SELECT count(*) FROM {Alone(file)}), (SELECT count(*) FROM {read}), (SELECT count(*) FROM (SELECT * FROM {Alone(file)} EXCEPT ALL SELECT * FROM {read}))");
            Assert.Equal(row[0], row[1]);
            if (Convert.ToInt64(row[2], CultureInfo.InvariantCulture) > 0)
                Assert.Fail($"{name}: {row[2]} rows differ, in {string.Join(", ", types.Where(t => (bool)Row($"SELECT (SELECT list({t.Name} ORDER BY {t.Name}) FROM {Alone(file)}) IS DISTINCT FROM (SELECT list({t.Name} ORDER BY {t.Name}) FROM {read})")[0]).Select(t => $"{t.Name} {t.Type}"))}");
            Assert.True(File.Exists(Path.ChangeExtension(text, "csv-metadata.json")));
        }
    }

    [Fact]
    public async Task A_column_without_any_value_has_none()
    {
        var file = Path.Combine(study.Folder, $"absent-{Guid.NewGuid():N}.parquet");
        SensorHub.Export.Tables.Column[] columns = [SensorHub.Export.Tables.TableSchema.Time, .. Enum.GetValues<SensorHub.Export.Tables.ColumnType>().Select(t => new SensorHub.Export.Tables.Column($"{t}", t, null, "Absent."))];
        using (var stream = File.Create(file))
        {
            await using var writer = new ParquetFormat().Create(stream, new("absent", "Nothing.", columns), []);
            for (long i = 0; i < 3; i++)
                await writer.AddAsync(new SensorHub.Export.Tables.Cell[] { i, default, default, default, default });
            await writer.CompleteAsync();
        }
        Assert.Equal([3L, 0, 0, 0, 0], Row($"SELECT count(*), count(Float), count(Integer), count(Boolean), count(Text) FROM '{file}'").Select(v => Convert.ToInt64(v, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Row_groups_are_bounded()
    {
        var file = Path.Combine(study.Folder, $"groups-{Guid.NewGuid():N}.parquet");
        var schema = new SensorHub.Export.Tables.TableSchema("long", "Many rows.", [SensorHub.Export.Tables.TableSchema.Time, new("value", SensorHub.Export.Tables.ColumnType.Float, "m", "A number.")]);
        using (var stream = File.Create(file))
        {
            await using var writer = new ParquetFormat().Create(stream, schema, []);
            for (long i = 0; i < 100_000; i++)
                await writer.AddAsync(new SensorHub.Export.Tables.Cell[] { i, i % 3 == 0 ? default(SensorHub.Export.Tables.Cell) : i * 0.5 });
            await writer.CompleteAsync();
        }
        var row = Row($"SELECT count(DISTINCT row_group_id), max(row_group_num_rows), any_value(compression) FROM parquet_metadata('{file}')");
        Assert.Equal((4L, (long)ParquetFormat.GroupRows, "SNAPPY"), (Convert.ToInt64(row[0], CultureInfo.InvariantCulture), Convert.ToInt64(row[1], CultureInfo.InvariantCulture), (string)row[2]));
        Assert.Equal([100_000L, 66_666], Row($"SELECT count(*), count(value) FROM '{file}'").Select(v => Convert.ToInt64(v, CultureInfo.InvariantCulture)));
    }

    private async Task<string> ParquetAsync()
    {
        var folder = study.NewFolder();
        await Exported.TablesAsync(folder, new ParquetFormat(), [study.Lossy]);
        return folder;
    }

    private static string Files(string folder, string table) => $"read_parquet('{folder}/{table}/**/*.parquet')";

    /// <summary>The file without what its folders say.</summary>
    private static string Alone(string file) => $"read_parquet('{file}', hive_partitioning = false)";

    private string[] Columns(string file) => [.. Types(file).Select(t => t.Name)];

    private List<(string Name, string Type)> Types(string file)
    {
        using var command = _duck.CreateCommand();
        command.CommandText = $"DESCRIBE SELECT * FROM {Alone(file)}";
        using var reader = command.ExecuteReader();
        var types = new List<(string, string)>();
        while (reader.Read())
            types.Add((reader.GetString(0), reader.GetString(1)));
        return types;
    }

    private object[] Row(string sql)
    {
        using var command = _duck.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        var values = new object[reader.FieldCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = reader.GetValue(i) is System.Numerics.BigInteger big ? (long)big : reader.GetValue(i);
        return values;
    }

    private static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Tables;

/// <summary>
/// Recordings as tables: samples (<c>raw_lower</c> …), final estimates as the stores have them, roll-ups of a second, events. A folder a table, and in
/// it one a participant, session and task: <c>posture/participant=p1/study_session=a/task=rolling/posture.parquet</c>.
/// </summary>
public sealed class TablesExport(ExportFolder folder, ITableFormat format, EstimateSource estimates, FeatureOptions? options = null) : IExport
{
    public static readonly TableSchema Events = new("event", "What people and the program said, and what was found, by its beginning.",
    [
        TableSchema.Time,
        new("t_s", ColumnType.Float, "s", "Time since the session began."),
        new("duration_s", ColumnType.Float, "s", "How long it lasted; absent for what has no length."),
        new("kind", ColumnType.Text, null, "What happened."),
        new("value", ColumnType.Text, null, "What the kind says of it."),
        new("muscle", ColumnType.Text, null, "The muscle that rolling was meant for."),
        new("side", ColumnType.Text, null, "left or right."),
        new("sensor", ColumnType.Text, null, "The sensor that it is about; absent for the session as a whole.", IsTag: true),
        new("stream", ColumnType.Integer, "1", "Of a gap: the number of the sensor's stream."),
    ]);

    private static readonly Column[] RawColumns =
    [
        TableSchema.Time,
        new("t_s", ColumnType.Float, "s", "Time since the session began."),
        new("sensor", ColumnType.Text, null, "The sensor.", IsTag: true),
        new("boot_id", ColumnType.Integer, "1", "Random id of the sensor's boot, which numbers the samples."),
        new("sequence", ColumnType.Integer, "1", "Number that the sensor gave the sample, modulo 2³²."),
    ];

    private readonly FeatureOptions _options = options ?? new FeatureOptions();

    public async Task<bool> AddAsync(StudyEntry entry, Action<RecordingDamage> damaged, Action<ExportProgress> progress, CancellationToken cancellationToken)
    {
        var reader = SessionReader.Open(entry.Recording, _options, damaged, entry.Window, cancellationToken);
        var provenance = Provenance.Of(reader, entry, _options);
        if (folder.Begin(entry.Name, provenance.Key) is not { } unit)
            return false;
        await using var tables = new OpenTables(unit, entry, format, provenance);
        var outline = reader.Outline;
        var raw = outline.Devices.SelectMany(d => d.Streams).GroupBy(s => s.Place).ToDictionary(g => g.Key, g => new TableSchema(
            $"raw_{g.Key}", g.Key == "load" ? "Samples of the load cells." : $"Samples of the IMU '{g.Key}'.",
            [.. RawColumns, .. g.SelectMany(s => s.Columns).DistinctBy(c => c.Name)]));
        var rollUps = estimates.Tables.Where(t => t.RollsUp).ToDictionary(t => t, t => new RollUp(t.Schema));
        var events = new SessionEvents();
        var calibrations = new List<PostureCalibration>();
        foreach (var item in reader.Read(cancellationToken))
        {
            events.Add(item);
            if (item is SessionItem.Samples samples)
            {
                await AddAsync(tables, raw[samples.Stream.Place], samples, outline.Start);
                progress(new ExportProgress(entry, samples.Time(0) - outline.Start, outline.End - outline.Start));
                continue;
            }
            if (item is not SessionItem.Estimated { Feature: var feature } || feature is Gap || estimates.Read(feature) is not { } row)
                continue;
            if (feature is CalibrationResult { Accepted: true, Calibration: { } calibration })
                calibrations.Add(calibration);
            await tables.AddAsync(row.Table.Schema, row.Cells);
            if (row.Table.RollsUp)
                foreach (var second in rollUps[row.Table].Add(row.Cells))
                    await tables.AddAsync(rollUps[row.Table].Schema, second);
        }
        foreach (var rollUp in rollUps.Values)
            foreach (var second in rollUp.Complete())
                await tables.AddAsync(rollUp.Schema, second);
        foreach (var gap in events.Gaps)
            if (estimates.Read(gap) is { } row)
                await tables.AddAsync(row.Table.Schema, row.Cells);
        foreach (var e in events.All)
            await tables.AddAsync(Events, (Cell[])
            [
                e.At.UnixNanoseconds, Seconds(e.At, outline.Start), e.Seconds, e.Kind, e.Value,
                e.Muscle == Muscle.None ? default : (Cell)EnumNames.Of(e.Muscle), e.Side == Side.None ? default : (Cell)EnumNames.Of(e.Side),
                e.Sensor.IsNone ? default : (Cell)e.Sensor.ToString(), (long?)e.Stream,
            ]);
        var rows = await tables.CompleteAsync();
        unit.Write($"session/{entry.Partition}/session.json", Describe(provenance, calibrations, rows));
        unit.Complete(new Dictionary<string, string>());
        return true;
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async ValueTask AddAsync(OpenTables tables, TableSchema schema, SessionItem.Samples samples, Timestamp start)
    {
        string sensor = samples.Stream.Sensor.ToString();
        var columns = tables.ColumnsOf(samples.Stream, schema);
        var row = new Cell[schema.Columns.Count];
        for (var i = 0; i < samples.Count; i++)
        {
            row[0] = samples.Time(i).UnixNanoseconds;
            row[1] = Seconds(samples.Time(i), start);
            row[2] = sensor;
            row[3] = (long)samples.Place.BootId;
            row[4] = (long)samples.Sequence(i);
            for (var c = 0; c < columns.Length; c++)
                row[columns[c]] = samples.Value(i, samples.Stream.Channels[c]);
            await tables.AddAsync(schema, row);
        }
    }

    private static double Seconds(Timestamp at, Timestamp start) => (at.UnixNanoseconds - start.UnixNanoseconds) * 1e-9;

    /// <summary>What is known of the session besides: provenance, devices as they described themselves, calibrations, the number of rows of each table.</summary>
    private static string Describe(Provenance provenance, List<PostureCalibration> calibrations, IReadOnlyList<(string Table, long Rows)> rows) => Json.Text(new JsonObject
    {
        ["provenance"] = new JsonObject(provenance.Facts.Select(f => KeyValuePair.Create<string, JsonNode?>(f.Name, f.Value))),
        ["ended"] = provenance.Outline.HasEnded,
        ["body_mass_kg"] = provenance.Outline.BodyMassKg,
        ["participant"] = new JsonObject(provenance.Entry.Attributes.Select(a => KeyValuePair.Create<string, JsonNode?>(a.Key, a.Value))),
        ["devices"] = new JsonArray([.. provenance.Outline.Devices.Select(Describe)]),
        ["calibrations"] = new JsonArray([.. calibrations.DistinctBy(c => c.Id + c.Sensor).Select(c => JsonNode.Parse(PostureCalibrationJson.Write(c)))]),
        ["rows"] = new JsonObject(rows.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Table, r.Rows))),
    });

    private static JsonObject Describe(Device device)
    {
        var descriptor = device.Descriptor;
        var json = new JsonObject
        {
            ["sensor"] = device.Sensor.ToString(),
            ["kind"] = EnumNames.Of(descriptor.Kind),
            ["serial"] = descriptor.Serial,
            ["firmware"] = descriptor.Firmware,
            ["profile"] = string.Create(CultureInfo.InvariantCulture, $"{descriptor.ProtocolMajor}.{descriptor.ProtocolMinor}"),
            ["ticks_per_second"] = descriptor.TickRate,
            ["streams"] = new JsonArray([.. device.Streams.Select(s => new JsonObject
            {
                ["stream"] = s.Stream.Id,
                ["table"] = $"raw_{s.Place}",
                ["channels"] = new JsonArray([.. s.Stream.Channels.Select(c => new JsonObject
                {
                    ["quantity"] = EnumNames.Of(c.Quantity), ["axis"] = c.Axis, ["raw_type"] = EnumNames.Of(c.Type), ["scale"] = c.Scale, ["offset"] = c.Offset,
                })]),
            })]),
        };
        if (descriptor.LoadCalibrations.Count > 0)
            json["load_calibrations"] = new JsonArray([.. descriptor.LoadCalibrations.Select(c => new JsonObject
            {
                ["cell"] = c.Axis, ["gain_n"] = c.Gain, ["zero_counts"] = c.Zero, ["temperature_coefficient_per_degc"] = c.TemperatureCoefficient, ["reference_temperature_degc"] = c.ReferenceTemperature,
            })]);
        if (descriptor.Roller is { } roller)
            json["roller"] = new JsonObject { ["radius_m"] = roller.Radius, ["length_m"] = roller.Length, ["firm"] = roller.Firm, ["arrangement"] = EnumNames.Of(roller.Arrangement) };
        return json;
    }

    /// <summary>The tables of a unit. A table is made with its first row.</summary>
    private sealed class OpenTables(ExportUnit unit, StudyEntry entry, ITableFormat format, Provenance provenance) : IAsyncDisposable
    {
        private readonly SortedDictionary<string, OpenTable> _open = new(StringComparer.Ordinal);
        private readonly Dictionary<RawStream, int[]> _columns = [];

        public ValueTask AddAsync(TableSchema schema, Cell[] row)
        {
            if (!_open.TryGetValue(schema.Name, out var table))
            {
                var file = unit.Create(PathOf(schema, format.Name));
                _open.Add(schema.Name, table = new OpenTable(schema, file, format.Create(file, schema, provenance.Facts)));
            }
            table.Rows++;
            return table.Writer.AddAsync(row);
        }

        /// <summary>Where the channels of a stream stand in its table.</summary>
        public int[] ColumnsOf(RawStream stream, TableSchema schema)
        {
            if (!_columns.TryGetValue(stream, out var columns))
            {
                string[] names = [.. schema.Columns.Select(c => c.Name)];
                _columns.Add(stream, columns = [.. stream.Channels.Select(c => Array.IndexOf(names, c.Name))]);
            }
            return columns;
        }

        public async Task<IReadOnlyList<(string Table, long Rows)>> CompleteAsync()
        {
            foreach (var table in _open.Values)
            {
                await table.Writer.CompleteAsync();
                await table.File.DisposeAsync();
                if (format.Beside(table.Schema, provenance.Facts) is var (extension, text))
                    unit.Write(PathOf(table.Schema, extension), text);
            }
            return [.. _open.Values.Select(t => (t.Schema.Name, t.Rows))];
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var table in _open.Values)
            {
                if (table.File.CanWrite)
                    await table.Writer.DisposeAsync();
                await table.File.DisposeAsync();
            }
        }

        private string PathOf(TableSchema schema, string extension) => $"{schema.Name}/{entry.Partition}/{schema.Name}.{extension}";
    }

    private sealed class OpenTable(TableSchema schema, FileStream file, ITableWriter writer)
    {
        public TableSchema Schema => schema;

        public FileStream File => file;

        public ITableWriter Writer => writer;

        public long Rows { get; set; }
    }
}

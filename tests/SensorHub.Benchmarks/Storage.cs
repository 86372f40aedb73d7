using System.Buffers;
using BenchmarkDotNet.Attributes;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.LineProtocol;
using SensorHub.Storage.Schema;

namespace SensorHub.Benchmarks;

/// <summary>A batch of 5,000 postures, all fields filled; time and bytes allocated are per point.</summary>
[MemoryDiagnoser]
[MinColumn]
public class Storage
{
    private const int Batch = 5_000;

    private readonly ArrayBufferWriter<byte> _output = new(4 * 1024 * 1024);
    private readonly Point[] _points = new Point[Batch];
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-benchmark-").FullName;
    private SqliteStore? _store;
    private StoreKeeper? _keeper;

    [GlobalSetup]
    public void Setup()
    {
        var start = Timestamp.Parse("2026-01-31T12:00:00Z");
        for (var i = 0; i < Batch; i++)
        {
            var point = new Point(StorageSchema.Current["posture"], start + TimeSpan.FromMilliseconds(40 * i))
                .WithTag("hub", "home").WithTag("subject", "p1").WithTag("sensor", "clip-1").WithTag("method", "two-element-gravity");
            point["session"] = "s1";
            point["finality"] = "live";
            point["phase"] = "standing";
            point["quality"] = "good";
            point["calibration"] = "19c1a2b3c4d";
            foreach (var field in point.Measurement.Fields.Where(f => f.Type == FieldType.Float))
                point[field.Name] = Math.Round(40 * Math.Sin(i + field.Name.Length), 3);
            _points[i] = point;
        }
        _store = SqliteStore.Open(Path.Combine(_folder, "store.db"));
        _keeper = new StoreKeeper(_store, new RetentionOptions { RawDays = 3650, SecondsDays = 3650 }, TimeProvider.System);
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _store!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int LineProtocol()
    {
        _output.ResetWrittenCount();
        var writer = new LineWriter(_output);
        foreach (var point in _points)
            writer.Write(point);
        return _output.WrittenCount;
    }

    /// <summary>The points are there from the second batch on: merging, and the commit's fsync, are in it.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public Task<WriteReport> EmbeddedStore() => _store!.WriteAsync(_points, CancellationToken.None);

    /// <summary>And the minutes of the batch are rolled up: what a keeper does beside it.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public async Task EmbeddedStoreRolledUp()
    {
        await _store!.WriteAsync(_points, CancellationToken.None);
        await _keeper!.KeepAsync(CancellationToken.None);
    }
}

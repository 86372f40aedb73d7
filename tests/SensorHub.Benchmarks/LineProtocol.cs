using System.Buffers;
using BenchmarkDotNet.Attributes;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.LineProtocol;
using SensorHub.Storage.Schema;

namespace SensorHub.Benchmarks;

/// <summary>A batch of 5,000 postures as line protocol; per point: time and bytes allocated.</summary>
[MemoryDiagnoser]
public class LineProtocol
{
    private const int Batch = 5_000;

    private readonly ArrayBufferWriter<byte> _output = new(4 * 1024 * 1024);
    private readonly Point[] _points = new Point[Batch];

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
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Write()
    {
        _output.ResetWrittenCount();
        var writer = new LineWriter(_output);
        foreach (var point in _points)
            writer.Write(point);
        return _output.WrittenCount;
    }
}

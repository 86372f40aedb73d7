using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Storage.Influx;

namespace SensorHub.Storage.Tests.History;

/// <summary>Puts points into an embedded store and into a real InfluxDB.</summary>
public sealed class BothStores : IDisposable
{
    private readonly Servers _servers;
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-history-").FullName;
    private readonly List<InfluxHistory> _opened = [];
    private readonly Lazy<Task<(IHistory Sqlite, InfluxHistory Influx)>> _sample;
    private int _files;

    public BothStores(Servers servers)
    {
        _servers = servers;
        _sample = new(() => StoreAsync(Sample()));
    }

    /// <summary>Both, with <see cref="Sample"/> in them; stored once.</summary>
    public Task<(IHistory Sqlite, InfluxHistory Influx)> SampleAsync() => _sample.Value;

    /// <summary>The name of a file that is not there.</summary>
    public string NewFile() => Path.Combine(_folder, $"{++_files}.db");

    /// <summary>Two subjects and nobody, missing fields, missing stretches, all types.</summary>
    internal static List<Point> Sample()
    {
        var points = new List<Point>();
        for (var i = 0; i < 200; i++)
        {
            var time = Points.Start + TimeSpan.FromMilliseconds(40 * i + (i > 100 ? 5_000 : 0));
            var posture = Points.Posture(time, i % 3 == 0 ? null : 20 + Math.Sin(i), i % 4 == 0 ? "p2" : "p1", phase: i < 100 ? "standing" : "sitting");
            if (i % 10 == 0)
                posture["calibration"] = $"c{i / 50}";
            if (i % 50 == 7)
                posture["lordosis_u_deg"] = 0.1 * i;
            points.Add(i % 25 == 3 ? posture.WithTag("subject", null) : posture);
            points.Add(Points.Rolling(time, i / 20, i % 30 < 15, i % 5 == 0 ? null : i * 1.5));
        }
        return As("live", points);
    }

    /// <summary>As the bridge writes points: each says how it came to be.</summary>
    internal static List<Point> As(string finality, List<Point> points)
    {
        foreach (var point in points)
            point["finality"] = finality;
        return points;
    }

    internal async Task<(IHistory Sqlite, InfluxHistory Influx)> StoreAsync(List<Point> points)
    {
        var file = NewFile();
        var options = await _servers.V1Async();
        await using (var store = SqliteStore.Open(file))
            await store.WriteAsync(points, CancellationToken.None);
        await using (var output = new InfluxOutput(options, TimeProvider.System))
            Assert.Empty((await output.WriteAsync(points, CancellationToken.None)).Rejected);
        var influx = new InfluxHistory(options, TimeProvider.System);
        _opened.Add(influx);
        return (new SqliteHistory(file), influx);
    }

    public void Dispose()
    {
        foreach (var history in _opened)
            history.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

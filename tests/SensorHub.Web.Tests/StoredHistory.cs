using System.Buffers;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;

namespace SensorHub.Web.Tests;

/// <summary>An embedded store in a folder of its own, filled with features as the bridge would.</summary>
internal sealed class StoredHistory : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("history-").FullName;
    private readonly SqliteStore _store;

    public StoredHistory()
    {
        var path = Path.Combine(_folder, "store.db");
        _store = SqliteStore.Open(path);
        History = new SqliteHistory(path);
    }

    public IHistory History { get; }

    public async Task AddAsync(IEnumerable<Feature> features)
    {
        var messages = new HubMessages(WebHost.Hub);
        var points = features.Select(feature =>
        {
            var message = messages.Write(feature);
            return PointReader.Read(message.Topic, message.Payload.ToArray()).Point ?? throw new InvalidOperationException($"The bridge does not take {feature}.");
        });
        foreach (var batch in points.Chunk(_store.BatchSize))
            Assert.Empty((await _store.WriteAsync(batch, CancellationToken.None)).Rejected);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

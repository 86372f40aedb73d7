using System.Globalization;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Tests;
using SensorHub.Testing;

[assembly: AssemblyFixture(typeof(Servers))]

namespace SensorHub.Storage.Tests;

/// <summary>Servers that all tests share; each test takes a database of its own. Started by the first test that needs them.</summary>
public sealed class Servers : IAsyncDisposable
{
    /// <summary>On a busy machine a server may take its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lazy<Task<InfluxServer>> _influx = new(() => InfluxServer.StartAsync(database: null));
    private readonly Lazy<Task<InfluxV2Proxy>> _proxy;
    private int _databases;

    public Servers() => _proxy = new(async () => await InfluxV2Proxy.StartAsync(await _influx.Value));

    public Task<InfluxServer> InfluxAsync() => _influx.Value;

    /// <summary>A new database on the real 1.x server, by profile v1.</summary>
    public async Task<InfluxOptions> V1Async()
    {
        var server = await _influx.Value;
        return new InfluxOptions { Url = server.Url, Profile = InfluxProfile.V1, Database = await NewDatabaseAsync(server), Timeout = Patience };
    }

    /// <summary>A new database on the real 1.x server, by profile v2 through nginx.</summary>
    public async Task<InfluxOptions> V2Async()
    {
        var server = await _influx.Value;
        var proxy = await _proxy.Value;
        return new InfluxOptions
        {
            Url = proxy.Url, Profile = InfluxProfile.V2, Database = await NewDatabaseAsync(server), Organization = InfluxV2Proxy.Organization, Token = InfluxV2Proxy.Token, Timeout = Patience,
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy.IsValueCreated && _proxy.Value.IsCompletedSuccessfully)
            await _proxy.Value.Result.DisposeAsync();
        if (_influx.IsValueCreated && _influx.Value.IsCompletedSuccessfully)
            await _influx.Value.Result.DisposeAsync();
    }

    private async Task<string> NewDatabaseAsync(InfluxServer server)
    {
        var name = "test" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await server.QueryAsync($"CREATE DATABASE \"{name}\"");
        return name;
    }
}

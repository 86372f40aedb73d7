using System.Net.Http.Headers;
using System.Text;

namespace SensorHub.Testing;

/// <summary>InfluxDB 1.x (Debian's influxd) on loopback. It can be stopped and started again with its data.</summary>
public sealed class InfluxServer : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly string _program;
    private readonly string _folder;
    private readonly int _port;
    private ServerProcess? _process;

    private InfluxServer(string program, string folder, int port)
    {
        _program = program;
        _folder = folder;
        _port = port;
        Url = new Uri($"http://127.0.0.1:{port}");
    }

    public Uri Url { get; }

    /// <summary>The administrator, when started with authentication.</summary>
    public const string User = "admin";

    /// <inheritdoc cref="User"/>
    public const string Password = "correct horse";

    /// <summary>Starts an empty server, or skips the test.</summary>
    /// <param name="authentication">Every request needs <see cref="User"/> and <see cref="Password"/>.</param>
    /// <param name="database">Created at once; null for none.</param>
    /// <param name="maxBodySize">Bytes; larger requests are answered 413.</param>
    public static async Task<InfluxServer> StartAsync(bool authentication = false, string? database = "sensorhub", int maxBodySize = 25_000_000)
    {
        var server = new InfluxServer(Require.Program("influxd", "influxdb"), ServerProcess.NewFolder(), ServerProcess.FreePort());
        await File.WriteAllTextAsync(server.ConfigurationFile, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{ServerProcess.FreePort()}"
            [meta]
              dir = "{server._folder}/meta"
            [data]
              dir = "{server._folder}/data"
              wal-dir = "{server._folder}/wal"
              query-log-enabled = false
            [monitor]
              store-enabled = false
            [subscriber]
              enabled = false
            [continuous_queries]
              enabled = false
            [http]
              bind-address = "127.0.0.1:{server._port}"
              auth-enabled = {(authentication ? "true" : "false")}
              log-enabled = false
              max-body-size = {maxBodySize}
            [logging]
              level = "warn"
              suppress-logo = true
            """);
        await server.StartAgainAsync();
        if (authentication)
            await server.QueryAsync($"CREATE USER \"{User}\" WITH PASSWORD '{Password}' WITH ALL PRIVILEGES");
        if (database is not null)
            await server.QueryAsync($"CREATE DATABASE \"{database}\"");
        return server;
    }

    public async Task StartAgainAsync() => _process ??= await ServerProcess.StartAsync(_program, ["-config", ConfigurationFile], async token =>
    {
        using var answer = await Http.GetAsync(new Uri(Url, "ping"), token);
        return answer.IsSuccessStatusCode;
    });

    /// <summary>Kills it; the data stays.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
            await process.DisposeAsync();
        _process = null;
    }

    /// <summary>It is there and does nothing, until it is resumed.</summary>
    public Task SuspendAsync() => _process!.SignalAsync("STOP");

    public Task ResumeAsync() => _process!.SignalAsync("CONT");

    /// <summary>Runs InfluxQL and returns the JSON answer; times are in nanoseconds.</summary>
    public async Task<string> QueryAsync(string query, string? database = null)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["q"] = query, ["db"] = database ?? "", ["epoch"] = "ns",
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Url, "query")) { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        using var answer = await Http.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Writes lines as another program would.</summary>
    public async Task WriteAsync(string database, string lines)
    {
        using var content = new StringContent(lines);
        using var answer = await Http.PostAsync(new Uri(Url, $"write?db={database}"), content);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string ConfigurationFile => Path.Combine(_folder, "influxdb.conf");
}

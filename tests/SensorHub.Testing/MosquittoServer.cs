using System.Diagnostics;

namespace SensorHub.Testing;

/// <summary>Debian's mosquitto on loopback, with one account. It can be killed and started again on the same port.</summary>
public sealed class MosquittoServer : IAsyncDisposable
{
    public const string User = "hub";
    public const string Password = "correct horse";

    private readonly string _program;
    private readonly string _folder;
    private ServerProcess? _process;

    private MosquittoServer(string program, string folder, int port)
    {
        _program = program;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Settings of <c>sensorhub</c> with this broker's account: passwords are not for command lines.</summary>
    public string SettingsFile => Path.Combine(_folder, "sensorhub.json");

    /// <summary>Starts a broker, or skips the test.</summary>
    /// <param name="certificateFile">PEM files of the server's certificate and key: TLS instead of plain text.</param>
    /// <param name="more">Lines of its configuration, for its listener.</param>
    public static async Task<MosquittoServer> StartAsync(string? certificateFile = null, string? keyFile = null, string more = "")
    {
        var program = Require.Program("mosquitto", "mosquitto");
        var passwords = Require.Program("mosquitto_passwd", "mosquitto");
        var server = new MosquittoServer(program, ServerProcess.NewFolder(), ServerProcess.FreePort());
        var passwordFile = Path.Combine(server._folder, "passwords");
        using (var process = Process.Start(passwords, ["-c", "-b", passwordFile, User, Password]))
            await process.WaitForExitAsync();
        await File.WriteAllTextAsync(server.ConfigurationFile, $"""
            user root
            listener {server.Port} 127.0.0.1
            allow_anonymous false
            password_file {passwordFile}
            persistence false
            max_queued_messages 0
            {(certificateFile is null ? "" : $"certfile {certificateFile}\nkeyfile {keyFile}")}
            {more}
            """);
        await File.WriteAllTextAsync(server.SettingsFile, $$"""{ "Mqtt": { "User": "{{User}}", "Password": "{{Password}}" } }""");
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync() => _process ??= await ServerProcess.StartAsync(
        _program, ["-c", ConfigurationFile], token => ServerProcess.ListensAsync(Port, token));

    /// <summary>Kills it, with all it had.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
            await process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string ConfigurationFile => Path.Combine(_folder, "mosquitto.conf");
}

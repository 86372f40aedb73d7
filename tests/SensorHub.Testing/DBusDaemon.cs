using System.Net.Sockets;

namespace SensorHub.Testing;

/// <summary>A D-Bus message bus of the test's own: everybody may own any name and call anybody. It can be killed and started again at the same address.</summary>
public sealed class DBusDaemon : IAsyncDisposable
{
    private readonly string _program;
    private readonly string _folder;
    private ServerProcess? _process;

    private DBusDaemon(string program, string folder)
    {
        _program = program;
        _folder = folder;
    }

    /// <summary>As DBUS_SYSTEM_BUS_ADDRESS has it.</summary>
    public string Address => $"unix:path={SocketFile}";

    /// <summary>Starts a bus, or skips the test.</summary>
    /// <param name="policy">Rules on top of the permissive ones, as dbus-daemon's configuration has them.</param>
    public static async Task<DBusDaemon> StartAsync(string policy = "")
    {
        var daemon = new DBusDaemon(Require.Program("dbus-daemon", "dbus-daemon"), ServerProcess.NewFolder());
        await File.WriteAllTextAsync(daemon.ConfigurationFile, $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>session</type>
              <listen>{daemon.Address}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow user="*"/>
                <allow own="*"/>
                <allow send_destination="*" eavesdrop="true"/>
                <allow receive_sender="*" eavesdrop="true"/>
                {policy}
              </policy>
              <limit name="max_incoming_bytes">1000000000</limit>
              <limit name="max_outgoing_bytes">1000000000</limit>
              <limit name="max_match_rules_per_connection">50000</limit>
              <limit name="max_replies_per_connection">50000</limit>
            </busconfig>
            """);
        await daemon.StartAgainAsync();
        return daemon;
    }

    public async Task StartAgainAsync()
    {
        if (_process is not null)
            return;
        File.Delete(SocketFile);
        _process = await ServerProcess.StartAsync(_program, [$"--config-file={ConfigurationFile}", "--nofork", "--nopidfile", "--nosyslog"], ListensAsync);
    }

    /// <summary>Kills it: everybody on it is cut off.</summary>
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

    private string SocketFile => Path.Combine(_folder, "bus");

    private string ConfigurationFile => Path.Combine(_folder, "bus.conf");

    private async Task<bool> ListensAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketFile), cancellationToken);
        return true;
    }
}

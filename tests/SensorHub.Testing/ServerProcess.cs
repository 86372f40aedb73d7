using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SensorHub.Testing;

/// <summary>A server of the test's own: a child process on loopback ports nobody uses, with a folder that goes with it.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(Process process) => _process = process;

    /// <summary>A new folder under the system's temporary one.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("sensorhub-test-").FullName;

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the program and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended or was not ready in 30 s; the message has its output.</exception>
    public static async Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, Func<CancellationToken, Task<bool>> ready)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var server = new ServerProcess(process);
        process.OutputDataReceived += server.Keep;
        process.ErrorDataReceived += server.Keep;
        process.Start();
        AppDomain.CurrentDomain.ProcessExit += server.KillAtExit;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var timeout = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await server.IsReadyAsync(ready, timeout.Token))
        {
            if (process.HasExited || timeout.IsCancellationRequested)
            {
                await server.DisposeAsync();
                throw new InvalidOperationException($"{Path.GetFileName(program)} did not start: {server._output}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
        return server;
    }

    /// <summary>Whether something listens on the port.</summary>
    public static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return true;
    }

    /// <summary>Sends it a signal: <c>STOP</c>, <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(null, null)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends it at once, as kill −9 does.</summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync(Func<CancellationToken, Task<bool>> ready, CancellationToken cancellationToken)
    {
        try
        {
            return !_process.HasExited && await ready(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }

    private void KillAtExit(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }
}

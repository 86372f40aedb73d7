using System.Diagnostics;
using System.Text.RegularExpressions;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>The program <c>sensorhub</c>, started as a person would, in a process and a data folder of its own.</summary>
internal sealed partial class HubProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly TaskCompletionSource<Uri> _page = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _read;

    private HubProgram(Process process)
    {
        _process = process;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    /// <summary>A folder that is there as long as the test.</summary>
    public static string NewFolder() => ServerProcess.NewFolder();

    public IReadOnlyList<string> Output => Snapshot(_output);

    public IReadOnlyList<string> Errors => Snapshot(_errors);

    /// <summary>Address of the pages, once they are there and the program has said all that it says at its start.</summary>
    public Task<Uri> Page => _page.Task.WaitAsync(Patience, TimeProvider.System);

    public int Id => _process.Id;

    /// <summary>Of all its threads, since it was started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The most physical memory that it had so far, bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    public static HubProgram Start(params string[] arguments) => StartWith([], arguments);

    /// <param name="environment">Variables that differ from this process's.</param>
    public static HubProgram StartWith(Dictionary<string, string> environment, params string[] arguments)
    {
        // The program of the same build as this test.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Repository.PathOf("src", "SensorHub", "bin", configuration, "net10.0", "sensorhub.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["SENSORHUB_WEB__ACCOUNTS"] = "false"; // whoever is here is the owner
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new HubProgram(Process.Start(start)!);
    }

    /// <summary>Starts it and waits for its end.</summary>
    public static Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> RunAsync(params string[] arguments) => RunWithAsync([], arguments);

    /// <param name="environment">Variables that differ from this process's.</param>
    public static async Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> RunWithAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        await using var program = StartWith(environment, arguments);
        return (await program.ExitAsync(), program.Output, program.Errors);
    }

    /// <summary>Runs it to the end: it has to succeed, and to say nothing on standard error.</summary>
    /// <returns>The lines on standard output.</returns>
    public static async Task<IReadOnlyList<string>> SaysAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);
        Assert.True(exitCode == 0 && errors.Count == 0, $"exit code {exitCode}: {string.Join('\n', errors)}");
        return output;
    }

    /// <summary>Runs it to the end: it has to fail with one line on standard error and nothing else.</summary>
    /// <returns>The line.</returns>
    public static Task<string> RefusesAsync(params string[] arguments) => RefusesWithAsync([], arguments);

    /// <param name="environment">Variables that differ from this process's.</param>
    public static async Task<string> RefusesWithAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var (exitCode, output, errors) = await RunWithAsync(environment, arguments);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {string.Join('\n', errors)}");
        Assert.Empty(output);
        return Assert.Single(errors);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System);
        await _read;
        return _process.ExitCode;
    }

    /// <summary>Ctrl-C.</summary>
    public async Task<int> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(null, null)]);
        await kill.WaitForExitAsync();
        return await ExitAsync();
    }

    /// <summary>kill -9: no word of warning.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _read;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        Uri? page = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (lines)
                lines.Add(line);
            if (PageLine().Match(line) is { Success: true } match)
                page = new Uri(match.Groups[1].Value);
            if (page is not null && line == "Ctrl-C ends it.")
                _page.TrySetResult(page);
        }
        if (lines == _output)
            _page.TrySetException(new InvalidOperationException($"It ended without a page: {string.Join('\n', Errors)}"));
    }

    private static List<string> Snapshot(List<string> lines)
    {
        lock (lines)
            return [.. lines];
    }

    [GeneratedRegex(@"^\s*Page\s+(https?://\S+)")]
    private static partial Regex PageLine();
}

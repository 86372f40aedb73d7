using System.Diagnostics;
using System.Runtime.InteropServices;
using SensorHub.Core;

namespace SensorHub.Faults;

/// <summary>
/// A program to which faults happen. While it is wanted it is kept running, as an init system keeps it: when it ends by itself it is started
/// again two seconds later, and that is counted.
/// </summary>
/// <param name="name">For people.</param>
/// <param name="start">What is started, asked anew each time.</param>
/// <param name="ready">Whether it works.</param>
internal sealed partial class Victim(string name, Func<ProcessStartInfo> start, Func<CancellationToken, Task<bool>> ready) : IAsyncDisposable
{
    private const int SigTerm = 15, SigCont = 18, SigStop = 19;

    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly Lock _gate = new();
    private readonly List<string> _said = [];
    private Task _keeping = Task.CompletedTask;
    private Process? _process;
    private volatile bool _wanted;

    public string Name => name;

    /// <summary>Whether it is to run.</summary>
    public bool IsWanted => _wanted;

    /// <summary>How often it ended without being told to.</summary>
    public int OwnEnds { get; private set; }

    /// <summary>Number of lines that it has said so far.</summary>
    public int LinesSaid
    {
        get
        {
            lock (_gate)
                return _said.Count;
        }
    }

    /// <summary>Lines on standard error, and our own remarks about it, from this one on.</summary>
    public IReadOnlyList<string> SaidSince(int line)
    {
        lock (_gate)
            return _said[line..];
    }

    /// <summary>Starts it and waits until it works.</summary>
    /// <exception cref="UserException">It does not, in 90 s.</exception>
    public async Task StartAsync()
    {
        _wanted = true;
        _keeping = KeepAsync();
        await Wait.UntilAsync(ready, StartPatience, () => $"{name} did not start: {string.Join(" / ", SaidSince(Math.Max(0, LinesSaid - 5)))}");
    }

    /// <summary>kill −9.</summary>
    public async Task KillAsync()
    {
        _wanted = false;
        Kill();
        await _keeping;
    }

    public void Stop() => Signal(SigStop);

    public void Continue() => Signal(SigCont);

    /// <summary>SIGTERM; after the patience, kill −9, which counts as an end of its own.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        _wanted = false;
        Signal(SigTerm);
        try
        {
            await _keeping.WaitAsync(patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Remark(FormattableString.Invariant($"did not end within {patience.TotalSeconds} s of SIGTERM"));
            OwnEnds++;
            await KillAsync();
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task KeepAsync()
    {
        while (_wanted)
        {
            var info = start();
            (info.RedirectStandardOutput, info.RedirectStandardError) = (true, true);
            info.Environment["NO_COLOR"] = "1";
            using var process = new Process { StartInfo = info };
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += (_, line) => Remark(line.Data);
            process.Start();
            lock (_gate)
                _process = process;
            AppDomain.CurrentDomain.ProcessExit += KillAtExit;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await process.WaitForExitAsync();
            AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
            lock (_gate)
                _process = null;
            if (!_wanted)
                return;
            OwnEnds++;
            Remark(FormattableString.Invariant($"ended by itself, exit code {process.ExitCode}"));
            await Task.Delay(RestartPause, TimeProvider.System, CancellationToken.None);
        }
    }

    private void Remark(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_gate)
            _said.Add(line.Trim());
    }

    private void Kill()
    {
        lock (_gate)
            if (_process is { HasExited: false } process)
                process.Kill(entireProcessTree: true);
    }

    private void Signal(int signal)
    {
        lock (_gate)
            if (_process is { HasExited: false } process)
                _ = SendSignal(process.Id, signal);
    }

    private void KillAtExit(object? sender, EventArgs e) => Kill();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}

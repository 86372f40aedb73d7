using System.Diagnostics;

namespace SensorHub.Benchmarks.Throughput;

/// <summary>A bridge that runs as a process of its own until it is killed, and what it costs.</summary>
internal sealed class MeasuredBridge : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Process _process;

    public MeasuredBridge(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>User and system time so far, in steps of 10 ms.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? throw new InvalidOperationException($"{_process.StartInfo.FileName} has ended.") : _process.TotalProcessorTime;
        }
    }

    /// <summary>Most physical memory so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Ends when it has done nothing for a second.</summary>
    public async Task IdleAsync()
    {
        var (cpu, quiet) = (TimeSpan.MinValue, 0);
        while (quiet < 4)
        {
            await Task.Delay(Look, TimeProvider.System);
            var now = Cpu;
            quiet = now - TimeSpan.FromMilliseconds(10) <= cpu && now > TimeSpan.Zero ? quiet + 1 : 0;
            cpu = now;
        }
    }

    /// <summary>Stops it where it stands, so that messages can gather at the broker.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    public Task ContinueAsync() => SignalAsync("-CONT");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(null, null)]);
        await kill.WaitForExitAsync();
    }
}

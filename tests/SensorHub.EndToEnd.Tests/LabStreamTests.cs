using System.Diagnostics;
using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Stamping;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>The stream for laboratories as docs/lab-stream.md has it, from a whole hub.</summary>
public sealed class LabStreamTests(ITestOutputHelper output)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Raw lines that are looked at: some seconds of two sensors.</summary>
    private const int Lines = 250;

    [Fact]
    public async Task The_client_in_the_document_reads_and_streamed_times_are_those_of_the_recording_within_their_uncertainty()
    {
        var python = Require.Program("python3", "python3");
        var data = HubProgram.NewFolder();
        await using var hub = HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", data);
        var address = new Uri(await hub.Page, "lab/stream");

        var script = Path.Combine(data, "client.py");
        await File.WriteAllTextAsync(script, Block(await File.ReadAllTextAsync(Repository.PathOf("docs", "lab-stream.md"), Cancelled)), Cancelled);
        using var client = Process.Start(new ProcessStartInfo(python, [script, address.ToString()]) { RedirectStandardOutput = true })!;

        var streamed = new Dictionary<(string Sensor, byte Stream, uint Sequence), (Timestamp Time, double StepNs, double UncertaintyMs)>();
        using var http = new HttpClient();
        using var reader = new StreamReader(await http.GetStreamAsync(new Uri($"{address}?kinds=raw,clock"), Cancelled));
        var kinds = new HashSet<string>();
        while (streamed.Count < Lines || !kinds.Contains("clock/1"))
        {
            var line = JsonDocument.Parse((await reader.ReadLineAsync(Cancelled))!).RootElement;
            if (line.TryGetProperty("payload", out var payload))
                kinds.Add(payload.GetProperty("schema").GetString()!);
            if (line.GetProperty("kind").GetString() == "raw" && line.TryGetProperty("step_ns", out var step) && !line.TryGetProperty("late", out _))
                streamed[(line.GetProperty("sensor").GetString()!, line.GetProperty("stream").GetByte(), line.GetProperty("sequence").GetUInt32())] =
                    (Timestamp.Parse(line.GetProperty("time").GetString()!), step.GetDouble(), line.GetProperty("time_u_ms").GetDouble());
        }
        Assert.Matches("^(clip|roller)-?[0-9a-z-]* [0-9]+ [0-9]+ ", await client.StandardOutput.ReadLineAsync(Cancelled));
        Assert.Equal(0, await hub.InterruptAsync());
        await client.WaitForExitAsync(Cancelled); // the stream has ended, and so does it

        var (compared, worst, worstOfUncertainty) = (0, 0.0, 0.0);
        var stamper = new Stamper();
        foreach (var item in RecordingReader.Read(Assert.Single(Directory.GetDirectories(Path.Combine(data, "recordings")))).SelectMany(stamper.Update))
        {
            var (sensor, place, times) = item switch
            {
                Stamped.Imu imu => (imu.Packet.Sensor, imu.Place, imu.Packet.Samples.Select(s => s.Time).ToArray()),
                Stamped.Load load => (load.Packet.Sensor, load.Place, load.Packet.Samples.Select(s => s.Time).ToArray()),
                _ => default,
            };
            if (times is null || !streamed.TryGetValue((sensor.ToString(), place.Stream, place.Samples.Sequence), out var line))
                continue;
            for (var i = 0; i < times.Length; i++)
            {
                var off = Math.Abs(line.Time.UnixNanoseconds + i * line.StepNs - times[i].UnixNanoseconds) / 1e6;
                (worst, worstOfUncertainty, compared) = (Math.Max(worst, off), Math.Max(worstOfUncertainty, off / line.UncertaintyMs), compared + 1);
            }
        }
        output.WriteLine($"{compared} samples: at most {worst:0.000000} ms, {worstOfUncertainty:0.000} standard uncertainties");
        Assert.True(compared > Lines);
        Assert.InRange(worstOfUncertainty, 0, 2); // the expanded uncertainty, k = 2: a busy machine shifts the fit between the two stamps
    }

    /// <summary>The first piece of Python, as it stands.</summary>
    private static string Block(string document)
    {
        const string begin = "```python\n";
        var from = document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return document[from..document.IndexOf("```", from, StringComparison.Ordinal)];
    }
}

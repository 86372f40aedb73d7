using System.Diagnostics;
using System.Globalization;

namespace SensorHub.Faults;

/// <summary>Makes a fault happen.</summary>
internal static class Strike
{
    private static readonly TimeSpan ResetPause = TimeSpan.FromMilliseconds(200);

    /// <returns>Ends it.</returns>
    public static async Task<Func<Task>> BeginAsync(Stage stage, Round round)
    {
        switch (round)
        {
            case { Fault: Fault.Kill, Part: Part.Hub }:
                await stage.KillHubAsync();
                return stage.StartHubAsync;
            case { Fault: Fault.Kill }:
                var victim = ProgramOf(stage, round);
                await victim.KillAsync();
                return victim.StartAsync;
            case { Fault: Fault.Stop }:
                var stopped = ProgramOf(stage, round);
                stopped.Stop();
                return () => { stopped.Continue(); return Task.CompletedTask; };
            case { Fault: Fault.Disk }:
                var disk = DiskOf(stage, round);
                await disk.FillAsync();
                return round.Part == Part.Influx ? () => FreeAndRestartAsync(stage) : disk.FreeAsync;
            case { Fault: Fault.Cut, Part: Part.Broker, Setup: Setup.One }:
                return ResetAgainAndAgain(stage.BrokerPort);
            default:
                var relays = RelaysOf(stage, round);
                foreach (var relay in relays)
                    relay.Cut(round.Cut);
                return () => { relays.ForEach(r => r.Mend()); return Task.CompletedTask; };
        }
    }

    /// <summary>
    /// What a person has to do: InfluxDB 1.6 refuses each write until it is started anew, and forgets what it takes after that when it ends once more, unless it is
    /// started a second time before anything is written to it.
    /// </summary>
    private static async Task FreeAndRestartAsync(Stage stage)
    {
        await stage.InfluxDisk.FreeAsync();
        List<Relay> writers = [stage.HubToInflux, .. stage.WorkerToInflux];
        writers.ForEach(r => r.Cut(Cut.Reset));
        for (var starts = 0; starts < 2; starts++)
        {
            await stage.InfluxServer.KillAsync();
            await stage.InfluxServer.StartAsync();
        }
        writers.ForEach(r => r.Mend());
    }

    private static Victim ProgramOf(Stage stage, Round round) => round.Part switch
    {
        Part.Hub => stage.HubProgram,
        Part.Broker => stage.Mosquitto,
        Part.Bridge => stage.Workers[round.Worker],
        _ => stage.InfluxServer,
    };

    private static Disk DiskOf(Stage stage, Round round) => round.Part switch
    {
        Part.Hub => stage.HubDisk,
        Part.Broker => stage.MosquittoDisk,
        Part.Bridge => stage.WorkerDisks[round.Worker],
        _ => stage.InfluxDisk,
    };

    private static List<Relay> RelaysOf(Stage stage, Round round) => round.Part switch
    {
        Part.Hub => [stage.HubToBroker],
        Part.Broker => [stage.HubToBroker, .. stage.WorkerToBroker],
        Part.Bridge => [stage.WorkerToBroker[round.Worker], stage.WorkerToInflux[round.Worker]],
        _ => [stage.HubToInflux, .. stage.WorkerToInflux],
    };

    /// <summary>Between a hub and its own broker there is no relay: the kernel is told to end the connections.</summary>
    private static Func<Task> ResetAgainAndAgain(int port)
    {
        var stop = new CancellationTokenSource();
        var resetting = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var start = new ProcessStartInfo("ss", ["-K", "dst", "127.0.0.1", "dport", "=", port.ToString(CultureInfo.InvariantCulture)]);
                (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
                using (var process = Process.Start(start)!)
                {
                    await process.StandardOutput.ReadToEndAsync();
                    await process.WaitForExitAsync();
                }
                await Wait.ForAsync(ResetPause);
            }
        });
        return async () =>
        {
            await stop.CancelAsync();
            await resetting;
            stop.Dispose();
        };
    }
}

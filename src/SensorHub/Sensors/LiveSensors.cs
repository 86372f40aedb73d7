using SensorHub.Bluetooth;
using SensorHub.Bluetooth.Link;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Sessions;

namespace SensorHub.Sensors;

/// <summary>
/// The hub's real sensors: keeps those that are known streaming, gives their records, and puts a session around them when nobody says one.
/// </summary>
/// <param name="central">The radio.</param>
/// <param name="session">Begins and ends sessions.</param>
/// <param name="radioChanged">Told why the radio cannot be used, once each time that changes; null = it can.</param>
/// <param name="say">Takes a line for a person.</param>
public sealed class LiveSensors(ICentral central, SensorDesk desk, AutomaticSession session, TimeProvider time, Action<string?> radioChanged, Action<string> say)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>From one try to add a sensor that could not be added to the next.</summary>
    private static readonly TimeSpan AdoptionPause = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, long> _refused = new(StringComparer.Ordinal); // by handle, when
    private RecordSink? _records;

    /// <summary>Every sensor that is heard nearby becomes the hub's own, without a person being asked.</summary>
    public bool Adopt { get; init; }

    /// <summary>Has a marker recorded now.</summary>
    public void Mark(Marker marker) => _records?.Add(at => new SensorRecord.Marked(at, marker));

    /// <summary>Runs until cancelled.</summary>
    /// <param name="report">Takes the records in their order.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action<SensorRecord> report, CancellationToken cancellationToken)
    {
        _records = new RecordSink(new HubClock(time), record =>
        {
            foreach (var before in session.Before(record))
                report(before);
            report(record);
        });
        var links = new LinkSupervisor(central, _records, new Bluetooth.Link.LinkOptions(), new Random((int)time.GetTimestamp()));
        links.Changed += Tell(links);
        desk.Attach(links, central);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beating = BeatAsync(links, stop.Token);
        try
        {
            await links.RunAsync(cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Action Tell(LinkSupervisor links)
    {
        string? said = null;
        var gate = new Lock();
        return () =>
        {
            lock (gate)
            {
                if (links.Radio == said)
                    return;
                said = links.Radio;
                radioChanged(said);
            }
        };
    }

    private async Task BeatAsync(LinkSupervisor links, CancellationToken cancellationToken)
    {
        IDisposable? listening = null;
        try
        {
            using var beat = new PeriodicTimer(Beat, time);
            do
            {
                // A hub without sensors listens, so that the page shows at once what could be added, or why nothing is heard.
                if (Adopt || desk.State.Sensors.Count == 0)
                    listening ??= links.Listen();
                else
                {
                    listening?.Dispose();
                    listening = null;
                }
                _records!.Add(session.EndAt);
                if (Adopt)
                    await AdoptAsync(cancellationToken);
            }
            while (await beat.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            listening?.Dispose();
        }
    }

    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        foreach (var nearby in desk.State.Nearby)
        {
            if (nearby.Busy || (_refused.TryGetValue(nearby.Handle, out var at) && time.GetElapsedTime(at) < AdoptionPause))
                continue;
            try
            {
                say($"{await desk.AddAsync(nearby.Handle, cancellationToken)} was heard and is one of the hub's own now.");
            }
            catch (UserException e)
            {
                _refused[nearby.Handle] = time.GetTimestamp();
                say($"{nearby.Name} was heard and could not be added: {e.Message}");
            }
        }
    }
}

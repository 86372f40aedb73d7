using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>
/// Virtual sensors, a radio, the hub's side of the links, and a script of what is said meanwhile: everything up to the
/// records, on a clock of its own. The same session gives the same records, byte for byte, at any speed.
/// </summary>
public abstract class VirtualSession
{
    /// <summary>The last frames are still on their way when the script ends, s.</summary>
    private const double Tail = 0.5;

    private readonly LinkOptions _link;
    private readonly int _seed;
    private readonly IReadOnlyList<ScriptLine> _script;
    private readonly List<(string Address, VirtualSensor Sensor)> _sensors = [];
    private RecordSink? _records;

    private protected VirtualSession(
        VirtualTime time, RadioOptions radio, int seed, LinkOptions link, IEnumerable<VirtualSensor> sensors, IReadOnlyList<ScriptLine> script)
    {
        (Time, _link, _seed, _script) = (time, link, seed, script);
        Radio = new VirtualRadio(radio, seed, time);
        foreach (var sensor in sensors)
            _sensors.Add((Radio.Add(sensor), sensor));
    }

    /// <summary>The session's clock. Its beginning is second 0 of <see cref="VirtualSensor"/>s and the radio.</summary>
    public VirtualTime Time { get; }

    /// <summary>The radio, which knows what it lost.</summary>
    public VirtualRadio Radio { get; }

    /// <summary>With the true offset and drift of their clocks.</summary>
    public IReadOnlyList<VirtualSensor> Sensors => [.. _sensors.Select(s => s.Sensor)];

    /// <summary>Told of the links just before they begin, on the session's thread. Every sensor is wanted, until it says otherwise.</summary>
    public Action<LinkSupervisor>? Linked { get; set; }

    /// <summary>What is said, and how many seconds after the session's clock began.</summary>
    public IEnumerable<(double Seconds, Marker Marker)> Said => _script.Select(line => (line.Seconds, line.Marker));

    /// <summary>The radio's name for one of <see cref="Sensors"/>.</summary>
    public string AddressOf(VirtualSensor sensor) => _sensors.First(s => s.Sensor == sensor).Address;

    /// <summary>Has a marker recorded as soon as possible, as if a person had said it now. From any thread, while it runs.</summary>
    public void Mark(Marker marker) => Time.Post(() => Record(marker));

    /// <summary>Plays it all on this thread.</summary>
    /// <param name="report">Takes the records in their order, on this thread.</param>
    /// <param name="cancellationToken">Ends it before its time.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(Action<SensorRecord> report, CancellationToken cancellationToken = default) =>
        Time.Run(() => PlayAsync(report, cancellationToken), cancellationToken);

    /// <summary>Plays it all on a thread of its own.</summary>
    /// <param name="report">Takes the records in their order, on that thread.</param>
    /// <param name="cancellationToken">Ends it before its time.</param>
    public Task RunAsync(Action<SensorRecord> report, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Run(report, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task PlayAsync(Action<SensorRecord> report, CancellationToken cancellationToken)
    {
        _records = new RecordSink(new HubClock(Time), report);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var script = FollowAsync(stop.Token);
        var links = new LinkSupervisor(Radio, _records, _link, Noise.Fork(_seed, "links"));
        links.Want([.. _sensors.Select(s => new WantedSensor(SensorId.Of(s.Sensor.Peripheral.Descriptor), s.Address, s.Sensor.Name))]);
        Linked?.Invoke(links);
        var linking = links.RunAsync(stop.Token);
        await await Task.WhenAny(script, linking);
        stop.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
        await linking.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        foreach (var (seconds, marker) in _script)
        {
            await UntilAsync(seconds, cancellationToken);
            Record(marker);
        }
        await AfterScriptAsync(cancellationToken);
        await UntilAsync(_script[^1].Seconds + Tail, cancellationToken);
    }

    /// <summary>What goes on when all of the script has been said.</summary>
    private protected virtual Task AfterScriptAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Something was said, by the script or by <see cref="Mark"/>. On the session's thread.</summary>
    private protected virtual void Hear(Marker marker)
    {
    }

    private protected async Task UntilAsync(double seconds, CancellationToken cancellationToken)
    {
        if (TimeSpan.FromSeconds(seconds) - Radio.Elapsed is var wait && wait > TimeSpan.Zero)
            await Time.ExactlyAsync(wait, cancellationToken);
    }

    private void Record(Marker marker)
    {
        _records?.Add(at => new SensorRecord.Marked(at, marker));
        Hear(marker);
    }

    /// <param name="Seconds">Since the session's clock began; not before the line before.</param>
    private protected readonly record struct ScriptLine(double Seconds, Marker Marker);
}

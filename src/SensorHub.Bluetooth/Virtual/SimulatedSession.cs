using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>
/// A person who plays a scenario with a roller and a clip, a radio between them and the hub, and the hub's side of the link:
/// everything up to the records, on a clock of its own. The truth is known.
/// </summary>
public sealed class SimulatedSession
{
    /// <summary>The last frames are on their way when the scenario ends, s.</summary>
    private const double Tail = 0.5;

    private readonly SimulationOptions _options;
    private readonly Scenario _played;
    private readonly List<VirtualSensor> _sensors = [];
    private RecordSink? _records;

    public SimulatedSession(SimulationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repetitions, 1);
        _options = options;
        _played = options.Scenario with { Activities = [.. Enumerable.Repeat(options.Scenario.Activities, options.Repetitions).SelectMany(a => a)] };
        Time = new VirtualTime(options.Start, options.Speed, options.Pacing);

        var person = new VirtualPerson(_played, SensorModels.Roller, Noise.Fork(options.Seed, "person"));
        Truth = new GroundTruth(person, Timestamp.FromDateTimeOffset(options.Start));
        if (options.WithRoller)
            _sensors.Add(SensorModels.CreateRoller(person, options.Seed, options.IdealSensors));
        if (options.WithClip)
            _sensors.Add(SensorModels.CreateClip(person, options.Seed, options.IdealSensors));
        Radio = new VirtualRadio(options.Radio, options.Seed, Time);
    }

    /// <summary>The simulation's clock.</summary>
    public VirtualTime Time { get; }

    /// <summary>What really happens.</summary>
    public GroundTruth Truth { get; }

    /// <summary>What the radio loses on the way is kept here.</summary>
    public VirtualRadio Radio { get; }

    /// <summary>The roller, the clip: with their clocks' true offset and drift.</summary>
    public IReadOnlyList<VirtualSensor> Sensors => _sensors;

    /// <summary>Has a marker recorded as soon as possible, as if a person had said it now. From any thread, while it runs.</summary>
    public void Mark(Marker marker) => Time.Post(() => Record(marker));

    /// <summary>Plays it all on this thread.</summary>
    /// <param name="record">Takes the records in their order, on this thread.</param>
    /// <param name="cancellationToken">Ends it before its time.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(Action<SensorRecord> record, CancellationToken cancellationToken = default) =>
        Time.Run(() => PlayAsync(record, cancellationToken), cancellationToken);

    private async Task PlayAsync(Action<SensorRecord> record, CancellationToken cancellationToken)
    {
        _records = new RecordSink(new HubClock(Time), record);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loops = new List<Task>();
        foreach (var sensor in _sensors)
        {
            var address = Radio.Add(sensor);
            var loop = new ReconnectLoop(Radio, address, _records, _options.Link, Noise.Fork(_options.Seed, address + " reconnect"));
            loops.Add(loop.RunAsync(stop.Token));
        }
        var script = FollowScriptAsync(stop.Token);
        await await Task.WhenAny([script, .. loops]);
        stop.Cancel(); // CancelAsync would continue on the thread pool, away from virtual time
        try
        {
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>What the person's hand on the app says during the session.</summary>
    private async Task FollowScriptAsync(CancellationToken cancellationToken)
    {
        var script = new List<(double Seconds, Action Do)>();
        for (var i = 0; i < _options.Repetitions; i++)
        {
            var start = i * _options.Scenario.Seconds;
            var session = i == 0 ? _options.Session : Slug.Parse(FormattableString.Invariant($"{_options.Session}-{i + 1}"));
            script.Add((start, () => Record(new Marker.SessionBegan(session, _options.Subject, _options.BodyMassKg))));
            script.Add((start + _options.Scenario.CalibrationStart, () => Record(new Marker.StandCalibration(TimeSpan.FromSeconds(_options.Scenario.CalibrationSeconds)))));
            var at = start;
            foreach (var activity in _options.Scenario.Activities)
            {
                if (activity is Activity.Roll { Set: var set })
                    script.Add((at, () => Record(new Marker.MuscleChosen(set.Muscle, set.Side))));
                at += activity.Seconds;
            }
            script.Add((start + _options.Scenario.Seconds, () => Record(new Marker.SessionEnded(session))));
        }
        foreach (var (seconds, act) in script)
        {
            if (TimeSpan.FromSeconds(seconds) - Radio.Elapsed is var wait && wait > TimeSpan.Zero)
                await Time.ExactlyAsync(wait, cancellationToken);
            act();
        }
        await Time.ExactlyAsync(TimeSpan.FromSeconds(Tail), cancellationToken);
    }

    private void Record(Marker marker) => _records?.Add(at => new SensorRecord.Marked(at, marker));
}

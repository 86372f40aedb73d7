using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>A person who plays a scenario with a roller and a clip, seen through their sensors. The truth is known.</summary>
public sealed class SimulatedSession : VirtualSession
{
    private readonly VirtualPerson _person;
    private readonly Obliging? _obliging;
    private Outage? _outage;

    public SimulatedSession(SimulationOptions options)
        : this(options, options.Person.Habits.Perform(options.Scenario, options.Person.Body.Mass))
    {
    }

    private SimulatedSession(SimulationOptions options, Scenario performed)
        : this(options, performed, new VirtualPerson(
            Repeated(performed, options.Repetitions), options.Person.Roller.RollingRadius, Noise.Fork(options.Seed, "person"), options.Person.Body, options.Person.Wearing))
    {
    }

    private SimulatedSession(SimulationOptions options, Scenario performed, VirtualPerson person)
        : base(new VirtualTime(options.Start, options.Speed, options.Pacing, options.Since), options.Radio, options.Seed, options.Link, CreateSensors(options, person), Script(options, performed))
    {
        Truth = new GroundTruth(person, Timestamp.FromDateTimeOffset(options.Start));
        _person = person;
        _obliging = performed.IsObliging ? new Obliging(options.BodyMassKg ?? options.Person.Body.Mass) : null;
        _outage = options.OutageWhenRolling;
    }

    /// <summary>What really happens.</summary>
    public GroundTruth Truth { get; }

    private protected override void Hear(Marker marker)
    {
        _obliging?.Hear(marker);
        if (marker is not Marker.MuscleChosen { Muscle: not Muscle.None } || _outage is not { } outage)
            return;
        Radio.GoOutOfRange(outage);
        _outage = null;
    }

    private protected override async Task AfterScriptAsync(CancellationToken cancellationToken)
    {
        while (_obliging is not null)
        {
            await UntilAsync(_person.Until, cancellationToken);
            _person.Play(_obliging.Next());
        }
    }

    private static Scenario Repeated(Scenario scenario, int repetitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        return scenario.IsObliging ? scenario : scenario with { Activities = [.. Enumerable.Repeat(scenario.Activities, repetitions).SelectMany(a => a)] };
    }

    private static IEnumerable<VirtualSensor> CreateSensors(SimulationOptions options, VirtualPerson person)
    {
        if (options.WithRoller)
            yield return SensorModels.CreateRoller(person, options.Person.Roller, options.Seed, options.IdealSensors);
        if (options.WithClip)
            yield return SensorModels.CreateClip(person, options.Person.Clip, options.Seed, options.IdealSensors);
    }

    private static List<ScriptLine> Script(SimulationOptions options, Scenario scenario)
    {
        if (scenario.IsObliging)
            return [new(0, new Marker.SessionBegan(options.Session, options.Subject, options.BodyMassKg ?? options.Person.Body.Mass))];
        var script = new List<ScriptLine>();
        for (var i = 0; i < options.Repetitions; i++)
        {
            var start = i * scenario.Seconds;
            var session = i == 0 ? options.Session : Slug.Parse(FormattableString.Invariant($"{options.Session}-{i + 1}"));
            script.Add(new(start, new Marker.SessionBegan(session, options.Subject, options.BodyMassKg ?? options.Person.Body.Mass)));
            if (i == 0 && scenario.Activities.Any(a => a is Activity.Bend { Calibrates: true }))
                script.Add(new(start, new Marker.ClipAttached(options.Session)));
            script.Add(new(start + scenario.CalibrationStart, new Marker.StandCalibration(TimeSpan.FromSeconds(scenario.CalibrationSeconds))));
            var at = start;
            foreach (var activity in scenario.Activities)
            {
                if (Announced(activity) is var (after, marker))
                    script.Add(new(at + after, marker));
                at += activity.Seconds;
            }
            script.Add(new(at, new Marker.SessionEnded(session)));
        }
        return script;
    }

    private static (double After, Marker Marker)? Announced(Activity activity) => activity switch
    {
        Activity.Roll { Set: var set } => (0, new Marker.MuscleChosen(set.Muscle, set.Side)),
        Activity.Knock => (0, new Marker.SyncCheck(TimeSpan.FromSeconds(activity.Seconds))),
        Activity.Bend { Calibrates: true } => (0, new Marker.BendCalibration(TimeSpan.FromSeconds(activity.Seconds))),
        Activity.Sit { Calibrates: true } => (Activity.Sit.SitDown, new Marker.SitCalibration(TimeSpan.FromSeconds(activity.Seconds - Activity.Sit.SitDown))),
        _ => null,
    };
}

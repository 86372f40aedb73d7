using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>A person who plays a scenario with a roller and a clip, seen through their sensors. The truth is known.</summary>
public sealed class SimulatedSession : VirtualSession
{
    public SimulatedSession(SimulationOptions options)
        : this(options, new VirtualPerson(Repeated(options), SensorModels.Roller, Noise.Fork(options.Seed, "person")))
    {
    }

    private SimulatedSession(SimulationOptions options, VirtualPerson person)
        : base(new VirtualTime(options.Start, options.Speed, options.Pacing), options.Radio, options.Seed, options.Link, CreateSensors(options, person), Script(options)) =>
        Truth = new GroundTruth(person, Timestamp.FromDateTimeOffset(options.Start));

    /// <summary>What really happens.</summary>
    public GroundTruth Truth { get; }

    private static Scenario Repeated(SimulationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repetitions, 1);
        return options.Scenario with { Activities = [.. Enumerable.Repeat(options.Scenario.Activities, options.Repetitions).SelectMany(a => a)] };
    }

    private static IEnumerable<VirtualSensor> CreateSensors(SimulationOptions options, VirtualPerson person)
    {
        if (options.WithRoller)
            yield return SensorModels.CreateRoller(person, options.Seed, options.IdealSensors);
        if (options.WithClip)
            yield return SensorModels.CreateClip(person, options.Seed, options.IdealSensors);
    }

    private static List<ScriptLine> Script(SimulationOptions options)
    {
        var scenario = options.Scenario;
        var script = new List<ScriptLine>();
        for (var i = 0; i < options.Repetitions; i++)
        {
            var start = i * scenario.Seconds;
            var session = i == 0 ? options.Session : Slug.Parse(FormattableString.Invariant($"{options.Session}-{i + 1}"));
            script.Add(new(start, new Marker.SessionBegan(session, options.Subject, options.BodyMassKg)));
            script.Add(new(start + scenario.CalibrationStart, new Marker.StandCalibration(TimeSpan.FromSeconds(scenario.CalibrationSeconds))));
            var at = start;
            foreach (var activity in scenario.Activities)
            {
                if (activity is Activity.Roll { Set: var set })
                    script.Add(new(at, new Marker.MuscleChosen(set.Muscle, set.Side)));
                at += activity.Seconds;
            }
            script.Add(new(at, new Marker.SessionEnded(session)));
        }
        return script;
    }
}

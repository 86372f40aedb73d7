using SensorHub.Core.Sessions;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>How a person does what a scenario asks for: the same movements, in their own way. The defaults do as asked.</summary>
public sealed record Habits
{
    /// <summary>Factor on the depth of bends.</summary>
    public double BendDepth { get; init; } = 1;

    /// <summary>Added to the lumbar share of bends.</summary>
    public double LumbarShare { get; init; }

    /// <summary>See <see cref="Activity.Bend.LumbarLead"/>.</summary>
    public double LumbarLead { get; init; }

    /// <summary>The most that the lumbar spine flexes in a bend, °.</summary>
    public double LumbarRange { get; init; } = 90;

    /// <summary>Factor on the times of bends, down and up.</summary>
    public double BendTime { get; init; } = 1;

    /// <summary>On what side the person lies rather than on the right one.</summary>
    public LyingOn Side { get; init; } = LyingOn.Right;

    /// <summary>Added to the number of strokes of a set.</summary>
    public int MoreStrokes { get; init; }

    /// <summary>Factor on the time of strokes.</summary>
    public double StrokeTime { get; init; } = 1;

    /// <summary>Factor on the length of strokes.</summary>
    public double StrokeLength { get; init; } = 1;

    /// <summary>Factor on the force, beside that of the body's mass.</summary>
    public double Force { get; init; } = 1;

    /// <summary>Replaces what the scenario has for these; null = as there.</summary>
    public RollingManner? Rolling { get; init; }

    /// <summary>The scenario as this person does it.</summary>
    /// <param name="scenario">As asked for.</param>
    /// <param name="mass">Of the body, kg: the forces of scenarios are those of a typical body.</param>
    public Scenario Perform(Scenario scenario, double mass) => scenario with { Activities = [.. scenario.Activities.Select(a => Perform(a, mass))] };

    private Activity Perform(Activity activity, double mass)
    {
        switch (activity)
        {
            case Activity.Bend bend:
                var trunk = bend.TrunkDegrees * BendDepth;
                var share = Math.Clamp(bend.LumbarShare + LumbarShare, 0.1, LumbarRange / trunk);
                var (down, up) = (bend.Down * BendTime, bend.Up * BendTime);
                return bend with
                {
                    TrunkDegrees = trunk, LumbarShare = share, LumbarLead = LumbarLead, Down = down, Up = up,
                    Seconds = bend.Repetitions * (down + bend.Hold + up + bend.Pause),
                };
            case Activity.Lie { On: LyingOn.Right } lie:
                return lie with { On = Side };
            case Activity.Roll { Set: var set }:
                return new Activity.Roll(set with
                {
                    Strokes = set.Strokes + MoreStrokes,
                    SecondsPerStroke = set.SecondsPerStroke * StrokeTime,
                    StrokeLength = set.StrokeLength * StrokeLength,
                    Force = set.Force * Force * mass / new Body().Mass,
                    ForceGradient = Rolling?.ForceGradient ?? set.ForceGradient,
                    Unsteadiness = Rolling?.Unsteadiness ?? set.Unsteadiness,
                    Slip = Rolling?.Slip ?? set.Slip,
                    TurnPause = Rolling?.TurnPause ?? set.TurnPause,
                    Unevenness = Rolling?.Unevenness ?? set.Unevenness,
                });
            default:
                return activity;
        }
    }
}

/// <summary>How a muscle is rolled; see the properties of <see cref="RollingSet"/> with these names.</summary>
public sealed record RollingManner(double ForceGradient, double Unsteadiness, double Slip, double TurnPause, double Unevenness);

using SensorHub.Core.Sessions;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>Something a virtual person does for a while; a <see cref="Scenario"/> is a list of these.</summary>
/// <param name="Seconds">How long it takes, the change of posture at its beginning included.</param>
public abstract record Activity(double Seconds)
{
    /// <summary>Stands, getting up first when need be.</summary>
    public sealed record Stand(double Seconds) : Activity(Seconds);

    /// <summary>Sits upright on a chair.</summary>
    public sealed record Sit(double Seconds) : Activity(Seconds)
    {
        /// <summary>The sitting's zero is taken, announced as such, once the person has sat for <see cref="SitDown"/>.</summary>
        public bool Calibrates { get; init; }

        /// <summary>Enough to sit down and come to rest, s.</summary>
        public const double SitDown = 4;
    }

    /// <summary>Sits with the pelvis rolled back and the lumbar spine flexed.</summary>
    public sealed record Slouch(double Seconds) : Activity(Seconds);

    /// <summary>Stands, with the roller in one hand and the clip in the other, and knocks them together every 1.3 s.</summary>
    public sealed record Knock(double Seconds) : Activity(Seconds);

    /// <summary>Walks up and down, getting up first when need be.</summary>
    public sealed record Walk(double Seconds) : Activity(Seconds);

    /// <summary>Goes down to the floor and lies there.</summary>
    public sealed record Lie(double Seconds, LyingOn On) : Activity(Seconds);

    /// <summary>Goes down to long sitting on the floor, leaning on the hands behind.</summary>
    public sealed record GoDown(double Seconds) : Activity(Seconds);

    /// <summary>Bends forward from standing and comes up again, <paramref name="Repetitions"/> times. Times in seconds.</summary>
    /// <param name="TrunkDegrees">How far the thoracolumbar junction goes forward: T of the lumbopelvic rhythm.</param>
    /// <param name="LumbarShare">L/T: the part of it that the lumbar spine gives; the hips give the rest.</param>
    public sealed record Bend(
        int Repetitions, double TrunkDegrees, double LumbarShare,
        double Down = 1.5, double Hold = 0.4, double Up = 1.5, double Pause = 0.3)
        : Activity(Repetitions * (Down + Hold + Up + Pause))
    {
        /// <summary>The part of the way down in which the lumbar spine flexes before the pelvis follows, and of the way up in which it is still flexed when the pelvis is back: 0 to below 1.</summary>
        public double LumbarLead { get; init; }

        /// <summary>The bends that show the clip its flexion axis, announced as such.</summary>
        public bool Calibrates { get; init; }
    }

    /// <summary>Puts the roller under a muscle and rolls one set, in long sitting.</summary>
    public sealed record Roll(RollingSet Set) : Activity(Set.Seconds);

    /// <summary>Begins a set whose end is not known yet: puts the roller under the muscle and the weight on.</summary>
    public sealed record PutOn(RollingSet Set) : Activity(Set.Placing + Set.Edge);

    /// <summary>One stroke of such a set.</summary>
    public sealed record Stroke(RollingSet Set, bool TowardsHip) : Activity(Set.SecondsPerStroke + Set.TurnPause);

    /// <summary>Ends such a set.</summary>
    public sealed record TakeOff(RollingSet Set) : Activity(Set.Edge);

    /// <summary>Goes on as before, still.</summary>
    public sealed record Stay(double Seconds) : Activity(Seconds);
}

public enum LyingOn : byte
{
    Back = 0,
    Front = 1,
    Left = 2,
    Right = 3,
}

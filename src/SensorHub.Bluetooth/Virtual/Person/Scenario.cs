using SensorHub.Core.Sessions;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>What a virtual person does from beginning to end. Begins with a stand, in which the posture's zero is taken.</summary>
/// <param name="Name">As given on the command line.</param>
/// <param name="Description">One line.</param>
public sealed record Scenario(string Name, string Description, IReadOnlyList<Activity> Activities)
{
    /// <summary>The person stands still from here on and the sensors are connected, s.</summary>
    public double CalibrationStart { get; init; } = 2.5;

    /// <summary>How long the stand is measured, s.</summary>
    public double CalibrationSeconds { get; init; } = 4;

    /// <summary>Has no end: after its activities the person does what is asked of them, by markers (<see cref="Person.Obliging"/>).</summary>
    public bool IsObliging { get; init; }

    /// <summary>s.</summary>
    public double Seconds => Activities.Sum(a => a.Seconds);

    /// <summary>At 72 kg the forces are 21 and 25 % of body weight.</summary>
    public static readonly Scenario Hamstrings = new(
        "hamstrings", "Stands, bends, sits, slouches, rolls the left and then the right hamstrings, stands up and bends again",
        [
            new Activity.Stand(7),
            new Activity.Bend(3, TrunkDegrees: 75, LumbarShare: 0.60),
            new Activity.Sit(4),
            new Activity.Slouch(4),
            new Activity.Sit(2.5),
            new Activity.GoDown(3),
            new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Left, Strokes: 22, SecondsPerStroke: 3, StrokeLength: 0.28, Force: 150)),
            new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Right, Strokes: 22, SecondsPerStroke: 2.8, StrokeLength: 0.28, Force: 175) { RestEvery = 12 }),
            new Activity.Stand(12),
            new Activity.Bend(3, TrunkDegrees: 75, LumbarShare: 0.54),
            new Activity.Stand(10),
        ]);

    public static readonly Scenario Desk = new(
        "desk", "Stands, sits upright, slouches and sits up again",
        [new Activity.Stand(10), new Activity.Sit(25), new Activity.Slouch(35), new Activity.Sit(15), new Activity.Stand(15)]);

    public static readonly Scenario Bends = new(
        "bends", "Stands and bends forward, first from the hips, then from the lower back",
        [
            new Activity.Stand(10),
            new Activity.Bend(3, TrunkDegrees: 80, LumbarShare: 0.30, Down: 3, Hold: 2, Up: 3, Pause: 1),
            new Activity.Stand(3),
            new Activity.Bend(3, TrunkDegrees: 80, LumbarShare: 0.75, Down: 3, Hold: 2, Up: 3, Pause: 1),
            new Activity.Stand(4),
        ]);

    public static readonly Scenario Day = new(
        "day", "Stands, bends to calibrate, walks, sits, slouches, bends, lies down, rolls both hamstrings and bends again",
        [
            new Activity.Stand(13),
            new Activity.Bend(3, TrunkDegrees: 90, LumbarShare: 0.5, Down: 3, Hold: 1.5, Up: 3, Pause: 1) { Calibrates = true },
            new Activity.Stand(4),
            new Activity.Walk(14),
            new Activity.Sit(12) { Calibrates = true },
            new Activity.Slouch(9),
            new Activity.Sit(6),
            new Activity.Stand(7),
            new Activity.Bend(1, TrunkDegrees: 80, LumbarShare: 0.25, Down: 2, Hold: 1, Up: 2, Pause: 1),
            new Activity.Bend(1, TrunkDegrees: 75, LumbarShare: 0.45, Down: 2, Hold: 1, Up: 2, Pause: 1),
            new Activity.Bend(1, TrunkDegrees: 70, LumbarShare: 0.65, Down: 2, Hold: 1, Up: 2, Pause: 1),
            new Activity.Stand(3),
            new Activity.Walk(9),
            new Activity.Lie(11, LyingOn.Back),
            new Activity.Lie(11, LyingOn.Right),
            new Activity.Stand(8),
            new Activity.GoDown(4),
            new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Left, Strokes: 11, SecondsPerStroke: 3, StrokeLength: 0.28, Force: 160)),
            new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Right, Strokes: 9, SecondsPerStroke: 2.8, StrokeLength: 0.28, Force: 180) { RestEvery = 5 }),
            new Activity.Stand(8),
            new Activity.Bend(2, TrunkDegrees: 80, LumbarShare: 0.5, Down: 2, Hold: 1, Up: 2, Pause: 1),
            new Activity.Stand(4),
        ])
    {
        CalibrationSeconds = 10,
    };

    /// <summary>The pelvis goes 10° further in the bends after rolling: 30° before, 40° after. The right side is rolled harder: symmetry index 22 %.</summary>
    public static readonly Scenario Protocol = new(
        "protocol", "The measurement before and two minutes after rolling: stands, sits upright and slumped, and bends slowly three times",
        [
            new Activity.Stand(98),
            new Activity.Sit(14),
            new Activity.Slouch(14),
            new Activity.Stand(4),
            new Activity.Bend(3, TrunkDegrees: 75, LumbarShare: 0.60, Down: 3, Hold: 2, Up: 3, Pause: 1.5),
            new Activity.Stand(3),
            new Activity.GoDown(3),
            new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Left, Strokes: 10, SecondsPerStroke: 3, StrokeLength: 0.28, Force: 160)),
            new Activity.Roll(new RollingSet(Muscle.Hamstrings, Side.Right, Strokes: 10, SecondsPerStroke: 3, StrokeLength: 0.28, Force: 200)),
            new Activity.Stand(135),
            new Activity.Sit(14),
            new Activity.Slouch(14),
            new Activity.Stand(4),
            new Activity.Bend(3, TrunkDegrees: 80, LumbarShare: 0.50, Down: 3, Hold: 2, Up: 3, Pause: 1.5),
            new Activity.Stand(4),
        ])
    {
        CalibrationSeconds = 10,
    };

    public static readonly Scenario Knock = new(
        "knock", "Stands, and knocks roller and clip together: are their clocks in step?",
        [new Activity.Stand(12), new Activity.Knock(10), new Activity.Stand(4)]);

    public static IReadOnlyList<Scenario> All { get; } = [Hamstrings, Desk, Bends, Day, Protocol, Knock];

    /// <summary>Somebody who does as the pages ask. Without an end, so it is none of <see cref="All"/>.</summary>
    public static readonly Scenario Follow = new("follow", "Does what the pages ask: stands and bends to calibrate, does the steps of the test, rolls the muscle that is chosen", [new Activity.Stand(3)])
    {
        IsObliging = true,
    };

    /// <summary>The scenario of this name, or null.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);
}

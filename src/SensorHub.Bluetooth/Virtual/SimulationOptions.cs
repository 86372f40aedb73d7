using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>What a simulated session plays. The same options give the same records, byte for byte.</summary>
public sealed record SimulationOptions
{
    public Scenario Scenario { get; init; } = Scenario.Hamstrings;

    /// <summary>Who plays it, with what roller and clip.</summary>
    public PersonTraits Person { get; init; } = PersonTraits.Typical;

    /// <summary>Draws everything that is left to chance: sway, errors of the sensors, clocks, the radio.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What the hub's clock shows when it begins.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Timestamp of <see cref="Pacing"/> when it was <see cref="Start"/>; null = when the session begins to run. At speed 1 samples are then dated by the real clock.</summary>
    public long? Since { get; init; }

    /// <summary>Simulated seconds per real second; infinity = as fast as it goes.</summary>
    public double Speed { get; init; } = double.PositiveInfinity;

    /// <summary>How often the scenario is played, each time as a session of its own; at least 1.</summary>
    public int Repetitions { get; init; } = 1;

    public bool WithRoller { get; init; } = true;

    public bool WithClip { get; init; } = true;

    /// <summary>Sensors without noise, bias and clock drift; still quantised.</summary>
    public bool IdealSensors { get; init; }

    public RadioOptions Radio { get; init; } = new();

    /// <summary>Both sensors are out of range for a while, counted from when a muscle is chosen for the first time; null = they are not.</summary>
    public Outage? OutageWhenRolling { get; init; }

    public LinkOptions Link { get; init; } = new();

    /// <summary>Named <c>…-2</c> and so on when the scenario is repeated.</summary>
    public Slug Session { get; init; } = Slug.Parse("simulated");

    /// <summary>A pseudonym.</summary>
    public Slug Subject { get; init; } = Slug.Parse("sim-person");

    /// <summary>What the hub is told, 20 to 250; null = the truth.</summary>
    public double? BodyMassKg { get; init; }

    /// <summary>The real clock that paces a finite speed.</summary>
    public TimeProvider Pacing { get; init; } = TimeProvider.System;
}

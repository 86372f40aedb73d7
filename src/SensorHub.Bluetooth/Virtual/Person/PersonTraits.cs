using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// All by which one simulated person differs from another: body, habits, how the clip is worn, what roller and clip they
/// have. What a session leaves to chance beside it (noise, sway, radio) is drawn from the session's own seed.
/// </summary>
public sealed record PersonTraits
{
    public static readonly PersonTraits Typical = new();

    public Body Body { get; init; } = new();

    public Habits Habits { get; init; } = new();

    public Wearing Wearing { get; init; } = new();

    public ClipBuild Clip { get; init; } = new();

    public RollerBuild Roller { get; init; } = new();

    /// <summary>One person out of a population; the same for the same seed. See <see cref="Population"/> for the distributions and their sources.</summary>
    public static PersonTraits Draw(int seed) => Population.Draw(seed);
}

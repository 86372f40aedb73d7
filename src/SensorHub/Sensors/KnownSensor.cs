using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Sensors;

/// <summary>A sensor that a person has added to the hub.</summary>
/// <param name="Sensor">Who it is, by kind and serial.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">What people call it, 1 to 40 characters.</param>
/// <param name="Address">The radio's name for it, as last heard. Stays in the hub's own file: never in a topic, a page or a log.</param>
/// <param name="Advertised">The local name under which it advertises.</param>
/// <param name="Subject">Whose it is: a pseudonym; none = whoever uses the hub.</param>
public sealed record KnownSensor(Slug Sensor, SensorKind Kind, string Name, string Address, string Advertised, Slug Subject)
{
    public const int LongestName = 40;

    /// <summary>"Roller 0123": what it is called until a person names it.</summary>
    public static string FirstName(SensorKind kind, string serial) => $"{(kind == SensorKind.Roller ? "Roller" : "Clip")} {(serial.Length > 4 ? serial[^4..] : serial)}";
}

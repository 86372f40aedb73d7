using System.Text;
using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// The name of a sensor everywhere in the hub: its kind and its serial number, as in <c>roller-sh001234</c>. The radio's address
/// would identify the person who wears it, and changes with privacy: it stays in the radio.
/// </summary>
public static class SensorId
{
    public static Slug Of(SensorDescriptor sensor)
    {
        var text = new StringBuilder(sensor.Kind == SensorKind.Roller ? "roller-" : "clip-");
        foreach (var c in sensor.Serial)
            text.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        return Slug.Parse(text.Length > Slug.MaxLength ? text.ToString(0, Slug.MaxLength) : text.ToString());
    }
}

using SensorHub.Mqtt.Contract;

namespace SensorHub.Web.Lab;

/// <summary>What a laboratory may ask for.</summary>
[Flags]
internal enum LabKinds : byte
{
    None = 0,

    /// <summary>Samples, a line a frame, and gaps between them.</summary>
    Raw = 1,

    /// <summary>posture/1 and rolling/1.</summary>
    Estimates = 2,

    /// <summary>event/1, cue/1 and session/1.</summary>
    Events = 4,

    /// <summary>sensor/1 and clock/1.</summary>
    Clock = 8,

    All = Raw | Estimates | Events | Clock,
}

internal static class LabKindNames
{
    private static readonly (LabKinds Kind, string Name)[] Names =
        [(LabKinds.Raw, "raw"), (LabKinds.Estimates, "estimates"), (LabKinds.Events, "events"), (LabKinds.Clock, "clock")];

    public static IEnumerable<string> NamesOf(LabKinds kinds) => from name in Names where kinds.HasFlag(name.Kind) select name.Name;

    /// <summary>Names with commas between; null = all.</summary>
    /// <param name="unknown">The first that is none.</param>
    public static LabKinds Parse(string? text, out string? unknown)
    {
        unknown = null;
        if (text is null)
            return LabKinds.All;
        var kinds = LabKinds.None;
        foreach (var part in text.Split(','))
        {
            var kind = Names.FirstOrDefault(n => n.Name == part.Trim()).Kind;
            if (kind == LabKinds.None)
                unknown ??= part.Trim();
            kinds |= kind;
        }
        return kinds;
    }

    public static LabKinds Of(TopicKind topic) => topic switch
    {
        TopicKind.Posture or TopicKind.Rolling => LabKinds.Estimates,
        TopicKind.Events or TopicKind.Cues or TopicKind.Session => LabKinds.Events,
        TopicKind.SensorStatus or TopicKind.HubClock => LabKinds.Clock,
        _ => LabKinds.None,
    };
}

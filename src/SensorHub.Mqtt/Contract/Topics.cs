using SensorHub.Core;

namespace SensorHub.Mqtt.Contract;

/// <summary>The topics of contract version 1: <c>sensorhub/1/&lt;hub&gt;/…</c>; README.md in this project has the table.</summary>
public static class Topics
{
    public const string Root = "sensorhub/1";

    /// <summary>Everything of every hub.</summary>
    public const string All = Root + "/#";

    /// <summary>Retained; the will says offline.</summary>
    public static string HubStatus(Slug hub) => $"{Root}/{hub}/status";

    /// <summary>Retained: <see cref="SensorStatus"/>.</summary>
    public static string SensorStatus(Slug hub, Slug sensor) => $"{Root}/{hub}/sensors/{sensor}/status";

    /// <summary><see cref="PosturePayload"/>.</summary>
    public static string Posture(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/posture";

    /// <summary><see cref="RollingPayload"/>.</summary>
    public static string Rolling(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/rolling";

    /// <summary><see cref="EventPayload"/>: strokes, gaps, taps.</summary>
    public static string Events(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/events";

    /// <summary><see cref="SessionPayload"/>; the last one is retained.</summary>
    public static string Session(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/session";

    /// <summary>Raw protocol frames, binary.</summary>
    public static string Frames(Slug hub, Slug sensor) => $"{Root}/{hub}/frames/{sensor}";
}

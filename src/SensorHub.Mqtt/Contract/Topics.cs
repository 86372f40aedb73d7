using SensorHub.Core;

namespace SensorHub.Mqtt.Contract;

/// <summary>The topics of contract version 1: <c>sensorhub/1/&lt;hub&gt;/…</c>; README.md in this project has the table.</summary>
public static class Topics
{
    public const string Root = "sensorhub/1";

    /// <summary>Everything of every hub.</summary>
    public const string All = Root + "/#";

    /// <summary>What stands in a topic for the person when nobody is in session.</summary>
    public static readonly Slug NoSubject = Slug.Parse("unassigned");

    /// <summary>The same filter shared by the workers of a group: each message goes to one of them. Not on the embedded broker.</summary>
    public static string Shared(Slug group, string filter) => $"$share/{group}/{filter}";

    /// <summary>Retained; the will says offline.</summary>
    public static string HubStatus(Slug hub) => $"{Root}/{hub}/status";

    /// <summary>Retained: <see cref="HubClockPayload"/>.</summary>
    public static string HubClock(Slug hub) => $"{Root}/{hub}/clock";

    /// <summary>Retained: <see cref="SensorStatus"/>.</summary>
    public static string SensorStatus(Slug hub, Slug sensor) => $"{Root}/{hub}/sensors/{sensor}/status";

    /// <summary><see cref="PosturePayload"/>.</summary>
    public static string Posture(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/posture";

    /// <summary><see cref="RollingPayload"/>.</summary>
    public static string Rolling(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/rolling";

    /// <summary><see cref="EventPayload"/>: strokes, gaps, taps.</summary>
    public static string Events(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/events";

    /// <summary><see cref="CuePayload"/>: what to say to the person now.</summary>
    public static string Cues(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/cues";

    /// <summary><see cref="SessionPayload"/>; the last one is retained.</summary>
    public static string Session(Slug hub, Slug subject) => $"{Root}/{hub}/subjects/{subject}/session";

    /// <summary>Raw protocol frames, binary; only where the hub is told to.</summary>
    public static string Frames(Slug hub, Slug sensor) => $"{Root}/{hub}/frames/{sensor}";

    /// <summary>The value of the sensor's descriptor characteristic, which the frames are read with; binary, retained.</summary>
    public static string Descriptor(Slug hub, Slug sensor) => $"{Root}/{hub}/frames/{sensor}/descriptor";

    /// <summary>For Home Assistant: the sensor's <see cref="PosturePayload"/> or <see cref="RollingPayload"/>, once a second.</summary>
    public static string Home(Slug hub, Slug sensor) => $"{Root}/{hub}/home/{sensor}";

    /// <summary>To the hub: <see cref="CommandPayload"/>.</summary>
    public static string Command(Slug hub) => $"{Root}/{hub}/command";

    /// <summary>To the hub: <see cref="StoredPayload"/>, which of its messages an output has taken.</summary>
    public static string Stored(Slug hub) => $"{Root}/{hub}/stored";

    /// <summary>From the program to itself: all that it published before has come through the broker.</summary>
    public static string Delivered(Slug hub) => $"{Root}/{hub}/delivered";
}

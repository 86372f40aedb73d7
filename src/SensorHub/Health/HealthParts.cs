using System.Globalization;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Publishing;
using SensorHub.Storage.Bridging;

namespace SensorHub.Health;

/// <summary>An outbox, as health sees it.</summary>
/// <param name="Waiting">Messages not yet confirmed.</param>
/// <param name="OldestAge">How long the oldest has been there.</param>
/// <param name="Dropped">Messages given up for want of room or for their age, since the program began.</param>
/// <param name="Fault">Why the file cannot be used, and what to do; null while it can.</param>
public readonly record struct OutboxState(long Waiting, long Bytes, TimeSpan OldestAge, long Dropped, string? Fault);

/// <summary>A bridge's output, as health sees it.</summary>
/// <param name="Stored">Points written.</param>
/// <param name="Waiting">Messages in hand, not yet stored.</param>
/// <param name="Lag">How long the oldest of them has waited.</param>
/// <param name="SetAside">Messages or points that cannot be stored, since the program began.</param>
/// <param name="Fault">Why it takes no points now, and what to do; null while it does.</param>
/// <param name="NeedsPerson">The fault stays until somebody mends it.</param>
public readonly record struct OutputState(long Stored, int Waiting, TimeSpan Lag, long SetAside, string? Fault, bool NeedsPerson);

/// <summary>The parts of a hub and of a bridge.</summary>
public static class HealthParts
{
    /// <summary>Longest time that an output may be behind before it is said.</summary>
    private static readonly TimeSpan LongestLag = TimeSpan.FromMinutes(1);

    /// <summary>Longest time that a message may be in an outbox before it is said: an outage shorter than this is nobody's business.</summary>
    internal static readonly TimeSpan LongestInOutbox = TimeSpan.FromMinutes(10);

    /// <summary>How far the wall clock may move against the monotonic one while the program runs.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(2);

    /// <param name="name"><c>broker</c>; a second broker has another name.</param>
    public static HealthPart Broker(string name, MqttLink link) => new(name, () =>
        (link.IsConnected, link.Fault) switch
        {
            (true, _) => PartState.Ok($"Connected to {link.Connection}."),
            (false, { } fault) => PartState.Failed(fault, "It is tried again by itself; what is to be stored waits."),
            _ => PartState.Failed($"Not connected to {link.Connection} yet.", "It is tried again by itself."),
        } with { Numbers = Numbers(("connections", link.Connections)) }) { SaysItself = true };

    /// <param name="name"><c>publisher</c>; of a second broker another name.</param>
    public static HealthPart Publisher(string name, Func<PublisherCounts> counts) => new(name, () =>
    {
        var now = counts();
        var says = Invariant($"{now.Published} messages published, {now.Waiting} wait for the broker.");
        return (now switch
        {
            { Dropped: > 0 } => PartState.Degraded(Invariant($"{says} {now.Dropped} were dropped since the hub began."), "The recording has what they said: 'sensorhub replay' brings it to the databases."),
            { Refused: > 0 } => PartState.Degraded(Invariant($"{says} {now.Refused} were refused."), "The log says why: most likely the broker's access list."),
            _ => PartState.Ok(says),
        }) with { Numbers = Numbers(("published", now.Published), ("waiting", now.Waiting), ("dropped", now.Dropped), ("refused", now.Refused)) };
    }) { SaysItself = true };

    public static HealthPart Outbox(string name, Func<OutboxState> state) => new(name, () =>
    {
        var now = state();
        var says = Invariant($"{now.Waiting} messages wait, the oldest for {Lasting(now.OldestAge)}; {now.Bytes / 1e6:0.0} MB.");
        return (now switch
        {
            { Fault: { } fault } => PartState.Failed(fault),
            { Dropped: > 0 } => PartState.Failed(Invariant($"{says} {now.Dropped} were dropped: it was full, or they were too old."), "Mend the broker or the database; give it more room with Outbox:MaxBytes. The recording has what they said."),
            _ when now.OldestAge > LongestInOutbox => PartState.Degraded(says, "See what is wrong with the broker, the bridge or the database; until then nothing is lost while there is room."),
            _ => PartState.Ok(says),
        }) with { Numbers = Numbers(("waiting", now.Waiting), ("bytes", now.Bytes), ("oldest_s", Math.Round(now.OldestAge.TotalSeconds, 3)), ("dropped", now.Dropped)) };
    });

    /// <param name="name"><c>store</c>, <c>influx</c>.</param>
    public static HealthPart Output(string name, Func<OutputState> state) => new(name, () =>
    {
        var now = state();
        var says = Invariant($"{now.Stored} points stored, {now.Waiting} messages wait.{(now.SetAside > 0 ? Invariant($" {now.SetAside} could not be stored and were set aside.") : "")}");
        return (now switch
        {
            { Fault: { } fault, NeedsPerson: true } => PartState.Failed(fault, "It stays so until it is mended; what is to be stored waits."),
            { Fault: { } fault } => PartState.Degraded(fault, "It is tried again by itself; what is to be stored waits."),
            _ when now.Lag > LongestLag => PartState.Degraded(Invariant($"{says} The oldest has waited for {Lasting(now.Lag)}."), "The database or its disk is too slow for what comes."),
            _ => PartState.Ok(says),
        }) with { Numbers = Numbers(("stored", now.Stored), ("waiting", now.Waiting), ("lag_s", Math.Round(now.Lag.TotalSeconds, 3)), ("set_aside", now.SetAside)) };
    }) { SaysItself = true };

    /// <param name="name"><c>store</c>, <c>influx</c>.</param>
    public static HealthPart Output(string name, Func<BridgeStatus> bridge) => Output(name, () =>
        bridge() is var b ? new OutputState(b.Stored, b.Waiting, b.Lag, b.Quarantined.Values.Sum(), b.Fault, b.NeedsPerson) : default);

    /// <summary>Messages on disk that could not be stored, until somebody has looked at them.</summary>
    public static HealthPart Quarantine(Func<long> count) => new("quarantine", () => (count() switch
    {
        0 => PartState.Ok("Empty."),
        var n => PartState.Degraded(n == 1 ? "1 message could not be stored and is kept aside." : Invariant($"{n} messages could not be stored and are kept aside."), "'sensorhub bridge quarantine list' says why each; then retry or drop them."),
    }));

    public static HealthPart Disk(string folder) => new("disk", () => DiskSpace.Of(folder).State);

    /// <param name="trouble">Why the radio cannot be used and what to do; null = it can.</param>
    public static HealthPart Radio(Func<string?> trouble) => new("radio", () => trouble() is { } line ? PartState.Failed(line) : PartState.Ok("It can be used.")) { SaysItself = true };

    /// <summary>The hub's time axis follows the monotonic clock: a wall clock that is set while it runs leaves it behind.</summary>
    public static HealthPart Clock(TimeProvider time)
    {
        var (began, ticks) = (time.GetUtcNow(), time.GetTimestamp());
        return new("clock", () =>
        {
            var now = time.GetUtcNow();
            var moved = now - began - time.GetElapsedTime(ticks);
            return (SystemClock.Doubt(now) is { } doubt
                ? PartState.Failed(doubt, "Set it, or switch network time on (timedatectl set-ntp true), and start again: times that were recorded are wrong.")
                : moved.Duration() > ClockStep
                    ? PartState.Degraded(Invariant($"The computer's clock was set by {moved.TotalSeconds:+0.0;-0.0} s while this ran; recorded times keep to the old one."), "Start the hub again between two sessions.")
                    : PartState.Ok(Invariant($"{now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC."))) with { Numbers = Numbers(("moved_s", Math.Round(moved.TotalSeconds, 1) + 0.0)) };
        });
    }

    /// <summary>"3 s", "12 min", "5 h", "2 days": as people say it.</summary>
    internal static string Lasting(TimeSpan time) => time switch
    {
        { TotalSeconds: < 120 } => Invariant($"{time.TotalSeconds:0} s"),
        { TotalMinutes: < 120 } => Invariant($"{time.TotalMinutes:0} min"),
        { TotalHours: < 48 } => Invariant($"{time.TotalHours:0} h"),
        _ => Invariant($"{time.TotalDays:0} days"),
    };

    private static Dictionary<string, object> Numbers(params (string Name, object Value)[] numbers) => numbers.ToDictionary(n => n.Name, n => n.Value);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Buffers;
using System.Text;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Live;

namespace SensorHub.Web.Tests;

/// <summary>Features of somebody who rolls, as a hub would publish them, with numbers of many decimals.</summary>
internal sealed class Person(string subject = "p1", string session = "s1")
{
    public static readonly Timestamp Begin = Timestamp.Parse("2026-01-31T12:00:00Z");
    private static readonly Slug Clip = Slug.Parse("clip-1");
    private static readonly Slug Roller = Slug.Parse("roller-1");

    public Slug Subject { get; } = Slug.Parse(subject);

    public Slug Session { get; } = Slug.Parse(session);

    public Band Band { get; set; } = Band.Good;

    public LinkState ClipLink { get; set; } = LinkState.Streaming;

    public Phase Phase { get; set; } = Phase.Rolling;

    public string? Calibration { get; set; } = "19b";

    public SessionEvent State { get; set; } = SessionEvent.Running;

    public PostureEstimate Posture(double second) => new()
    {
        Time = At(second), Session = Session, Subject = Subject, Sensor = Clip, Phase = Phase, Method = "two-element-gravity", Quality = Quality.Good,
        Calibration = Calibration,
        Lordosis = new Measured(25.123 + 10 * Math.Sin(second), 2.1),
        LordosisChange = Calibration is null ? null : new Measured(-6.277 + 10 * Math.Sin(second), 2.4),
    };

    public RollingEstimate Rolling(double second) => new()
    {
        Time = At(second), Session = Session, Subject = Subject, Sensor = Roller, Quality = Quality.Good,
        Muscle = Muscle.Hamstrings, Side = Side.Left, RollAngleDegrees = 90, Path = 0.1, Speed = 0.1, InContact = true,
        Force = new Measured(207.46, 8), BodyWeightPercent = new Measured(28.21, 1),
        Pressure = new Measured(Band switch { Band.TooLight => 12.34, Band.TooHard => 66.07, _ => 31.57 }, 12.4), PressureBand = (20, 50), Band = Band,
        Strokes = (int)(second / 3), Tempo = 3.123, ContactTime = TimeSpan.FromSeconds(0.9 * second), TimeInBand = TimeSpan.FromSeconds(0.7 * second),
    };

    public Cue Cue(double second, CueCode code, CueLevel level) => new()
    {
        Time = At(second), Session = Session, Subject = Subject, Sensor = Roller, Code = code, Level = level,
    };

    public CalibrationResult Refused(double second, string reason) => new()
    {
        Time = At(second), Session = Session, Subject = Subject, Sensor = Clip, Step = CalibrationStep.Stand, Accepted = false, Reason = reason,
    };

    public CalibrationResult Accepted(double second, CalibrationStep step) => new()
    {
        Time = At(second), Session = Session, Subject = Subject, Sensor = Clip, Step = step, Accepted = true, Reason = "",
    };

    public SessionState SessionAt(double second) => new()
    {
        Time = At(second), Session = Session, Subject = Subject, Event = State, Duration = TimeSpan.FromSeconds(second), Phase = Phase, Muscle = Muscle.Hamstrings, Side = Side.Left,
    };

    public IEnumerable<SensorHealth> Health(double second) =>
    [
        new() { Time = At(second), Sensor = Clip, Kind = SensorKind.Clip, Link = ClipLink, Battery = 61.2, Rate = 104.13, Received = 10_000, Lost = 231, Malformed = 0, ClockUncertainty = TimeSpan.FromMilliseconds(1.31), ClockDriftPpm = 12 },
        new() { Time = At(second), Sensor = Roller, Kind = SensorKind.Roller, Link = LinkState.Streaming, Battery = 9, Rate = 99.98, Received = 10_000, Lost = 0, Malformed = 0 },
    ];

    /// <summary>All that is published at this second.</summary>
    public IEnumerable<Feature> All(double second) => [SessionAt(second), .. Health(second), Posture(second), Rolling(second)];

    /// <summary>Plays from this second on at 25 Hz, until cancelled.</summary>
    public async Task PlayAsync(LiveFeed feed, double from, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(40), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                feed.Receive(All(from + TimeProvider.System.GetElapsedTime(start).TotalSeconds));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static Timestamp At(double second) => Begin + TimeSpan.FromSeconds(second);
}

internal static class Feeding
{
    private static readonly HubMessages Messages = new(WebHost.Hub);

    /// <summary>As if the broker had carried these.</summary>
    public static void Receive(this LiveFeed feed, params IEnumerable<Feature> features)
    {
        foreach (var message in features.Select(Messages.Write))
            feed.Receive(message);
    }

    public static void Receive(this LiveFeed feed, MqttApplicationMessage message, bool retained = false) =>
        feed.Receive(message.Topic, message.Payload.ToArray(), retained);

    /// <summary>The payload that the broker carries for this feature.</summary>
    public static string Json(this Feature feature) => Encoding.UTF8.GetString(Messages.Write(feature).Payload);
}

using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Timing;
using SensorHub.Web.Recordings;

namespace SensorHub.Web.Tests.Recordings;

/// <summary>Three recordings of one person: a good one, one with a gap and a clip that moved, and one that was not measured yet.</summary>
internal sealed class FakeRecordings(Slug of) : IRecordings
{
    private static readonly Timestamp Start = Timestamp.Parse("2026-01-30T09:15:00Z");
    private static readonly Slug Clip = Slug.Parse("clip-1");
    private static readonly Slug Roller = Slug.Parse("roller-1");
    private static readonly Gap Missing = new() { Time = Start + TimeSpan.FromSeconds(200), End = Start + TimeSpan.FromSeconds(212.5), Sensor = Clip, Stream = 1, Cause = GapCause.Disconnected, SamplesLost = 1250, State = GapState.Final };

    private static readonly SessionQuality Good = Quality("monday", Start - TimeSpan.FromDays(2), Sensor(Roller, SensorKind.Roller));

    private static readonly SessionQuality Poor = Quality("friday", Start,
        Sensor(Clip, SensorKind.Clip,
            new QualityReason(20, "The clip was not calibrated: only changes can be said.", "Stand upright and still for ten seconds with Calibrate standing, at the beginning of each session."),
            new QualityReason(10, "The clip moved on the skin.", "Calibrate standing again after each move; use fresh tape."),
            new QualityReason(5.6, "2.78 % of the samples are missing.", "Keep hub and sensor in one room."),
            new QualityReason(5, "1 gap of 1 s and more.", "Look at when they were.")),
        Sensor(Roller, SensorKind.Roller));

    public Task<IReadOnlyList<RecordedSession>> ListAsync(Slug subject, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RecordedSession>>(
        subject != of ? [] : [new("saturday", Start + TimeSpan.FromDays(1), null), new("friday", Poor.Start, Poor), new("monday", Good.Start, Good)]);

    public Task<RecordedQuality?> FindAsync(Slug subject, string name, CancellationToken cancellationToken)
    {
        if (name == "broken")
            throw new UserException("recordings/broken/000.shr: cannot be read: Input/output error");
        return Task.FromResult(subject == of && name == "friday" ? new RecordedQuality(Poor, Poor.Sensors.ToDictionary(s => s.Sensor, s => Series(s.Sensor == Clip))) : null);
    }

    private static SessionQuality Quality(string session, Timestamp start, params SensorQuality[] sensors) => new()
    {
        Session = Slug.Parse(session), Subject = default, Start = start, End = start + TimeSpan.FromMinutes(7.5), HasEnded = true, Sensors = sensors,
    };

    private static SensorQuality Sensor(Slug sensor, SensorKind kind, params QualityReason[] reasons)
    {
        var isClip = kind == SensorKind.Clip;
        return new SensorQuality
        {
            Sensor = sensor, Kind = kind, Serial = "X-1", Firmwares = ["1.4.2"], ClockUncertainty = TimeSpan.FromMilliseconds(2.31), Calibrations = [],
            Streams = [new StreamQuality { Stream = 1, Kind = StreamKind.Imu, Element = isClip ? ElementRole.Lower : ElementRole.Core, Received = isClip ? 43_750 : 45_000, Late = 320, Missing = isClip ? 1250 : 0, Gaps = isClip ? [Missing] : [], NominalRate = 100, EffectiveRate = 99.998, Frames = 7500, SaturatedFrames = isClip ? 3 : 0 }],
            Clocks = [new ClockFit(77, 0, Start, -18.3, 46, TimeSpan.FromMilliseconds(15), TimeSpan.FromMilliseconds(2.2), TimeSpan.FromMilliseconds(38))],
            Moves = isClip ? [Start + TimeSpan.FromSeconds(300)] : [], Battery = new BatteryRange(87, 84.5), Frames = 7500, MalformedFrames = 0, LinksLost = isClip ? 1 : 0,
            Score = (int)(100 - reasons.Sum(r => r.Points)), Reasons = reasons,
        };
    }

    private static QualitySeries Series(bool gap) => new(Start, TimeSpan.FromSeconds(4), [.. Enumerable.Range(0, 113).Select(i => new QualityBin
    {
        Received = gap && i is 50 or 51 or 52 ? 40 : 400, Missing = gap && i is 50 or 51 or 52 ? 360 : 0, SaturatedFrames = gap && i % 40 == 0 ? 1 : 0, Rate = gap && i is 51 or 52 ? 62 : 100 + 0.4 * Math.Sin(i),
        OffsetMs = 0.0183 * 4 * i, DriftPpm = i < 10 ? null : -18.3, UncertaintyMs = 2.3 / (1 + 0.1 * i) + 0.8, ResidualMs = i % 3 == 0 ? 2 * Math.Sin(1.7 * i) : null, Battery = 87 - 0.022 * i,
    })]);
}

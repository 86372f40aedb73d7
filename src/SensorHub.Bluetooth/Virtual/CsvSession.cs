using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Virtual;

/// <summary>How an IMU recording is played as a clip.</summary>
public sealed record CsvSessionOptions
{
    /// <summary>The IMU that stands for the lower element; null with <see cref="Upper"/> null = the only one in the file.</summary>
    public string? Lower { get; init; }

    /// <summary>The IMU that stands for the upper element; null = none.</summary>
    public string? Upper { get; init; }

    /// <summary>Where the person stands upright and still, in the file's seconds; null = nowhere, and no calibration.</summary>
    public (double From, double To)? Stand { get; init; }

    /// <summary>Hub time that second 0 of the file stands for.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Seconds of the file per real second; infinity = as fast as it goes.</summary>
    public double Speed { get; init; } = double.PositiveInfinity;

    public Slug Session { get; init; } = Slug.Parse("replayed");

    /// <summary>A pseudonym.</summary>
    public Slug Subject { get; init; } = Slug.Parse("recorded-person");

    public double? BodyMassKg { get; init; }

    /// <summary>The real clock that paces a finite speed.</summary>
    public TimeProvider Pacing { get; init; } = TimeProvider.System;
}

/// <summary>
/// An IMU recording, measured again by a virtual clip: its rows become samples with its descriptor's quantisation, in real
/// frames over a radio that loses nothing. Missing rows become missing samples.
/// </summary>
public sealed class CsvSession : VirtualSession
{
    /// <summary>A pause in a recording is no fault of the link.</summary>
    private static readonly LinkOptions Link = new() { Silence = TimeSpan.FromDays(365) };

    /// <summary>The link is made before the first row, s.</summary>
    private const double Lead = 2;

    private CsvSession(CsvSessionOptions options, RecordedGrid grid, VirtualSensor clip)
        : base(
            new VirtualTime(options.Start.AddSeconds(grid.First - Lead), options.Speed, options.Pacing),
            RadioOptions.Perfect, seed: 0, Link, [clip], Script(options, grid))
    {
    }

    /// <summary>Reads the file, whole.</summary>
    /// <exception cref="UserException">The file cannot be used; the message says what, where and how to mend it.</exception>
    public static CsvSession Open(string path, CsvSessionOptions options)
    {
        string?[] names = [options.Lower, options.Upper];
        var csv = ImuCsv.Read(path, [.. names.OfType<string>()]);
        var grid = new RecordedGrid(csv);
        if (!IsTime(options.Start, grid.First - Lead) || !IsTime(options.Start, grid.Last + Lead))
            throw new UserException(FormattableString.Invariant(
                $"{Path.GetFileName(path)}: from {options.Start:yyyy-MM-dd} on, its times {grid.First} to {grid.Last} s are beyond the years 1678 to 2261. Is t_s in seconds?"));
        if (options.Lower is not null && options.Lower == options.Upper)
            throw new UserException($"{Path.GetFileName(path)}: '{options.Lower}' cannot be both the lower and the upper element.");
        if (options.Stand is var (from, to) && !(from >= grid.First && to <= grid.Last && from < to))
            throw new UserException(FormattableString.Invariant(
                $"{Path.GetFileName(path)}: the stand from {from} to {to} s is not within the recording, {grid.First} to {grid.Last:0.###} s."));
        ElementRole[] roles = options.Lower is null && options.Upper is not null ? [ElementRole.Upper] : [ElementRole.Lower, ElementRole.Upper];
        return new CsvSession(options, grid, CreateClip(csv, grid, roles));
    }

    /// <summary>Whether it is safely in the range of <see cref="Timestamp"/>.</summary>
    private static bool IsTime(DateTimeOffset start, double seconds) =>
        start.Year + seconds / TimeSpan.FromDays(365).TotalSeconds is > 1679 and < 2261;

    /// <summary>A clip whose ticks fall on the rows.</summary>
    private static VirtualSensor CreateClip(ImuCsv csv, RecordedGrid grid, ElementRole[] roles)
    {
        var period = (uint)Math.Max(1, Math.Round(grid.Period * SensorModels.TickRate));
        var driftPpm = (period / (grid.Period * SensorModels.TickRate) - 1) * 1e6;
        var boot = Lead - Math.Ceiling((Lead + 1) / grid.Period) * grid.Period;
        var imus = csv.Imus.Select((imu, i) => (Imu: imu, Id: (byte)(i + 1), Role: roles[i])).ToArray();
        var descriptor = new SensorDescriptor(
            FrameCodec.Major, FrameCodec.Minor, SensorKind.Clip, "CSV-REPLAY", SensorModels.Firmware, SensorModels.TickRate,
            [.. imus.Select(i => new ElementDescriptor(i.Id, i.Role))],
            [.. imus.Select(i => SensorModels.Imu(i.Id, i.Id, RangeG(i.Imu), RangeDps(i.Imu), [period]))],
            [], null);
        var sources = imus.ToDictionary(
            i => i.Id,
            i => (IStreamSource)new ImuStream(new RecordedImu(i.Imu, grid, Lead - grid.First), ImuErrors.None, new Random(0)));
        return new VirtualSensor(descriptor, new DeviceClock(boot, SensorModels.TickRate, driftPpm), sources, new Random(0));
    }

    /// <summary>±8 g, or the next doubling that holds all rows.</summary>
    private static double RangeG(ImuRecording imu) => Range(8, Largest(imu.SpecificForce) / Virtual.Person.ImuReading.Gravity);

    /// <summary>±2000 dps, or the next doubling that holds all rows.</summary>
    private static double RangeDps(ImuRecording imu) => Range(2000, double.RadiansToDegrees(Largest(imu.AngularRate)));

    private static double Range(double range, double largest)
    {
        while (range * 32767 / 32768 < largest)
            range *= 2;
        return range;
    }

    private static double Largest(IReadOnlyList<Vector3D> vectors) =>
        vectors.Max(v => Math.Max(Math.Abs(v.X), Math.Max(Math.Abs(v.Y), Math.Abs(v.Z))));

    private static List<ScriptLine> Script(CsvSessionOptions options, RecordedGrid grid)
    {
        var script = new List<ScriptLine> { new(Lead, new Marker.SessionBegan(options.Session, options.Subject, options.BodyMassKg)) };
        if (options.Stand is var (from, to))
            script.Add(new(Lead - grid.First + from, new Marker.StandCalibration(TimeSpan.FromSeconds(to - from))));
        script.Add(new(Lead - grid.First + grid.Last, new Marker.SessionEnded(options.Session)));
        return script;
    }
}

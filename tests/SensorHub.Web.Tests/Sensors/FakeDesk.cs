using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;
using SensorHub.Web.Sensors;

namespace SensorHub.Web.Tests.Sensors;

/// <summary>A desk whose state the test sets, and which writes down what was asked of it.</summary>
internal sealed class FakeDesk : ISensorDesk
{
    public static readonly Slug Roller = Slug.Parse("roller-sh000123");
    public static readonly Slug Clip = Slug.Parse("clip-sh-c-000042");
    private static readonly Timestamp Now = Timestamp.Parse("2026-03-01T10:00:00Z");

    private readonly Lock _gate = new();
    private readonly List<string> _asked = [];
    private DeskState _state = new() { Time = Now, Subject = Slug.Parse("me") };

    public event Action? Changed;

    /// <summary>The next operation fails with this line.</summary>
    public string? Refusal { get; set; }

    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_gate)
                return [.. _asked];
        }
    }

    public DeskState State
    {
        get => Volatile.Read(ref _state);
        set
        {
            Volatile.Write(ref _state, value with { Time = value.Time + TimeSpan.FromSeconds(1) });
            Changed?.Invoke();
        }
    }

    public static DeskSensor RollerNow { get; } = new()
    {
        Sensor = Roller,
        Name = "Blue roller",
        Kind = SensorKind.Roller,
        Link = LinkState.Streaming,
        Since = Now - TimeSpan.FromMinutes(12),
        Rssi = -58,
        Battery = 82.5,
        Firmware = "1.0.0",
        ClockUncertainty = TimeSpan.FromMilliseconds(1.7),
        ClockDriftPpm = -12.4,
        Gaps = 2,
        Lost = 21,
        Received = 84_000,
        Streams = [new(StreamKind.Imu, ElementRole.Core, 100, 99.8), new(StreamKind.Load, null, 50, 50.1), new(StreamKind.Battery, null, 0.1, 0.1), new(StreamKind.Events, null, null, 0)],
        Load = new DeskLoad
        {
            Arrangement = LoadArrangement.Direct,
            Calibrations = [.. Enumerable.Range(0, 4).Select(cell => new LoadCalibration((byte)cell, 0.00125f, -8400 + 300 * cell, -0.0002f, 25))],
            Cells = [21, 25, 24, 20],
            Force = 90,
        },
    };

    public static DeskSensor ClipNow { get; } = new()
    {
        Sensor = Clip,
        Name = "Clip 0042",
        Kind = SensorKind.Clip,
        Subject = Slug.Parse("me"),
        Link = LinkState.Lost,
        Since = Now - TimeSpan.FromSeconds(40),
        Trouble = "It was not heard for 40 s. Bring it closer, or charge it.",
        Rssi = -88,
        Battery = 9,
        Firmware = "1.0.0",
        Streams = [new(StreamKind.Imu, ElementRole.Lower, 100, 0), new(StreamKind.Imu, ElementRole.Upper, 100, 0)],
    };

    public static DeskNearby ClipNearby { get; } = new("n1", "SH Clip 0077", -66, Now);

    /// <summary>Both sensors, one more nearby.</summary>
    public static DeskState Busy => new() { Time = Now, Subject = Slug.Parse("me"), Scanning = true, Sensors = [RollerNow, ClipNow], Nearby = [ClipNearby, new("n2", "SH Roller 0009", -81, Now - TimeSpan.FromSeconds(8))] };

    public void With(DeskSensor sensor) => State = State with { Sensors = [.. State.Sensors.Where(s => s.Sensor != sensor.Sensor), sensor] };

    public void Scan(bool on) => Note($"scan {on}", () => State = State with { Scanning = on });

    public Task LookAsync(string handle, CancellationToken cancellationToken) => NoteAsync($"look {handle}", () => State = State with
    {
        Nearby = [.. State.Nearby.Select(n => n.Handle == handle ? n with { Sensor = Slug.Parse("clip-sh-c-000077"), Battery = 64, Firmware = "1.0.0" } : n)],
    });

    public async Task<Slug> AddAsync(string handle, CancellationToken cancellationToken)
    {
        var added = Slug.Parse("clip-sh-c-000077");
        await NoteAsync($"add {handle}", () => State = State with
        {
            Nearby = [.. State.Nearby.Where(n => n.Handle != handle)],
            Sensors = [.. State.Sensors, new DeskSensor { Sensor = added, Name = "Clip 0077", Kind = SensorKind.Clip, Link = LinkState.Connecting, Since = State.Time }],
        });
        return added;
    }

    public void Rename(Slug sensor, string name) => Note($"rename {sensor} {name}", () => With(Of(sensor) with { Name = name }));

    public void Assign(Slug sensor, Slug subject) => Note($"assign {sensor} {subject}", () => With(Of(sensor) with { Subject = subject }));

    public Task IdentifyAsync(Slug sensor, CancellationToken cancellationToken) => NoteAsync($"identify {sensor}", () => { });

    public Task ZeroLoadAsync(Slug sensor, CancellationToken cancellationToken) =>
        NoteAsync($"zero {sensor}", () => With(Of(sensor) with { Load = Of(sensor).Load! with { Zeroed = 3.2, Cells = [0, 0, 0, 0], Force = 0 } }));

    public Task WeighAsync(Slug sensor, double kilograms, int? cell, CancellationToken cancellationToken) => NoteAsync($"weigh {sensor} {kilograms} {cell}", () =>
    {
        var load = Of(sensor).Load!;
        var placement = new LoadPlacement(kilograms, cell, [21, 25, 24, 20], 0.3);
        var calibration = new LoadCellCalibration(load.Arrangement);
        foreach (var p in (LoadPlacement[])[.. load.Placements, placement])
            calibration.Add(p);
        With(Of(sensor) with
        {
            Load = load.Before.Count > 0 && load.Placements.Count == 0
                ? load with { Check = new LoadCheck(kilograms, 99, true) }
                : load with { Placements = calibration.Placements, Result = calibration.Result },
        });
    });

    public Task KeepGainsAsync(Slug sensor, CancellationToken cancellationToken) => NoteAsync($"keep {sensor}", () =>
    {
        var load = Of(sensor).Load!;
        With(Of(sensor) with
        {
            Load = load with
            {
                Before = load.Calibrations,
                Calibrations = [.. load.Calibrations.Zip(load.Result!.Factors, (c, f) => c with { Gain = (float)(c.Gain * f) })],
                Placements = [],
                Result = null,
            },
        });
    });

    public void DropPlacements(Slug sensor) => Note($"drop {sensor}", () => With(Of(sensor) with { Load = Of(sensor).Load! with { Placements = [], Result = null } }));

    public Task ForgetAsync(Slug sensor, CancellationToken cancellationToken) =>
        NoteAsync($"forget {sensor}", () => State = State with { Sensors = [.. State.Sensors.Where(s => s.Sensor != sensor)] });

    public void AnswerPairing(string prompt, bool accept) => Note($"pairing {prompt} {accept}", () => State = State with { Pairing = null });

    private DeskSensor Of(Slug sensor) => State.Sensors.First(s => s.Sensor == sensor);

    private Task NoteAsync(string what, Action effect)
    {
        Note(what, effect);
        return Task.CompletedTask;
    }

    private void Note(string what, Action effect)
    {
        lock (_gate)
            _asked.Add(FormattableString.Invariant($"{what}").TrimEnd());
        if (Refusal is { } refusal)
            throw new UserException(refusal);
        effect();
    }
}

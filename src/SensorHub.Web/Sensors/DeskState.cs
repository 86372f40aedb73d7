using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Timing;

namespace SensorHub.Web.Sensors;

/// <summary>All that the sensor pages show.</summary>
public sealed record DeskState
{
    /// <summary>The hub's time of it.</summary>
    public required Timestamp Time { get; init; }

    /// <summary>Whose sensors stream now: the hub's present person.</summary>
    public required Slug Subject { get; init; }

    /// <summary>Why the radio cannot be used, with the remedy; null while it can.</summary>
    public string? RadioTrouble { get; init; }

    /// <summary>Sensors that are not known yet are listened for.</summary>
    public bool Scanning { get; init; }

    /// <summary>The hub's own.</summary>
    public IReadOnlyList<DeskSensor> Sensors { get; init; } = [];

    /// <summary>Heard, and not known.</summary>
    public IReadOnlyList<DeskNearby> Nearby { get; init; } = [];

    /// <summary>A pairing waits for a person; null while none does.</summary>
    public PairingPrompt? Pairing { get; init; }
}

/// <summary>A sensor of the hub.</summary>
public sealed record DeskSensor
{
    public required Slug Sensor { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    public required SensorKind Kind { get; init; }

    /// <summary>Whose it is; none = whoever uses the hub.</summary>
    public Slug Subject { get; init; }

    public LinkState Link { get; init; } = LinkState.Searching;

    /// <summary>Since when <see cref="Link"/>; null = not known.</summary>
    public Timestamp? Since { get; init; }

    /// <summary>What is wrong and what to do; null when nothing is.</summary>
    public string? Trouble { get; init; }

    /// <summary>dBm, when it was last heard; null = never, or the radio does not say.</summary>
    public int? Rssi { get; init; }

    /// <summary>%.</summary>
    public double? Battery { get; init; }

    public string? Firmware { get; init; }

    /// <summary>Standard uncertainty of its time; null before the clock is known.</summary>
    public TimeSpan? ClockUncertainty { get; init; }

    /// <summary>Parts per million.</summary>
    public double? ClockDriftPpm { get; init; }

    /// <summary>Gaps in its streams since the hub began.</summary>
    public long Gaps { get; init; }

    /// <summary>Samples lost, of this session.</summary>
    public long Lost { get; init; }

    /// <summary>Samples received, of this session.</summary>
    public long Received { get; init; }

    public IReadOnlyList<DeskStream> Streams { get; init; } = [];

    /// <summary>Null for a sensor without load cells, or one that has not said yet what it is.</summary>
    public DeskLoad? Load { get; init; }
}

/// <param name="Role">Where the IMU of it sits; null of the other kinds.</param>
/// <param name="NominalRate">Samples per second, as asked for; null of events.</param>
/// <param name="Rate">Samples per second, as they came in the last five seconds.</param>
public sealed record DeskStream(StreamKind Kind, ElementRole? Role, double? NominalRate, double Rate);

/// <summary>The load cells of a roller, and how far their calibration is.</summary>
public sealed record DeskLoad
{
    public required LoadArrangement Arrangement { get; init; }

    /// <summary>What each cell has now.</summary>
    public required IReadOnlyList<LoadCalibration> Calibrations { get; init; }

    /// <summary>Force of each cell now, N; empty while nothing comes.</summary>
    public IReadOnlyList<double> Cells { get; init; } = [];

    /// <summary>Force on the roller now, N, by its arrangement; null while nothing comes.</summary>
    public double? Force { get; init; }

    /// <summary>Force on the roller, N, that the last zero took away; null before one was taken.</summary>
    public double? Zeroed { get; init; }

    /// <summary>A weighing runs.</summary>
    public bool Weighing { get; init; }

    public IReadOnlyList<LoadPlacement> Placements { get; init; } = [];

    /// <summary>What the placements lead to; null without any.</summary>
    public LoadCalibrationResult? Result { get; init; }

    /// <summary>The gains before those that were kept; empty until some were.</summary>
    public IReadOnlyList<LoadCalibration> Before { get; init; } = [];

    /// <summary>The last weighing after new gains were kept; null before.</summary>
    public LoadCheck? Check { get; init; }
}

/// <param name="Kilograms">The known weight.</param>
/// <param name="Force">N, as the roller measured it.</param>
/// <param name="Agrees">Within twice its uncertainty.</param>
public sealed record LoadCheck(double Kilograms, double Force, bool Agrees);

/// <summary>A sensor that was heard and is not known yet.</summary>
/// <param name="Handle">Names it for operations, and says nothing about it: never its address.</param>
/// <param name="Name">As it advertises itself.</param>
/// <param name="Rssi">dBm.</param>
/// <param name="LastHeard">When.</param>
public sealed record DeskNearby(string Handle, string Name, int? Rssi, Timestamp LastHeard)
{
    /// <summary>A look at it, or adding it, runs.</summary>
    public bool Busy { get; init; }

    /// <summary>Who it is; none until it was looked at.</summary>
    public Slug Sensor { get; init; }

    /// <summary>%; null until it was looked at.</summary>
    public double? Battery { get; init; }

    /// <summary>Null until it was looked at.</summary>
    public string? Firmware { get; init; }
}

/// <summary>A pairing waits until a person has compared or typed in a number.</summary>
/// <param name="Id">Names it for the answer.</param>
/// <param name="Name">The sensor's.</param>
/// <param name="Passkey">Six digits; null = nothing to compare, only to allow.</param>
/// <param name="NeedsAnswer">The person says whether the numbers are the same; false = the number is typed in at the sensor.</param>
public sealed record PairingPrompt(string Id, string Name, string? Passkey, bool NeedsAnswer);

using System.Text.Json.Serialization;

namespace SensorHub.Mqtt.Contract;

/// <summary>
/// What every JSON payload has. Names carry their unit; <c>null</c> fields are left out; a time is RFC 3339 in UTC with
/// nine decimals; a reader ignores what it does not know.
/// </summary>
public abstract record Payload
{
    /// <summary>Name and version of the payload's schema: <c>posture/1</c>.</summary>
    [JsonPropertyOrder(-5)]
    public required string Schema { get; init; }

    /// <summary>Event time.</summary>
    [JsonPropertyOrder(-4)]
    public required string Time { get; init; }

    [JsonPropertyOrder(-3)]
    public string? Session { get; init; }

    /// <summary><c>live</c>, <c>historical</c>, <c>final</c> or <c>superseded</c>.</summary>
    [JsonPropertyOrder(-2)]
    public string Finality { get; init; } = "live";
}

/// <summary>The hub's birth and death.</summary>
public sealed record HubStatus : Payload
{
    public required bool Online { get; init; }
    public string? Version { get; init; }

    /// <summary>Why the radio cannot be used and what to do, one line for a person; absent when it can.</summary>
    public string? RadioTrouble { get; init; }
}

public sealed record SensorStatus : Payload
{
    public required string Sensor { get; init; }
    public required string Kind { get; init; }
    public required string Link { get; init; }

    /// <summary>What is wrong and what to do, one line for a person; absent when nothing is.</summary>
    public string? Trouble { get; init; }

    public double? BatteryPct { get; init; }
    public required double RateHz { get; init; }
    public required long Received { get; init; }
    public required long Lost { get; init; }
    public required double LossPct { get; init; }
    public required long Malformed { get; init; }
    public double? ClockUMs { get; init; }
    public double? ClockDriftPpm { get; init; }

    /// <summary>Of the boot that counts <see cref="ClockTicks"/>.</summary>
    public long? ClockBootId { get; init; }

    /// <summary>Device ticks at <see cref="ClockTime"/>.</summary>
    public long? ClockTicks { get; init; }
    public string? ClockTime { get; init; }

    /// <summary>Device ticks per second of hub time.</summary>
    public double? ClockRateHz { get; init; }
}

/// <summary>Where the hub's time axis lies, and what its computer knows of UTC: for laying its data beside another system's.</summary>
public sealed record HubClockPayload : Payload
{
    /// <summary>The computer's clock at <see cref="Payload.Time"/>.</summary>
    public required string SystemTime { get; init; }

    /// <summary>The hub's time axis less the computer's clock.</summary>
    public required double OffsetMs { get; init; }

    /// <summary><c>synchronised</c>, <c>unsynchronised</c> or <c>unknown</c>: whether the computer's clock follows UTC.</summary>
    public required string Utc { get; init; }

    /// <summary>What the system estimates of its clock's error; absent where it does not say.</summary>
    public double? UtcEstimatedErrorMs { get; init; }

    /// <summary>What it can be off at most, by the system's own account.</summary>
    public double? UtcMaximumErrorMs { get; init; }
}

public sealed record PosturePayload : Payload
{
    public required string Sensor { get; init; }
    public required string Phase { get; init; }
    public required string Method { get; init; }
    public required string Quality { get; init; }
    public string? Calibration { get; init; }
    public double? PelvicInclinationDeg { get; init; }
    public double? PelvicInclinationUDeg { get; init; }
    public double? UpperInclinationDeg { get; init; }
    public double? UpperInclinationUDeg { get; init; }
    public double? LordosisDeg { get; init; }
    public double? LordosisUDeg { get; init; }
    public double? LordosisChangeDeg { get; init; }
    public double? LordosisChangeUDeg { get; init; }
    public double? PelvicRotationDeg { get; init; }
    public double? PelvicRotationUDeg { get; init; }
    public double? TrunkRotationDeg { get; init; }
    public double? TrunkRotationUDeg { get; init; }
}

public sealed record RollingPayload : Payload
{
    public required string Sensor { get; init; }
    public required string Muscle { get; init; }
    public required string Side { get; init; }
    public required string Quality { get; init; }
    public required double RollAngleDeg { get; init; }
    public required double PathM { get; init; }
    public required double SpeedMps { get; init; }
    public required bool Contact { get; init; }
    public double? ForceN { get; init; }
    [JsonPropertyName("force_u_n")]
    public double? ForceUN { get; init; }
    public double? BodyWeightPct { get; init; }
    public double? BodyWeightUPct { get; init; }
    public double? PressureKpa { get; init; }
    public double? PressureUKpa { get; init; }
    public double? BandLowKpa { get; init; }
    public double? BandHighKpa { get; init; }
    public required string Band { get; init; }
    public required int Strokes { get; init; }
    public double? TempoS { get; init; }
    public required double ContactS { get; init; }
    public required double InBandS { get; init; }
    public string? Source { get; init; }
    public double? BandLowPct { get; init; }
    public double? BandHighPct { get; init; }
    public double? SetContactS { get; init; }
    [JsonPropertyName("set_impulse_n_s")]
    public double? SetImpulseNS { get; init; }
    public double? StillS { get; init; }
    public double? ZeroShiftN { get; init; }
    public string? Doubts { get; init; }
}

/// <summary>Things that happen at once. <c>type</c> says which.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StrokeEvent), "stroke")]
[JsonDerivedType(typeof(DwellEvent), "dwell")]
[JsonDerivedType(typeof(SetEvent), "set")]
[JsonDerivedType(typeof(DoseEvent), "dose")]
[JsonDerivedType(typeof(BendEvent), "bend")]
[JsonDerivedType(typeof(CalibrationEvent), "calibration")]
[JsonDerivedType(typeof(PostureTotalsEvent), "posture_totals")]
[JsonDerivedType(typeof(WearEvent), "wear")]
[JsonDerivedType(typeof(ProtocolEvent), "protocol")]
[JsonDerivedType(typeof(GapEvent), "gap")]
[JsonDerivedType(typeof(DeviceEventPayload), "device")]
[JsonDerivedType(typeof(SyncEvent), "sync_check")]
public abstract record EventPayload : Payload
{
    [JsonPropertyOrder(-1)]
    public required string Sensor { get; init; }
}

public sealed record StrokeEvent : EventPayload
{
    public required string Muscle { get; init; }
    public required string Side { get; init; }
    public required int Number { get; init; }
    public required double DurationS { get; init; }
    public required double LengthM { get; init; }
    [JsonPropertyName("length_u_m")]
    public required double LengthUM { get; init; }
    public required int Direction { get; init; }
    public double? MeanForceN { get; init; }
    [JsonPropertyName("mean_force_u_n")]
    public double? MeanForceUN { get; init; }
    public double? PeakForceN { get; init; }
    [JsonPropertyName("impulse_n_s")]
    public double? ImpulseNS { get; init; }
    public double? SlipPct { get; init; }
    public string? Source { get; init; }
    public string? Quality { get; init; }
    public string? Doubts { get; init; }
}

/// <summary>The roller held still on one place.</summary>
public sealed record DwellEvent : EventPayload
{
    public required string Muscle { get; init; }
    public required string Side { get; init; }
    public required double DurationS { get; init; }
    public required double PlaceM { get; init; }
    public double? MeanForceN { get; init; }
    [JsonPropertyName("mean_force_u_n")]
    public double? MeanForceUN { get; init; }
    public string? Source { get; init; }
}

/// <summary>One set of rolling.</summary>
public sealed record SetEvent : EventPayload
{
    public required string Muscle { get; init; }
    public required string Side { get; init; }
    public required int Number { get; init; }
    public required string Start { get; init; }
    public required double ContactS { get; init; }
    public required double InBandS { get; init; }
    public required int Strokes { get; init; }
    public double? TempoS { get; init; }
    public double? LengthM { get; init; }
    [JsonPropertyName("length_u_m")]
    public double? LengthUM { get; init; }
    public double? MeanForceN { get; init; }
    [JsonPropertyName("mean_force_u_n")]
    public double? MeanForceUN { get; init; }
    public double? PeakForceN { get; init; }
    [JsonPropertyName("peak_force_u_n")]
    public double? PeakForceUN { get; init; }
    public double? BodyWeightPct { get; init; }
    public double? BodyWeightUPct { get; init; }
    [JsonPropertyName("impulse_n_s")]
    public double? ImpulseNS { get; init; }
    [JsonPropertyName("impulse_u_n_s")]
    public double? ImpulseUNS { get; init; }
    public required int Dwells { get; init; }
    public required double LongestDwellS { get; init; }
    public double? SlipPct { get; init; }
    public required string Source { get; init; }
    public required string Quality { get; init; }
    public string? Doubts { get; init; }
}

/// <summary>What has been done of the planned dose of a muscle and side.</summary>
public sealed record DoseEvent : EventPayload
{
    public required string Muscle { get; init; }
    public required string Side { get; init; }
    public string? Plan { get; init; }
    public required int PlannedSets { get; init; }
    public required double PlannedS { get; init; }
    public required int Sets { get; init; }
    public required double DoneS { get; init; }
    public required double InBandS { get; init; }
    public required double RemainingS { get; init; }
}

/// <summary>One forward bend: its lumbopelvic rhythm.</summary>
public sealed record BendEvent : EventPayload
{
    public required int Number { get; init; }
    public required string End { get; init; }
    public required double DownS { get; init; }
    public required double HoldS { get; init; }
    public required double UpS { get; init; }
    public required int Dips { get; init; }
    public double? TrunkDeg { get; init; }
    public double? TrunkUDeg { get; init; }
    public double? PelvisDeg { get; init; }
    public double? PelvisUDeg { get; init; }
    public double? LumbarDeg { get; init; }
    public double? LumbarUDeg { get; init; }
    [JsonPropertyName("share_30")]
    public double? Share30 { get; init; }
    [JsonPropertyName("share_30_u")]
    public double? Share30U { get; init; }
    [JsonPropertyName("share_60")]
    public double? Share60 { get; init; }
    [JsonPropertyName("share_60_u")]
    public double? Share60U { get; init; }
    [JsonPropertyName("share_90")]
    public double? Share90 { get; init; }
    [JsonPropertyName("share_90_u")]
    public double? Share90U { get; init; }
    public double? ShareMax { get; init; }
    public double? ShareMaxU { get; init; }
    public double? ShareDownEarly { get; init; }
    public double? ShareDownMiddle { get; init; }
    public double? ShareDownLate { get; init; }
    public double? ShareUpEarly { get; init; }
    public double? ShareUpMiddle { get; init; }
    public double? ShareUpLate { get; init; }
    public double? LumbarPct { get; init; }
    public double? LumbarUPct { get; init; }
    public string? Pattern { get; init; }
    public required string Quality { get; init; }
    public string? Calibration { get; init; }
}

/// <summary>What came of a calibration of the clip.</summary>
public sealed record CalibrationEvent : EventPayload
{
    public required string Step { get; init; }
    public required bool Accepted { get; init; }
    public required string Reason { get; init; }
    public string? Calibration { get; init; }
    public string? Attachment { get; init; }
    public string? Method { get; init; }
    public bool? LooksSwapped { get; init; }
    public string? LowerMounting { get; init; }
    public double? LowerStandingDeg { get; init; }
    public double? LowerStandingUDeg { get; init; }
    public double? LowerAxisExplained { get; init; }
    public string? UpperMounting { get; init; }
    public double? UpperStandingDeg { get; init; }
    public double? UpperStandingUDeg { get; init; }
    public double? UpperAxisExplained { get; init; }
}

/// <summary>A minute of posture.</summary>
public sealed record PostureTotalsEvent : EventPayload
{
    public required double StandingS { get; init; }
    public required double SittingS { get; init; }
    public required double LyingS { get; init; }
    public required double WalkingS { get; init; }
    public required double RollingS { get; init; }
    public required double BendingS { get; init; }
    public required double UnknownS { get; init; }
    public required double NotWornS { get; init; }
    public required double SlouchedS { get; init; }
    public required double LongestSlouchS { get; init; }
    public required int Reminders { get; init; }
    public required int Corrections { get; init; }
    public required double TimeToCorrectS { get; init; }
    public required double SittingWithoutBreakS { get; init; }
    public required int Breaks { get; init; }
}

/// <summary>Whether the clip is worn, at each change.</summary>
public sealed record WearEvent : EventPayload
{
    public required string Wear { get; init; }
}

/// <summary>Where the person is in the protocol before and after rolling.</summary>
public sealed record ProtocolEvent : EventPayload
{
    public required string Run { get; init; }
    public required string Step { get; init; }
    public required string Side { get; init; }
    public required int Number { get; init; }
    public required int Of { get; init; }
    public double? LeftS { get; init; }
    public required string Result { get; init; }
    public string? Trouble { get; init; }
    public required string Instruction { get; init; }
    public string? Advice { get; init; }
}

public sealed record GapEvent : EventPayload
{
    public required int Stream { get; init; }
    public required string Cause { get; init; }

    /// <summary><c>open</c>, <c>recovered</c> or <c>final</c>.</summary>
    public string? State { get; init; }

    public required double DurationS { get; init; }
    public long? SamplesLost { get; init; }

    /// <summary>When the next sample came.</summary>
    public string? End { get; init; }
}

public sealed record DeviceEventPayload : EventPayload
{
    public required string Code { get; init; }
    public required long Argument { get; init; }
}

/// <summary>What knocking two sensors together showed of their clocks.</summary>
public sealed record SyncEvent : EventPayload
{
    public string? OtherSensor { get; init; }

    /// <summary><c>in_step</c>, <c>apart</c> or <c>too_few_knocks</c>.</summary>
    public required string Verdict { get; init; }

    public required int Knocks { get; init; }
    public double? DifferenceMs { get; init; }
    [JsonPropertyName("difference_u_ms")]
    public double? DifferenceUMs { get; init; }

    /// <summary>For the person, in English.</summary>
    public required string Advice { get; init; }
}

/// <summary>Something to say to the person now.</summary>
public sealed record CuePayload : Payload
{
    public required string Sensor { get; init; }
    public required string Code { get; init; }
    public required string Level { get; init; }
    public double? Value { get; init; }
    public double? Limit { get; init; }
    public string? Unit { get; init; }

    /// <summary>Of a message: text, whatever it looks like.</summary>
    public string? Text { get; init; }
    public string? SaidBy { get; init; }
}

public sealed record SessionPayload : Payload
{
    public required string Event { get; init; }
    public required double DurationS { get; init; }
    public required string Phase { get; init; }
    public required string Muscle { get; init; }
    public required string Side { get; init; }
    public double? PainNrs { get; init; }
    public double? PainStartNrs { get; init; }
    public string? Study { get; init; }
    public string? Visit { get; init; }
    public string? Task { get; init; }
    public int? Run { get; init; }
    public string? Label { get; init; }
    public double? Value { get; init; }
}

/// <summary>Source-generated serialization: snake_case, nulls left out, only finite numbers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(FiniteNumberConverter)])]
[JsonSerializable(typeof(HubStatus))]
[JsonSerializable(typeof(HubClockPayload))]
[JsonSerializable(typeof(SensorStatus))]
[JsonSerializable(typeof(PosturePayload))]
[JsonSerializable(typeof(RollingPayload))]
[JsonSerializable(typeof(EventPayload))]
[JsonSerializable(typeof(CuePayload))]
[JsonSerializable(typeof(SessionPayload))]
[JsonSerializable(typeof(CommandPayload))]
[JsonSerializable(typeof(StoredPayload))]
public sealed partial class PayloadJson : JsonSerializerContext;

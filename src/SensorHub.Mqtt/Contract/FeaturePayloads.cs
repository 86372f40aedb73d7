using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Timing;

namespace SensorHub.Mqtt.Contract;

/// <summary>Features as payloads, rounded, and payloads as bytes.</summary>
public static class FeaturePayloads
{
    /// <exception cref="ArgumentException">A feature that the contract has no payload for.</exception>
    public static Payload From(Feature feature) => feature switch
    {
        PostureEstimate f => From(f),
        RollingEstimate f => From(f),
        Stroke f => From(f),
        Dwell f => From(f),
        RollingSet f => From(f),
        RollingDose f => From(f),
        BendRepetition f => From(f),
        CalibrationResult f => From(f),
        PostureTotals f => From(f),
        WearState f => From(f),
        ProtocolState f => From(f),
        Gap f => From(f),
        DeviceEvent f => From(f),
        SyncChecked f => From(f),
        SessionState f => From(f),
        Cue f => From(f),
        SensorHealth f => From(f),
        _ => throw new ArgumentException($"The MQTT contract has no payload for a {feature.GetType().Name}.", nameof(feature)),
    };

    /// <summary>The JSON text of a payload in UTF-8.</summary>
    /// <exception cref="ArgumentException">A required number is not finite.</exception>
    public static byte[] Serialize(Payload payload) => payload switch
    {
        PosturePayload p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.PosturePayload),
        RollingPayload p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.RollingPayload),
        EventPayload p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.EventPayload),
        CuePayload p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.CuePayload),
        SessionPayload p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.SessionPayload),
        SensorStatus p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.SensorStatus),
        HubStatus p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.HubStatus),
        HubClockPayload p => JsonSerializer.SerializeToUtf8Bytes(p, PayloadJson.Default.HubClockPayload),
        _ => throw new ArgumentException($"{payload.GetType().Name} is not of the contract.", nameof(payload)),
    };

    private static PosturePayload From(PostureEstimate f) => new()
    {
        Schema = Schemas.Posture,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Phase = EnumNames.Of(f.Phase),
        Method = f.Method,
        Quality = EnumNames.Of(f.Quality),
        Calibration = f.Calibration,
        PelvicInclinationDeg = Rounding.Value(f.PelvicInclination, Rounding.Degrees),
        PelvicInclinationUDeg = Rounding.Uncertainty(f.PelvicInclination, Rounding.Degrees),
        UpperInclinationDeg = Rounding.Value(f.UpperInclination, Rounding.Degrees),
        UpperInclinationUDeg = Rounding.Uncertainty(f.UpperInclination, Rounding.Degrees),
        LordosisDeg = Rounding.Value(f.Lordosis, Rounding.Degrees),
        LordosisUDeg = Rounding.Uncertainty(f.Lordosis, Rounding.Degrees),
        LordosisChangeDeg = Rounding.Value(f.LordosisChange, Rounding.Degrees),
        LordosisChangeUDeg = Rounding.Uncertainty(f.LordosisChange, Rounding.Degrees),
        PelvicRotationDeg = Rounding.Value(f.PelvicRotation, Rounding.Degrees),
        PelvicRotationUDeg = Rounding.Uncertainty(f.PelvicRotation, Rounding.Degrees),
        TrunkRotationDeg = Rounding.Value(f.TrunkRotation, Rounding.Degrees),
        TrunkRotationUDeg = Rounding.Uncertainty(f.TrunkRotation, Rounding.Degrees),
    };

    private static RollingPayload From(RollingEstimate f) => new()
    {
        Schema = Schemas.Rolling,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Muscle = EnumNames.Of(f.Muscle),
        Side = EnumNames.Of(f.Side),
        Quality = EnumNames.Of(f.Quality),
        RollAngleDeg = Rounding.Degrees(f.RollAngleDegrees),
        PathM = Rounding.Metres(f.Path),
        SpeedMps = Rounding.Metres(f.Speed),
        Contact = f.InContact,
        ForceN = Rounding.Value(f.Force, Rounding.Hundredths),
        ForceUN = Rounding.Uncertainty(f.Force, Rounding.Hundredths),
        BodyWeightPct = Rounding.Value(f.BodyWeightPercent, Rounding.Hundredths),
        BodyWeightUPct = Rounding.Uncertainty(f.BodyWeightPercent, Rounding.Hundredths),
        PressureKpa = Rounding.Value(f.Pressure, Rounding.Hundredths),
        PressureUKpa = Rounding.Uncertainty(f.Pressure, Rounding.Hundredths),
        BandLowKpa = Rounding.Optional(f.PressureBand?.Lower, Rounding.Hundredths),
        BandHighKpa = Rounding.Optional(f.PressureBand?.Upper, Rounding.Hundredths),
        Band = EnumNames.Of(f.Band),
        Strokes = f.Strokes,
        TempoS = Rounding.Optional(f.Tempo, Rounding.Thousandths),
        ContactS = Rounding.Seconds(f.ContactTime),
        InBandS = Rounding.Seconds(f.TimeInBand),
        Source = Text(f.Source),
        BandLowPct = Rounding.Optional(f.BodyWeightBand?.Lower, Rounding.Hundredths),
        BandHighPct = Rounding.Optional(f.BodyWeightBand?.Upper, Rounding.Hundredths),
        SetContactS = Rounding.Seconds(f.SetContactTime),
        SetImpulseNS = Rounding.Optional(f.SetImpulse, Rounding.Hundredths),
        StillS = Rounding.Seconds(f.Still),
        ZeroShiftN = f.ZeroShift == 0 ? null : Rounding.Optional(f.ZeroShift, Rounding.Hundredths),
        Doubts = EnumNames.OfFlags(f.Doubts),
    };

    private static StrokeEvent From(Stroke f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Muscle = EnumNames.Of(f.Muscle),
        Side = EnumNames.Of(f.Side),
        Number = f.Number,
        DurationS = Rounding.Seconds(f.Duration),
        LengthM = Rounding.Metres(f.Length.Value),
        LengthUM = Rounding.Metres(f.Length.StandardUncertainty),
        Direction = f.Direction,
        MeanForceN = Rounding.Value(f.MeanForce, Rounding.Hundredths),
        MeanForceUN = Rounding.Uncertainty(f.MeanForce, Rounding.Hundredths),
        PeakForceN = Rounding.Optional(f.PeakForce, Rounding.Hundredths),
        ImpulseNS = Rounding.Optional(f.Impulse, Rounding.Hundredths),
        SlipPct = Rounding.Optional(f.SlipPercent, Rounding.Hundredths),
        Source = Text(f.Source),
        Quality = EnumNames.Of(f.Quality),
        Doubts = EnumNames.OfFlags(f.Doubts),
    };

    private static DwellEvent From(Dwell f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Muscle = EnumNames.Of(f.Muscle),
        Side = EnumNames.Of(f.Side),
        DurationS = Rounding.Seconds(f.Duration),
        PlaceM = Rounding.Metres(f.Place),
        MeanForceN = Rounding.Value(f.MeanForce, Rounding.Hundredths),
        MeanForceUN = Rounding.Uncertainty(f.MeanForce, Rounding.Hundredths),
        Source = Text(f.Source),
    };

    private static SetEvent From(RollingSet f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Muscle = EnumNames.Of(f.Muscle),
        Side = EnumNames.Of(f.Side),
        Number = f.Number,
        Start = f.Start.ToString(),
        ContactS = Rounding.Seconds(f.ContactTime),
        InBandS = Rounding.Seconds(f.TimeInBand),
        Strokes = f.Strokes,
        TempoS = Rounding.Optional(f.Tempo, Rounding.Thousandths),
        LengthM = Rounding.Value(f.StrokeLength, Rounding.Metres),
        LengthUM = Rounding.Uncertainty(f.StrokeLength, Rounding.Metres),
        MeanForceN = Rounding.Value(f.MeanForce, Rounding.Hundredths),
        MeanForceUN = Rounding.Uncertainty(f.MeanForce, Rounding.Hundredths),
        PeakForceN = Rounding.Value(f.PeakForce, Rounding.Hundredths),
        PeakForceUN = Rounding.Uncertainty(f.PeakForce, Rounding.Hundredths),
        BodyWeightPct = Rounding.Value(f.BodyWeightPercent, Rounding.Hundredths),
        BodyWeightUPct = Rounding.Uncertainty(f.BodyWeightPercent, Rounding.Hundredths),
        ImpulseNS = Rounding.Value(f.Impulse, Rounding.Hundredths),
        ImpulseUNS = Rounding.Uncertainty(f.Impulse, Rounding.Hundredths),
        Dwells = f.Dwells,
        LongestDwellS = Rounding.Seconds(f.LongestDwell),
        SlipPct = Rounding.Optional(f.SlipPercent, Rounding.Hundredths),
        Source = EnumNames.Of(f.Source),
        Quality = EnumNames.Of(f.Quality),
        Doubts = EnumNames.OfFlags(f.Doubts),
    };

    private static DoseEvent From(RollingDose f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Muscle = EnumNames.Of(f.Muscle),
        Side = EnumNames.Of(f.Side),
        Plan = Text(f.Plan),
        PlannedSets = f.PlannedSets,
        PlannedS = Rounding.Seconds(f.Planned),
        Sets = f.Sets,
        DoneS = Rounding.Seconds(f.Done),
        InBandS = Rounding.Seconds(f.InBand),
        RemainingS = Rounding.Seconds(f.Remaining),
    };

    private static BendEvent From(BendRepetition f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Number = f.Number,
        End = f.End.ToString(),
        DownS = Rounding.Seconds(f.Down),
        HoldS = Rounding.Seconds(f.Hold),
        UpS = Rounding.Seconds(f.Up),
        Dips = f.Dips,
        TrunkDeg = Rounding.Value(f.Trunk, Rounding.Degrees),
        TrunkUDeg = Rounding.Uncertainty(f.Trunk, Rounding.Degrees),
        PelvisDeg = Rounding.Value(f.Pelvis, Rounding.Degrees),
        PelvisUDeg = Rounding.Uncertainty(f.Pelvis, Rounding.Degrees),
        LumbarDeg = Rounding.Value(f.Lumbar, Rounding.Degrees),
        LumbarUDeg = Rounding.Uncertainty(f.Lumbar, Rounding.Degrees),
        Share30 = Rounding.Value(f.ShareAt30, Rounding.Thousandths),
        Share30U = Rounding.Uncertainty(f.ShareAt30, Rounding.Thousandths),
        Share60 = Rounding.Value(f.ShareAt60, Rounding.Thousandths),
        Share60U = Rounding.Uncertainty(f.ShareAt60, Rounding.Thousandths),
        Share90 = Rounding.Value(f.ShareAt90, Rounding.Thousandths),
        Share90U = Rounding.Uncertainty(f.ShareAt90, Rounding.Thousandths),
        ShareMax = Rounding.Value(f.ShareAtMaximum, Rounding.Thousandths),
        ShareMaxU = Rounding.Uncertainty(f.ShareAtMaximum, Rounding.Thousandths),
        ShareDownEarly = Rounding.Value(f.DownShares?.Early, Rounding.Thousandths),
        ShareDownMiddle = Rounding.Value(f.DownShares?.Middle, Rounding.Thousandths),
        ShareDownLate = Rounding.Value(f.DownShares?.Late, Rounding.Thousandths),
        ShareUpEarly = Rounding.Value(f.UpShares?.Early, Rounding.Thousandths),
        ShareUpMiddle = Rounding.Value(f.UpShares?.Middle, Rounding.Thousandths),
        ShareUpLate = Rounding.Value(f.UpShares?.Late, Rounding.Thousandths),
        LumbarPct = Rounding.Value(f.LumbarFlexionPercent, Rounding.Hundredths),
        LumbarUPct = Rounding.Uncertainty(f.LumbarFlexionPercent, Rounding.Hundredths),
        Pattern = f.Pattern is { } pattern ? EnumNames.Of(pattern) : null,
        Quality = EnumNames.Of(f.Quality),
        Calibration = f.Calibration,
    };

    private static CalibrationEvent From(CalibrationResult f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Step = EnumNames.Of(f.Step),
        Accepted = f.Accepted,
        Reason = f.Reason,
        Calibration = f.Calibration?.Id,
        Attachment = f.Calibration is { } calibration ? Text(calibration.Attachment) : null,
        Method = f.Calibration is { } how ? EnumNames.Of(how.Method) : null,
        LooksSwapped = f.Calibration?.LooksSwapped,
        LowerMounting = f.Calibration?.Lower is { } lower ? EnumNames.Of(lower.Mounting) : null,
        LowerStandingDeg = Rounding.Value(f.Calibration?.Lower?.Standing, Rounding.Degrees),
        LowerStandingUDeg = Rounding.Uncertainty(f.Calibration?.Lower?.Standing, Rounding.Degrees),
        LowerAxisExplained = Rounding.Optional(f.Calibration?.Lower?.AxisExplained, Rounding.Thousandths),
        UpperMounting = f.Calibration?.Upper is { } upper ? EnumNames.Of(upper.Mounting) : null,
        UpperStandingDeg = Rounding.Value(f.Calibration?.Upper?.Standing, Rounding.Degrees),
        UpperStandingUDeg = Rounding.Uncertainty(f.Calibration?.Upper?.Standing, Rounding.Degrees),
        UpperAxisExplained = Rounding.Optional(f.Calibration?.Upper?.AxisExplained, Rounding.Thousandths),
    };

    private static PostureTotalsEvent From(PostureTotals f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        StandingS = Rounding.Seconds(f.Standing),
        SittingS = Rounding.Seconds(f.Sitting),
        LyingS = Rounding.Seconds(f.Lying),
        WalkingS = Rounding.Seconds(f.Walking),
        RollingS = Rounding.Seconds(f.Rolling),
        BendingS = Rounding.Seconds(f.Bending),
        UnknownS = Rounding.Seconds(f.Unknown),
        NotWornS = Rounding.Seconds(f.NotWorn),
        SlouchedS = Rounding.Seconds(f.Slouched),
        LongestSlouchS = Rounding.Seconds(f.LongestSlouch),
        Reminders = f.Reminders,
        Corrections = f.Corrections,
        TimeToCorrectS = Rounding.Seconds(f.TimeToCorrect),
        SittingWithoutBreakS = Rounding.Seconds(f.SittingWithoutBreak),
        Breaks = f.Breaks,
    };

    private static WearEvent From(WearState f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Wear = EnumNames.Of(f.Wear),
    };

    private static ProtocolEvent From(ProtocolState f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Run = EnumNames.Of(f.Run),
        Step = EnumNames.Of(f.Step),
        Side = EnumNames.Of(f.Side),
        Number = f.Number,
        Of = f.Of,
        LeftS = Rounding.Optional(f.Left?.TotalSeconds, Rounding.Thousandths),
        Result = EnumNames.Of(f.Result),
        Trouble = f.Trouble == StepTrouble.None ? null : EnumNames.Of(f.Trouble),
        Instruction = ProtocolText.Instruction(f.Step),
        Advice = f.Trouble == StepTrouble.None ? null : ProtocolText.Advice(f.Trouble),
    };

    private static GapEvent From(Gap f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Stream = f.Stream,
        Cause = EnumNames.Of(f.Cause),
        DurationS = Rounding.Seconds(f.End - f.Time),
        End = f.End.ToString(),
        SamplesLost = f.SamplesLost,
        State = EnumNames.Of(f.State),
    };

    private static DeviceEventPayload From(DeviceEvent f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Code = EnumNames.Of(f.Code),
        Argument = f.Argument,
    };

    private static SyncEvent From(SyncChecked f) => new()
    {
        Schema = Schemas.Event,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        OtherSensor = Text(f.OtherSensor),
        Verdict = EnumNames.Of(f.Verdict),
        Knocks = f.Knocks,
        DifferenceMs = Rounding.Optional(f.Difference?.TotalMilliseconds, Rounding.Thousandths),
        DifferenceUMs = Rounding.Optional(f.Uncertainty?.TotalMilliseconds, Rounding.Thousandths),
        Advice = f.Message,
    };

    private static CuePayload From(Cue f) => new()
    {
        Schema = Schemas.Cue,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.IsNone ? Nobody : f.Sensor.ToString(),
        Code = EnumNames.Of(f.Code),
        Level = EnumNames.Of(f.Level),
        Value = Rounding.Optional(f.Value, Rounding.Thousandths),
        Limit = Rounding.Optional(f.Limit, Rounding.Thousandths),
        Unit = f.Unit,
        Text = f.Text,
        SaidBy = f.SaidBy,
    };

    private static SessionPayload From(SessionState f) => new()
    {
        Schema = Schemas.Session,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Event = EnumNames.Of(f.Event),
        DurationS = Rounding.Seconds(f.Duration),
        Phase = EnumNames.Of(f.Phase),
        Muscle = EnumNames.Of(f.Muscle),
        Side = EnumNames.Of(f.Side),
        PainNrs = Rounding.Optional(f.Pain, Rounding.Hundredths),
        PainStartNrs = Rounding.Optional(f.PainAtStart, Rounding.Hundredths),
        Study = Text(f.Study),
        Visit = Text(f.Visit),
        Task = Text(f.Task),
        Run = f.Run,
        Label = Text(f.Label),
        Value = f.Value,
    };

    private static SensorStatus From(SensorHealth f) => new()
    {
        Schema = Schemas.Sensor,
        Time = f.Time.ToString(),
        Session = Text(f.Session),
        Finality = EnumNames.Of(f.Finality),
        Sensor = f.Sensor.ToString(),
        Kind = EnumNames.Of(f.Kind),
        Link = EnumNames.Of(f.Link),
        Trouble = f.Trouble,
        BatteryPct = Rounding.Optional(f.Battery, Rounding.Hundredths),
        RateHz = Rounding.Hundredths(f.Rate),
        Received = f.Received,
        Lost = f.Lost,
        LossPct = f.Lost == 0 ? 0 : Rounding.Thousandths(100.0 * f.Lost / (f.Received + f.Lost)),
        Malformed = f.Malformed,
        ClockUMs = Rounding.Optional(f.ClockUncertainty?.TotalMilliseconds, Rounding.Thousandths),
        ClockDriftPpm = Rounding.Optional(f.ClockDriftPpm, Rounding.Thousandths),
        ClockBootId = ClockOf(f)?.BootId,
        ClockTicks = (long?)ClockOf(f)?.Ticks,
        ClockTime = ClockOf(f)?.Time.ToString(),
        ClockRateHz = Rounding.Optional(ClockOf(f)?.TicksPerSecond, Rounding.Millionths),
    };

    /// <summary>None of a sensor that counts further than databases do: 292,000 years of microseconds.</summary>
    private static ClockMapping? ClockOf(SensorHealth health) => health.Clock is { Ticks: <= long.MaxValue } clock ? clock : null;

    /// <summary>The sensor of what no sensor says: a tag has a value.</summary>
    private const string Nobody = "none";

    private static string? Text(ForceSource source) => source == ForceSource.None ? null : EnumNames.Of(source);

    private static string? Text(Slug slug) => slug.IsNone ? null : slug.ToString();
}

/// <summary>Names and versions of the payloads.</summary>
public static class Schemas
{
    public const string Hub = "hub/1";
    public const string Clock = "clock/1";
    public const string Sensor = "sensor/1";
    public const string Posture = "posture/1";
    public const string Rolling = "rolling/1";
    public const string Event = "event/1";
    public const string Cue = "cue/1";
    public const string Session = "session/1";
    public const string Command = "command/1";
    public const string Frame = "frame/1";
    public const string Descriptor = "descriptor/1";
    public const string Stored = "stored/1";
}

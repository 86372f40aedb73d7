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
using SensorHub.Core.Units;

namespace SensorHub.Mqtt.Tests.Contract;

/// <summary>One feature of each kind, with everything it can have, and again with as little as it can.</summary>
internal static class Samples
{
    public static readonly Timestamp Time = Timestamp.Parse("2026-01-31T12:00:00.123456789Z");
    public static readonly Slug Hub = Slug.Parse("studio-1");
    public static readonly Slug Session = Slug.Parse("20260131-1200");
    public static readonly Slug Subject = Slug.Parse("p017");
    public static readonly Slug Clip = Slug.Parse("clip-1");
    public static readonly Slug Roller = Slug.Parse("roller-1");

    public static IEnumerable<(string Name, Feature Feature)> All =>
    [
        ("posture", new PostureEstimate
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Phase = Phase.Standing, Method = "two-element-gravity", Quality = Quality.Good,
            Calibration = "19b9a3c1e00",
            PelvicInclination = new Measured(19.87654321, 1.60049), UpperInclination = new Measured(-11.23456, 1.3499),
            Lordosis = new Measured(31.11111, 2.1), LordosisChange = new Measured(-0.0001, 0.85), PelvicRotation = new Measured(1.5, 0.6), TrunkRotation = new Measured(0.8, 0.6),
        }),
        ("posture-sparse", new PostureEstimate
        {
            Time = Time, Sensor = Clip, Phase = Phase.Unknown, Method = "one-element-change", Quality = Quality.NotObservable,
        }),
        ("rolling", new RollingEstimate
        {
            Time = Time, Session = Session, Subject = Subject, Finality = Finality.Final, Sensor = Roller, Muscle = Muscle.TensorFasciaeLatae, Side = Side.Left,
            RollAngleDegrees = 1234.56789, Path = 0.12345678, Speed = -0.09876, InContact = true,
            Force = new Measured(127.4999, 6.375), BodyWeightPercent = new Measured(18.568, 0.93), Pressure = new Measured(33.333, 12.66),
            PressureBand = (20, 45), Band = Band.Good, Strokes = 17, Tempo = 2.98765, ContactTime = TimeSpan.FromSeconds(61.23456), TimeInBand = TimeSpan.FromSeconds(40.5), Quality = Quality.Degraded,
            Source = ForceSource.Measured, BodyWeightBand = (15, 30), SetContactTime = TimeSpan.FromSeconds(21.2), SetImpulse = 2703.456, Still = TimeSpan.FromSeconds(1.5), ZeroShift = -1.25,
            Doubts = RollingDoubts.CellDead | RollingDoubts.Slipping,
        }),
        ("rolling-sparse", new RollingEstimate
        {
            Time = Time, Sensor = Roller, Muscle = Muscle.None, Side = Side.None, RollAngleDegrees = 0, Path = 0, Speed = 0, InContact = false,
            Band = Band.None, Strokes = 0, ContactTime = default, TimeInBand = default, Quality = Quality.Good,
        }),
        ("stroke", new Stroke
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Roller, Muscle = Muscle.Hamstrings, Side = Side.Right, Number = 3,
            Duration = TimeSpan.FromSeconds(3.0126), Length = new Measured(0.29876, 0.0089), Direction = -1, MeanForce = new Measured(130.126, 6.5), PeakForce = 181.005,
            Impulse = 391.234, SlipPercent = 4.321, Source = ForceSource.Measured, Quality = Quality.Degraded, Doubts = RollingDoubts.RateSaturated,
        }),
        ("dwell", new Dwell
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Roller, Muscle = Muscle.Hamstrings, Side = Side.Left,
            Duration = TimeSpan.FromSeconds(6.4), Place = 0.1234, MeanForce = new Measured(120.3, 6), Source = ForceSource.Measured,
        }),
        ("set", new RollingSet
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Roller, Muscle = Muscle.Hamstrings, Side = Side.Left, Number = 2, Start = Time - TimeSpan.FromSeconds(64.5),
            ContactTime = TimeSpan.FromSeconds(61.2), TimeInBand = TimeSpan.FromSeconds(48.8), Strokes = 20, Tempo = 3.04, StrokeLength = new Measured(0.2812, 0.0091),
            MeanForce = new Measured(151.2, 6.6), PeakForce = new Measured(212.4, 8.9), BodyWeightPercent = new Measured(21.4, 1.1), Impulse = new Measured(9253.1, 404.2),
            Dwells = 1, LongestDwell = TimeSpan.FromSeconds(6.4), SlipPercent = 2.1, Source = ForceSource.Measured, Quality = Quality.Good,
        }),
        ("set-sparse", new RollingSet
        {
            Time = Time, Sensor = Roller, Muscle = Muscle.None, Side = Side.None, Number = 1, Start = Time, ContactTime = default, TimeInBand = default, Strokes = 0,
            Dwells = 0, LongestDwell = default, Source = ForceSource.None, Quality = Quality.Degraded, Doubts = RollingDoubts.NoLoadCells,
        }),
        ("dose", new RollingDose
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Roller, Muscle = Muscle.Hamstrings, Side = Side.Left, Plan = Slug.Parse("flat-back"),
            PlannedSets = 2, PlannedSet = TimeSpan.FromSeconds(60), Sets = 1, Done = TimeSpan.FromSeconds(61.2), InBand = TimeSpan.FromSeconds(48.8),
        }),
        ("bend", new BendRepetition
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Number = 2, End = Time + TimeSpan.FromSeconds(7.4),
            Down = TimeSpan.FromSeconds(2.6), Hold = TimeSpan.FromSeconds(2.1), Up = TimeSpan.FromSeconds(2.7), Dips = 1,
            Trunk = new Measured(78.3, 1.4), Pelvis = new Measured(33.1, 1.4), Lumbar = new Measured(46.2, 2), ShareAt30 = new Measured(0.71, 0.08), ShareAt60 = new Measured(0.64, 0.04),
            ShareAtMaximum = new Measured(0.58, 0.03), DownShares = new PhaseShares(new(0.74, 0.08), new(0.6, 0.08), new(0.41, 0.08)), UpShares = new PhaseShares(new(0.7, 0.08), new(0.6, 0.08), new(0.45, 0.08)),
            LumbarFlexionPercent = new Measured(82.4, 3.6), Pattern = BendPattern.LumbarBend, Quality = Quality.Good, Calibration = "19b9a3c1e00",
        }),
        ("bend-sparse", new BendRepetition
        {
            Time = Time, Sensor = Clip, Number = 1, End = Time, Down = default, Hold = default, Up = default, Dips = 1, Quality = Quality.NotObservable,
        }),
        ("calibration", new CalibrationResult
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Step = CalibrationStep.Bends, Accepted = true, Reason = "The clip is worn upside down; its angles are turned round.",
            Calibration = new PostureCalibration
            {
                Time = Time, Sensor = Clip, Attachment = Slug.Parse("a-2"), Method = CalibrationMethod.StandAndBends,
                Lower = new ElementCalibration { Alignment = new(0, 0, 0, 1), Mounting = Mounting.UpsideDown, Standing = new Measured(19.9, 0.3), Sway = 0.4, Up = Vector3D.UnitX, AxisExplained = 0.987, BendDepth = 34 },
                Upper = new ElementCalibration { Alignment = new(0, 0, 0, 1), Mounting = Mounting.UpsideDown, Standing = new Measured(-11.2, 0.3), Sway = 0.4, Up = Vector3D.UnitX, AxisExplained = 0.994, BendDepth = 78 },
            },
        }),
        ("calibration-sparse", new CalibrationResult { Time = Time, Sensor = Clip, Step = CalibrationStep.Stand, Accepted = false, Reason = "You moved: stand still for 10 s." }),
        ("posture_totals", new PostureTotals
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Standing = TimeSpan.FromSeconds(20), Sitting = TimeSpan.FromSeconds(38.04), Unknown = TimeSpan.FromSeconds(1.96),
            Slouched = TimeSpan.FromSeconds(12), LongestSlouch = TimeSpan.FromSeconds(64.2), Reminders = 1, Corrections = 1, TimeToCorrect = TimeSpan.FromSeconds(4.2), SittingWithoutBreak = TimeSpan.FromMinutes(12),
        }),
        ("wear", new WearState { Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Wear = Wearing.Off }),
        ("protocol", new ProtocolState
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Run = ProtocolRun.Before, Step = ProtocolStep.Stand, Number = 2, Of = 3,
            Left = TimeSpan.FromSeconds(6.4), Result = StepResult.Repeat, Trouble = StepTrouble.Moving,
        }),
        ("cue", new Cue
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Code = CueCode.LumbarBend, Level = CueLevel.Remind, Value = 0.61234, Limit = 0.55,
        }),
        ("cue-message", new Cue
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = default, Code = CueCode.Message, Level = CueLevel.Warn, Text = "A little lighter, <b>please</b>", SaidBy = "Dr Berg",
        }),
        ("session-pain", new SessionState
        {
            Time = Time, Session = Session, Subject = Subject, Event = SessionEvent.Running, Duration = TimeSpan.FromSeconds(76), Phase = Phase.Rolling, Muscle = Muscle.Hamstrings, Side = Side.Left, Pain = 5.5, PainAtStart = 3,
        }),
        ("session-marked", new SessionState
        {
            Time = Time, Session = Session, Subject = Subject, Event = SessionEvent.Marked, Duration = TimeSpan.FromSeconds(77), Phase = Phase.Standing, Muscle = Muscle.None, Side = Side.None,
            Study = Slug.Parse("flat-back"), Visit = Slug.Parse("before"), Task = Slug.Parse("stand"), Run = 2, Label = Slug.Parse("trigger"), Value = 7,
        }),
        ("cue-sparse", new Cue { Time = Time, Sensor = Clip, Code = CueCode.ClipOff, Level = CueLevel.Remind }),
        ("gap", new Gap
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Stream = 2, End = Time + TimeSpan.FromMilliseconds(250.4), Cause = GapCause.Disconnected, SamplesLost = 25, State = GapState.Final,
        }),
        ("gap-sparse", new Gap { Time = Time, Sensor = Clip, Stream = 0, End = Time + TimeSpan.FromSeconds(5), Cause = GapCause.Reboot }),
        ("device", new DeviceEvent { Time = Time, Session = Session, Subject = Subject, Sensor = Clip, Code = EventCode.ChargerConnected, Argument = 1 }),
        ("sync-check", new SyncChecked
        {
            Time = Time, Session = Session, Subject = Subject, Sensor = Clip, OtherSensor = Slug.Parse("roller-1"), Knocks = 5, Verdict = SyncVerdict.InStep,
            Difference = TimeSpan.FromMilliseconds(-1.2346), Uncertainty = TimeSpan.FromMilliseconds(0.8),
        }),
        ("sync-check-sparse", new SyncChecked { Time = Time, Sensor = Clip, OtherSensor = default, Knocks = 0, Verdict = SyncVerdict.TooFewKnocks }),
        ("session", new SessionState
        {
            Time = Time, Session = Session, Subject = Subject, Event = SessionEvent.PhaseChanged, Duration = TimeSpan.FromSeconds(75.0004), Phase = Phase.Rolling, Muscle = Muscle.Hamstrings, Side = Side.Left,
        }),
        ("sensor", new SensorHealth
        {
            Time = Time, Session = Session, Sensor = Clip, Kind = SensorKind.Clip, Link = LinkState.Streaming, Battery = 87.126, Rate = 99.987, Received = 12_000, Lost = 24, Malformed = 1,
            ClockUncertainty = TimeSpan.FromMicroseconds(1234.5), ClockDriftPpm = -18.3456, Clock = new ClockMapping(0x9abcdef0, 4_321_000_000, Time - TimeSpan.FromMilliseconds(12), 999_981.6546789),
        }),
        ("sensor-sparse", new SensorHealth { Time = Time, Sensor = Roller, Kind = SensorKind.Roller, Link = LinkState.Lost, Trouble = "Nothing was heard of it for 4 s: is it switched on, charged and near?", Rate = 0, Received = 0, Lost = 0, Malformed = 0 }),
    ];
}

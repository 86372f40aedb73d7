using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;

namespace SensorHub.Export.Recordings;

/// <summary>Something that happened at a time or lasted for one: a marker, a stroke, a gap.</summary>
/// <param name="Seconds">How long; null when it has no length, or none is known.</param>
/// <param name="Kind">As in files: <c>stroke</c>, <c>gap</c>, <c>calibrate_stand</c>.</param>
/// <param name="Value">What it is said of the kind by: a level, a phase, a number of samples. Never what somebody typed.</param>
/// <param name="Sensor">None for the session as a whole.</param>
public sealed record SessionEvent(Timestamp At, double? Seconds, string Kind, string? Value, Slug Sensor, Muscle Muscle, Side Side)
{
    /// <summary>Of a gap: the stream of the sensor.</summary>
    public byte? Stream { get; init; }
}

/// <summary>Collects the events of a recording. They are few; they are kept until its end.</summary>
public sealed class SessionEvents
{
    private readonly List<SessionEvent> _events = [];
    private readonly Dictionary<(Slug, byte, Timestamp), Gap> _gaps = [];
    private readonly RecordedStudy _study = new();

    /// <summary>What each kind is, for data dictionaries.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["bend"] = "A forward bend, from leaving upright to upright again; value: its pattern",
        ["calibrate_bends"] = "The person bends forward slowly, to show the axis of flexion",
        ["calibrate_sitting"] = "The person sits still and upright",
        ["calibrate_stand"] = "The person stands still: the zero of the posture",
        ["calibration_accepted"] = "A calibration holds from here on; value: which",
        ["calibration_given"] = "A calibration made earlier was given back; value: its id",
        ["calibration_refused"] = "A calibration was refused; value: which",
        ["clip_attached"] = "The clip was put on; value: the name of this wearing",
        ["clock_check"] = "The person knocks two sensors together",
        ["clock_checked"] = "What the knocks said of the clocks; value: the verdict",
        ["cue"] = "The program told the person something; value: which cue",
        ["device_event"] = "A tap, a button, a charger; value: which",
        ["dwell"] = "The roller was held still on one place",
        ["external_marker"] = "Another device or a person noted it, and it was imported afterwards; value: what, and its number if it has one",
        ["gap"] = "Samples did not come; value: how many are missing for good, n/a when a reboot left no way to know",
        ["marker"] = "Somebody or another device said during the session that it happened; value: what, and its number if it has one",
        ["message"] = "Somebody who watched said something; what it was is left out",
        ["muscle"] = "From here on rolling is meant for this muscle and side",
        ["pain"] = "The person said how much it hurts; value: 0 to 10",
        ["phase"] = "What the person does from here on; value: which phase",
        ["plan"] = "From here on the session follows this plan; value: its name",
        ["radius"] = "The rolling radius was measured; value: m",
        ["reminders"] = "How posture is reminded of from here on; value: the mode",
        ["session_began"] = "The session began",
        ["session_ended"] = "The session ended",
        ["set"] = "A set of rolling: one muscle until a rest; value: its number",
        ["snoozed"] = "No reminders of posture for so long",
        ["step"] = "From here on the person does this step of the protocol; value: run and step",
        ["study_joined"] = "The session is of a study; value: which, and the version of its protocol",
        ["task"] = "A task of the study; value: which, and which time in this session",
        ["stroke"] = "One one-way stroke along the muscle; value: its number",
    };

    /// <summary>By time; of one time in the order of becoming known. Gaps that were filled later are none.</summary>
    public IReadOnlyList<SessionEvent> All => [.. _events.Concat(_study.Tasks.Select(Of)).Concat(_gaps.Values.Where(g => g.State != GapState.Recovered).Select(Of)).OrderBy(e => e.At)];

    /// <summary>Gaps by sensor, stream and time, each in its last state.</summary>
    public IEnumerable<Gap> Gaps => _gaps.Values.OrderBy(g => g.Time);

    public void Add(SessionItem item)
    {
        switch (item)
        {
            case SessionItem.Said { At: var at, Marker: var marker }:
                _study.Take(at, marker);
                if (marker is not (Marker.TaskBegan or Marker.TaskEnded)) // a task is one event
                    _events.Add(Of(at, marker));
                break;
            case SessionItem.Imported { Marker: var m }:
                _events.Add(new(m.At, m.Duration?.TotalSeconds, "external_marker", Labelled(m.Label, m.Value), default, Muscle.None, Side.None));
                break;
            case SessionItem.Estimated { Feature: Gap gap }:
                _gaps[(gap.Sensor, gap.Stream, gap.Time)] = gap;
                break;
            case SessionItem.Estimated { Feature: var feature }:
                if (Of(feature) is { } happened)
                    _events.Add(happened);
                break;
            default:
                break;
        }
    }

    private static SessionEvent Of(Gap gap) =>
        new(gap.Time, (gap.End - gap.Time).TotalSeconds, "gap", gap.SamplesLost?.ToString(CultureInfo.InvariantCulture), gap.Sensor, Muscle.None, Side.None) { Stream = gap.Stream };

    private static SessionEvent Of(RecordedTask task) =>
        new(task.From, (task.To - task.From)?.TotalSeconds, "task", $"{task.Task} {Text(task.Run)}", default, Muscle.None, Side.None);

    private static string Labelled(Slug label, double? value) => value is { } number ? $"{label} {number.ToString("0.######", CultureInfo.InvariantCulture)}" : label.ToString();

    private static SessionEvent Of(Timestamp at, Marker marker)
    {
        return marker switch
        {
            Marker.SessionBegan => Said("session_began"),
            Marker.SessionEnded => Said("session_ended"),
            Marker.StandCalibration m => Said("calibrate_stand", m.Duration),
            Marker.BendCalibration m => Said("calibrate_bends", m.Duration),
            Marker.SitCalibration m => Said("calibrate_sitting", m.Duration),
            Marker.CalibrationGiven m => Said("calibration_given", value: m.Calibration.Id) with { Sensor = m.Calibration.Sensor },
            Marker.ClipAttached m => Said("clip_attached", value: m.Attachment.ToString()),
            Marker.PainReported m => Said("pain", value: m.Level.ToString("0.##", CultureInfo.InvariantCulture)),
            Marker.MuscleChosen m => Said("muscle") with { Muscle = m.Muscle, Side = m.Side },
            Marker.PlanChosen m => Said("plan", value: m.Plan.Id.ToString()),
            Marker.StepBegan m => Said("step", value: $"{EnumNames.Of(m.Run)} {EnumNames.Of(m.Step)}") with { Side = m.Side },
            Marker.RadiusCalibrated m => Said("radius", value: m.Radius.ToString("0.#####", CultureInfo.InvariantCulture)) with { Sensor = m.Sensor },
            Marker.Snoozed m => Said("snoozed", m.Duration),
            Marker.RemindersSet m => Said("reminders", value: EnumNames.Of(m.Mode)),
            Marker.SyncCheck m => Said("clock_check", m.Duration),
            Marker.StudyJoined m => Said("study_joined", value: $"{m.Study} {m.Protocol}"),
            Marker.EventMarked m => Said("marker", value: Labelled(m.Label, m.Value)),
            Marker.Said => Said("message"),
            _ => Said("message"),
        };

        SessionEvent Said(string kind, TimeSpan? duration = null, string? value = null) => new(at, duration?.TotalSeconds, kind, value, default, Muscle.None, Side.None);
    }

    private static SessionEvent? Of(Feature feature) => feature switch
    {
        Stroke f => new(f.Time - f.Duration, f.Duration.TotalSeconds, "stroke", Text(f.Number), f.Sensor, f.Muscle, f.Side),
        Dwell f => new(f.Time - f.Duration, f.Duration.TotalSeconds, "dwell", null, f.Sensor, f.Muscle, f.Side),
        RollingSet f => new(f.Start, (f.Time - f.Start).TotalSeconds, "set", Text(f.Number), f.Sensor, f.Muscle, f.Side),
        BendRepetition f => new(f.Time, (f.End - f.Time).TotalSeconds, "bend", f.Pattern is { } pattern ? EnumNames.Of(pattern) : null, f.Sensor, Muscle.None, Side.None),
        CalibrationResult f => new(f.Time, null, f.Accepted ? "calibration_accepted" : "calibration_refused", EnumNames.Of(f.Step), f.Sensor, Muscle.None, Side.None),
        SessionState { Event: Core.Sessions.SessionEvent.PhaseChanged } f => new(f.Time, null, "phase", EnumNames.Of(f.Phase), default, Muscle.None, Side.None),
        Cue f => new(f.Time, null, "cue", EnumNames.Of(f.Code), f.Sensor, Muscle.None, Side.None),
        DeviceEvent f => new(f.Time, null, "device_event", EnumNames.Of(f.Code), f.Sensor, Muscle.None, Side.None),
        SyncChecked f => new(f.Time, null, "clock_checked", EnumNames.Of(f.Verdict), f.Sensor, Muscle.None, Side.None),
        _ => null,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Core.Sessions;

/// <summary>What a person, a plan or the program says during a session. Part of the recording.</summary>
public abstract record Marker
{
    private Marker()
    {
    }

    /// <param name="BodyMassKg">For % of body weight; null when not told.</param>
    public sealed record SessionBegan(Slug Session, Slug Subject, double? BodyMassKg) : Marker;

    /// <summary>From now on the person stands still and upright for <paramref name="Duration"/>: the posture's zero.</summary>
    public sealed record StandCalibration(TimeSpan Duration) : Marker;

    /// <summary>From now on the person bends forward slowly, three times: they show the axis of flexion.</summary>
    public sealed record BendCalibration(TimeSpan Duration) : Marker;

    /// <summary>From now on the person sits still and upright: the zero of what one element shows in sitting. Needs the stand before it.</summary>
    public sealed record SitCalibration(TimeSpan Duration) : Marker;

    /// <summary>A calibration made earlier in this attachment is given back, as after a restart.</summary>
    public sealed record CalibrationGiven(PostureCalibration Calibration) : Marker;

    /// <summary>The clip was put on (again): what was calibrated before no longer holds.</summary>
    /// <param name="Attachment">Names this wearing of the clip, from putting on to taking off.</param>
    public sealed record ClipAttached(Slug Attachment) : Marker;

    /// <param name="Level">Numeric rating scale: 0 = none, 10 = the worst imaginable.</param>
    /// <param name="Character">What it is like.</param>
    public sealed record PainReported(double Level, PainCharacter Character) : Marker;

    /// <summary>From now on rolling is meant for this muscle and side.</summary>
    public sealed record MuscleChosen(Muscle Muscle, Side Side) : Marker;

    /// <summary>From now on the session follows this plan. It is kept whole, so that the recording can be understood without the plan's file.</summary>
    public sealed record PlanChosen(RollingPlan Plan) : Marker;

    /// <summary>From now on the person does this step of the protocol. Without such markers a recording is understood from what the person does.</summary>
    /// <param name="Side">Of the leg; none for the trunk.</param>
    public sealed record StepBegan(ProtocolRun Run, ProtocolStep Step, Side Side) : Marker;

    /// <summary>From now on this roller rolls on a measured radius: R = <paramref name="Radius"/> ± <paramref name="Uncertainty"/> (standard), m.</summary>
    public sealed record RadiusCalibrated(Slug Sensor, double Radius, double Uncertainty) : Marker;

    /// <summary>No reminders of posture for so long: the person does not want them now.</summary>
    public sealed record Snoozed(TimeSpan Duration) : Marker;

    /// <summary>From now on posture is reminded of like this, in later sessions too, until it is said anew.</summary>
    public sealed record RemindersSet(ReminderMode Mode) : Marker;

    /// <summary>From now on the person knocks two sensors together, several times, for at most <paramref name="Duration"/>: are their clocks in step?</summary>
    public sealed record SyncCheck(TimeSpan Duration) : Marker;

    /// <summary>Somebody who watches says something to the person.</summary>
    /// <param name="Subject">To whom; none = to whomever's session it is. In anybody else's session it is not said.</param>
    /// <param name="Text">What, at most <see cref="MaxText"/> characters of <see cref="PlainText"/>.</param>
    /// <param name="Level">How much it matters: info, warn or stop.</param>
    /// <param name="From">Who, as the person knows them; at most <see cref="MaxFrom"/> characters.</param>
    public sealed record Said(Slug Subject, string Text, CueLevel Level, string From) : Marker
    {
        public const int MaxText = 200;
        public const int MaxFrom = 60;
    }

    /// <summary>The session is of a study: whoever it is of takes part in it.</summary>
    /// <param name="Protocol">Version of the study's protocol: <see cref="Studies.Study.IsProtocol"/>.</param>
    /// <param name="Participant">Pseudonym in the study.</param>
    /// <param name="Visit">None where everybody comes once.</param>
    /// <param name="Arm">None in a study without arms.</param>
    public sealed record StudyJoined(Slug Study, string Protocol, Slug Participant, Slug Visit, Slug Arm) : Marker;

    /// <summary>From now on the person does this task of the study; what they did before is over.</summary>
    /// <param name="Run">Which time they do it in this session, 1 to <see cref="MaxRun"/>.</param>
    public sealed record TaskBegan(Slug Task, int Run) : Marker
    {
        public const int MaxRun = 999;
    }

    public sealed record TaskEnded(Slug Task) : Marker;

    /// <summary>Something happened now, as somebody or another device says: a trigger, a slip, a cough.</summary>
    /// <param name="Label">What. A name, so that it can be published with the data.</param>
    /// <param name="Value">A code or a number that belongs to it; null = none.</param>
    public sealed record EventMarked(Slug Label, double? Value) : Marker;

    public sealed record SessionEnded(Slug Session) : Marker;
}

public enum Side : byte
{
    None = 0,
    Left = 1,
    Right = 2,
}

/// <summary>How soon a posture is reminded of; how long is in <see cref="Posture.Reminders.ReminderOptions"/>.</summary>
public enum ReminderMode : byte
{
    /// <summary>When it has lasted: for a day's work.</summary>
    Quiet = 0,

    /// <summary>At once, while the movement is still felt: for a few minutes of practice.</summary>
    Training = 1,
}

public enum PainCharacter : byte
{
    /// <summary>The dull ache of pressed muscle.</summary>
    Pressure = 0,

    /// <summary>A reason to stop at any level.</summary>
    Sharp = 1,

    /// <summary>Tingling or numb: a reason to stop at any level.</summary>
    Tingling = 2,
}

using System.Text.Json;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Studies;

namespace SensorHub.Mqtt.Contract;

/// <summary>
/// What a page or a phone tells the hub; the hub makes a marker of it and stamps it with its own clock.
/// <c>command</c> says which. Sent at least once, never retained, and of no use ten seconds later.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(CalibrateStand), "calibrate_stand")]
[JsonDerivedType(typeof(CalibrateBends), "calibrate_bends")]
[JsonDerivedType(typeof(CalibrateSit), "calibrate_sit")]
[JsonDerivedType(typeof(CalibrateRadius), "calibrate_radius")]
[JsonDerivedType(typeof(AttachClip), "attach_clip")]
[JsonDerivedType(typeof(ReportPain), "report_pain")]
[JsonDerivedType(typeof(ChoosePlan), "choose_plan")]
[JsonDerivedType(typeof(BeginStep), "begin_step")]
[JsonDerivedType(typeof(Snooze), "snooze")]
[JsonDerivedType(typeof(SetReminders), "set_reminders")]
[JsonDerivedType(typeof(CheckSync), "check_sync")]
[JsonDerivedType(typeof(ChooseMuscle), "choose_muscle")]
[JsonDerivedType(typeof(BeginSession), "begin_session")]
[JsonDerivedType(typeof(EndSession), "end_session")]
[JsonDerivedType(typeof(Say), "say")]
[JsonDerivedType(typeof(JoinStudy), "join_study")]
[JsonDerivedType(typeof(BeginTask), "begin_task")]
[JsonDerivedType(typeof(EndTask), "end_task")]
[JsonDerivedType(typeof(Mark), "mark")]
public abstract record CommandPayload
{
    [JsonPropertyOrder(-5)]
    public string Schema { get; init; } = Schemas.Command;

    /// <param name="DurationS">1 to 60 s of standing still, from now.</param>
    public sealed record CalibrateStand(double DurationS) : CommandPayload;

    /// <param name="DurationS">10 to 120 s for three slow bends forward, from now.</param>
    public sealed record CalibrateBends(double DurationS) : CommandPayload;

    /// <param name="DurationS">1 to 60 s of sitting still and upright, from now; after a stand.</param>
    public sealed record CalibrateSit(double DurationS) : CommandPayload;

    /// <param name="RadiusM">0.01 to 0.3 m, measured.</param>
    /// <param name="RadiusUM">Its standard uncertainty, m.</param>
    public sealed record CalibrateRadius(string Sensor, double RadiusM, [property: JsonPropertyName("radius_u_m")] double RadiusUM) : CommandPayload;

    /// <param name="Attachment">A new name for this wearing of the clip.</param>
    public sealed record AttachClip(string Attachment) : CommandPayload;

    /// <param name="Level">0 to 10.</param>
    public sealed record ReportPain(double Level, string Character) : CommandPayload;

    /// <param name="Plan">As in a plan's file.</param>
    public sealed record ChoosePlan(JsonElement Plan) : CommandPayload;

    public sealed record BeginStep(string Run, string Step, string Side) : CommandPayload;

    /// <param name="DurationS">60 to 86400 s without reminders of posture.</param>
    public sealed record Snooze(double DurationS) : CommandPayload;

    /// <param name="Mode"><c>training</c>: reminders of posture at once; <c>quiet</c>: when it has lasted. From now on, in later sessions too.</param>
    public sealed record SetReminders(string Mode) : CommandPayload;

    /// <param name="DurationS">5 to 60 s in which two sensors are knocked together, from now.</param>
    public sealed record CheckSync(double DurationS) : CommandPayload;

    /// <param name="Muscle">
    /// One that may be rolled. Muscles beside the lumbar spine are taken: whether a therapist has unlocked them stands in the plan, which
    /// the hub knows; without that it says stop at the first touch.
    /// </param>
    public sealed record ChooseMuscle(string Muscle, string Side) : CommandPayload;

    /// <param name="BodyMassKg">20 to 300 kg; left out when not told.</param>
    public sealed record BeginSession(string Session, string Subject, double? BodyMassKg) : CommandPayload;

    public sealed record EndSession(string Session) : CommandPayload;

    /// <param name="Text">For the person to read and hear: one line of 1 to 200 characters. It is text, whatever it looks like.</param>
    /// <param name="Level">info, caution or stop.</param>
    /// <param name="From">Who says it, as the person knows them: 1 to 60 characters.</param>
    /// <param name="Subject">To whom; left out = whoever's session it is. In the session of another it is not said.</param>
    public sealed record Say(string Text, string Level, string From, string? Subject = null) : CommandPayload;

    /// <param name="Protocol">Version of the study's protocol: 1 to 20 letters, digits, '.' and '-'.</param>
    /// <param name="Participant">Pseudonym in the study.</param>
    /// <param name="Visit">Left out where everybody comes once.</param>
    /// <param name="Arm">Left out in a study without arms.</param>
    public sealed record JoinStudy(string Study, string Protocol, string Participant, string? Visit = null, string? Arm = null) : CommandPayload;

    /// <param name="Run">1 to 999: which time in this session; left out = 1.</param>
    public sealed record BeginTask(string Task, int? Run = null) : CommandPayload;

    public sealed record EndTask(string Task) : CommandPayload;

    /// <param name="Label">What happened.</param>
    /// <param name="Value">A code or number that belongs to it.</param>
    public sealed record Mark(string Label, double? Value = null) : CommandPayload;
}

/// <param name="Marker">Null when the command is refused.</param>
/// <param name="Reason">Why; one line. Empty when it is not.</param>
public readonly record struct CommandResult(Marker? Marker, string Reason);

/// <summary>Markers ↔ the bytes of commands.</summary>
public static class Commands
{
    /// <summary>Larger commands are refused.</summary>
    public const int MaxBytes = 4096;

    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(10);

    public static byte[] Write(Marker marker)
    {
        CommandPayload command = marker switch
        {
            Marker.StandCalibration m => new CommandPayload.CalibrateStand(Rounding.Seconds(m.Duration)),
            Marker.BendCalibration m => new CommandPayload.CalibrateBends(Rounding.Seconds(m.Duration)),
            Marker.SitCalibration m => new CommandPayload.CalibrateSit(Rounding.Seconds(m.Duration)),
            Marker.RadiusCalibrated m => new CommandPayload.CalibrateRadius(m.Sensor.ToString(), m.Radius, m.Uncertainty),
            Marker.ClipAttached m => new CommandPayload.AttachClip(m.Attachment.ToString()),
            Marker.PainReported m => new CommandPayload.ReportPain(m.Level, EnumNames.Of(m.Character)),
            Marker.PlanChosen m => new CommandPayload.ChoosePlan(JsonDocument.Parse(PlanFile.Write(m.Plan)).RootElement),
            Marker.StepBegan m => new CommandPayload.BeginStep(EnumNames.Of(m.Run), EnumNames.Of(m.Step), EnumNames.Of(m.Side)),
            Marker.Snoozed m => new CommandPayload.Snooze(Rounding.Seconds(m.Duration)),
            Marker.RemindersSet m => new CommandPayload.SetReminders(EnumNames.Of(m.Mode)),
            Marker.SyncCheck m => new CommandPayload.CheckSync(Rounding.Seconds(m.Duration)),
            Marker.MuscleChosen m => new CommandPayload.ChooseMuscle(EnumNames.Of(m.Muscle), EnumNames.Of(m.Side)),
            Marker.SessionBegan m => new CommandPayload.BeginSession(m.Session.ToString(), m.Subject.ToString(), m.BodyMassKg),
            Marker.SessionEnded m => new CommandPayload.EndSession(m.Session.ToString()),
            Marker.Said m => new CommandPayload.Say(m.Text, m.Level switch { CueLevel.Stop => "stop", CueLevel.Info => "info", _ => "caution" }, m.From, Text(m.Subject)),
            Marker.StudyJoined m => new CommandPayload.JoinStudy(m.Study.ToString(), m.Protocol, m.Participant.ToString(), Text(m.Visit), Text(m.Arm)),
            Marker.TaskBegan m => new CommandPayload.BeginTask(m.Task.ToString(), m.Run),
            Marker.TaskEnded m => new CommandPayload.EndTask(m.Task.ToString()),
            Marker.EventMarked m => new CommandPayload.Mark(m.Label.ToString(), m.Value),
            _ => throw new ArgumentException($"The MQTT contract has no command for a {marker.GetType().Name}.", nameof(marker)),
        };
        return JsonSerializer.SerializeToUtf8Bytes(command, PayloadJson.Default.CommandPayload);
    }

    /// <summary>Bad bytes are a reason, never an exception.</summary>
    public static CommandResult Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            return Refused($"{bytes.Length} bytes; a command has at most {MaxBytes}");
        CommandPayload? command;
        try
        {
            command = JsonSerializer.Deserialize(bytes, PayloadJson.Default.CommandPayload);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException)
        {
            return Refused(e.Message.ReplaceLineEndings(" "));
        }
        if (command is not { Schema: Schemas.Command })
            return Refused($"schema '{command?.Schema}' where '{Schemas.Command}' is read");
        return command switch
        {
            CommandPayload.CalibrateStand c => c.DurationS is >= 1 and <= 60
                ? new(new Marker.StandCalibration(TimeSpan.FromSeconds(c.DurationS)), "")
                : Refused("duration_s is 1 to 60"),
            CommandPayload.CalibrateBends c => c.DurationS is >= 10 and <= 120
                ? new(new Marker.BendCalibration(TimeSpan.FromSeconds(c.DurationS)), "")
                : Refused("duration_s is 10 to 120"),
            CommandPayload.CalibrateSit c => c.DurationS is >= 1 and <= 60
                ? new(new Marker.SitCalibration(TimeSpan.FromSeconds(c.DurationS)), "")
                : Refused("duration_s is 1 to 60"),
            CommandPayload.CalibrateRadius c => !Slug.TryParse(c.Sensor, out var roller)
                ? Refused("sensor is 1 to 40 of a-z, 0-9 and '-'")
                : c is { RadiusM: >= 0.01 and <= 0.3, RadiusUM: > 0 } && c.RadiusUM < c.RadiusM
                    ? new(new Marker.RadiusCalibrated(roller, c.RadiusM, c.RadiusUM), "")
                    : Refused("radius_m is 0.01 to 0.3, and radius_u_m above 0 and below it"),
            CommandPayload.AttachClip c => Slug.TryParse(c.Attachment, out var attachment)
                ? new(new Marker.ClipAttached(attachment), "")
                : Refused("attachment is 1 to 40 of a-z, 0-9 and '-'"),
            CommandPayload.ReportPain c => c.Level is not (>= 0 and <= 10)
                ? Refused("level is 0 to 10")
                : EnumNames.TryParse<PainCharacter>(c.Character, out var character)
                    ? new(new Marker.PainReported(c.Level, character), "")
                    : Refused($"no pain is called '{c.Character}'; it is pressure, sharp or tingling"),
            CommandPayload.ChoosePlan c => ReadPlan(c.Plan),
            CommandPayload.BeginStep c => !EnumNames.TryParse<ProtocolRun>(c.Run, out var run)
                ? Refused($"no run is called '{c.Run}'; it is before, after_two_minutes or after_ten_minutes")
                : !EnumNames.TryParse<ProtocolStep>(c.Step, out var step)
                    ? Refused($"no step is called '{c.Step}'")
                    : EnumNames.TryParse<Side>(c.Side, out var leg)
                        ? new(new Marker.StepBegan(run, step, leg), "")
                        : Refused($"no side is called '{c.Side}'; it is none, left or right"),
            CommandPayload.Snooze c => c.DurationS is >= 60 and <= 86_400
                ? new(new Marker.Snoozed(TimeSpan.FromSeconds(c.DurationS)), "")
                : Refused("duration_s is 60 to 86400"),
            CommandPayload.SetReminders c => EnumNames.TryParse<ReminderMode>(c.Mode, out var mode)
                ? new(new Marker.RemindersSet(mode), "")
                : Refused("mode is training or quiet"),
            CommandPayload.CheckSync c => c.DurationS is >= 5 and <= 60
                ? new(new Marker.SyncCheck(TimeSpan.FromSeconds(c.DurationS)), "")
                : Refused("duration_s is 5 to 60"),
            CommandPayload.ChooseMuscle c => !EnumNames.TryParse<Muscle>(c.Muscle, out var muscle)
                ? Refused($"no muscle is called '{c.Muscle}'")
                : muscle != Muscle.None && MuscleFacts.Of(muscle).Rollable == Rollable.No
                    ? Refused($"'{c.Muscle}' is not rolled; it is stretched or strengthened")
                    : EnumNames.TryParse<Side>(c.Side, out var side)
                        ? new(new Marker.MuscleChosen(muscle, side), "")
                        : Refused($"no side is called '{c.Side}'; it is none, left or right"),
            CommandPayload.BeginSession c => !Slug.TryParse(c.Session, out var session) || !Slug.TryParse(c.Subject, out var subject)
                ? Refused("session and subject are 1 to 40 of a-z, 0-9 and '-'")
                : c.BodyMassKg is null or (>= 20 and <= 300)
                    ? new(new Marker.SessionBegan(session, subject, c.BodyMassKg), "")
                    : Refused("body_mass_kg is 20 to 300"),
            CommandPayload.EndSession c => Slug.TryParse(c.Session, out var session)
                ? new(new Marker.SessionEnded(session), "")
                : Refused("session is 1 to 40 of a-z, 0-9 and '-'"),
            CommandPayload.Say c => ReadMessage(c),
            CommandPayload.JoinStudy c => ReadStudy(c),
            CommandPayload.BeginTask c => !Slug.TryParse(c.Task, out var task)
                ? Refused("task is 1 to 40 of a-z, 0-9 and '-'")
                : c.Run is null or (>= 1 and <= Marker.TaskBegan.MaxRun)
                    ? new(new Marker.TaskBegan(task, c.Run ?? 1), "")
                    : Refused($"run is 1 to {Marker.TaskBegan.MaxRun}"),
            CommandPayload.EndTask c => Slug.TryParse(c.Task, out var task)
                ? new(new Marker.TaskEnded(task), "")
                : Refused("task is 1 to 40 of a-z, 0-9 and '-'"),
            CommandPayload.Mark c => Slug.TryParse(c.Label, out var label)
                ? new(new Marker.EventMarked(label, c.Value), "")
                : Refused("label is 1 to 40 of a-z, 0-9 and '-'"),
            _ => Refused("unknown command"),
        };
    }

    private static string? Text(Slug name) => name.IsNone ? null : name.ToString();

    private static CommandResult ReadStudy(CommandPayload.JoinStudy join)
    {
        Slug visit = default, arm = default;
        if (!Slug.TryParse(join.Study, out var study) || !Slug.TryParse(join.Participant, out var participant)
            || join.Visit is not null && !Slug.TryParse(join.Visit, out visit) || join.Arm is not null && !Slug.TryParse(join.Arm, out arm))
            return Refused("study, participant, visit and arm are 1 to 40 of a-z, 0-9 and '-'");
        return Study.IsProtocol(join.Protocol)
            ? new(new Marker.StudyJoined(study, join.Protocol, participant, visit, arm), "")
            : Refused($"protocol is 1 to {Study.MaxProtocol} letters, digits, '.' and '-'");
    }

    private static CommandResult ReadMessage(CommandPayload.Say say)
    {
        if (!PlainText.Is(say.Text, Marker.Said.MaxText))
            return Refused($"text is one line of 1 to {Marker.Said.MaxText} characters, none of them a control character");
        if (!PlainText.Is(say.From, Marker.Said.MaxFrom))
            return Refused($"from is one line of 1 to {Marker.Said.MaxFrom} characters, none of them a control character");
        Slug subject = default;
        if (say.Subject is not null && !Slug.TryParse(say.Subject, out subject))
            return Refused("subject is 1 to 40 of a-z, 0-9 and '-', or is left out");
        CueLevel? level = say.Level switch { "info" => CueLevel.Info, "caution" => CueLevel.Warn, "stop" => CueLevel.Stop, _ => null };
        return level is { } known
            ? new(new Marker.Said(subject, say.Text, known, say.From), "")
            : Refused("level is info, caution or stop");
    }

    private static CommandResult ReadPlan(JsonElement plan)
    {
        try
        {
            return new(new Marker.PlanChosen(PlanFile.Parse(plan.GetRawText(), "plan")), "");
        }
        catch (UserException e)
        {
            return Refused(e.Message.ReplaceLineEndings(" "));
        }
    }

    private static CommandResult Refused(string reason) => new(null, reason);
}

using System.Text;
using CsCheck;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Tests.Contract;

public sealed class CommandTests
{
    public static TheoryData<string, Marker> Good => new()
    {
        { """{"command":"calibrate_stand","schema":"command/1","duration_s":5}""", new Marker.StandCalibration(TimeSpan.FromSeconds(5)) },
        { """{"command":"calibrate_bends","schema":"command/1","duration_s":30}""", new Marker.BendCalibration(TimeSpan.FromSeconds(30)) },
        { """{"command":"calibrate_sit","schema":"command/1","duration_s":5}""", new Marker.SitCalibration(TimeSpan.FromSeconds(5)) },
        { """{"command":"calibrate_radius","schema":"command/1","sensor":"roller-1","radius_m":0.0712,"radius_u_m":0.0005}""", new Marker.RadiusCalibrated(Slug.Parse("roller-1"), 0.0712, 0.0005) },
        { """{"command":"begin_step","schema":"command/1","run":"after_two_minutes","step":"straight_leg_raise","side":"left"}""", new Marker.StepBegan(ProtocolRun.AfterTwoMinutes, ProtocolStep.StraightLegRaise, Side.Left) },
        { """{"command":"snooze","schema":"command/1","duration_s":1800}""", new Marker.Snoozed(TimeSpan.FromMinutes(30)) },
        { """{"command":"set_reminders","schema":"command/1","mode":"training"}""", new Marker.RemindersSet(ReminderMode.Training) },
        { """{"command":"check_sync","schema":"command/1","duration_s":10}""", new Marker.SyncCheck(TimeSpan.FromSeconds(10)) },
        { """{"command":"attach_clip","schema":"command/1","attachment":"a-2"}""", new Marker.ClipAttached(Slug.Parse("a-2")) },
        { """{"command":"report_pain","schema":"command/1","level":4,"character":"pressure"}""", new Marker.PainReported(4, PainCharacter.Pressure) },
        { """{"command":"choose_muscle","schema":"command/1","muscle":"tensor_fasciae_latae","side":"left"}""", new Marker.MuscleChosen(Muscle.TensorFasciaeLatae, Side.Left) },
        { """{"command":"begin_session","schema":"command/1","session":"s-1","subject":"p017","body_mass_kg":70.5}""", new Marker.SessionBegan(Slug.Parse("s-1"), Slug.Parse("p017"), 70.5) },
        { """{"command":"begin_session","schema":"command/1","session":"s-1","subject":"p017"}""", new Marker.SessionBegan(Slug.Parse("s-1"), Slug.Parse("p017"), null) },
        { """{"command":"say","schema":"command/1","text":"A little lighter","level":"caution","from":"Dr Berg","subject":"p017"}""", new Marker.Said(Slug.Parse("p017"), "A little lighter", CueLevel.Warn, "Dr Berg") },
        { """{"command":"say","schema":"command/1","text":"Stop","level":"stop","from":"Dr Berg"}""", new Marker.Said(default, "Stop", CueLevel.Stop, "Dr Berg") },
        { """{"command":"join_study","schema":"command/1","study":"flat-back","protocol":"1.0","participant":"p01","visit":"before","arm":"rolling"}""", new Marker.StudyJoined(Slug.Parse("flat-back"), "1.0", Slug.Parse("p01"), Slug.Parse("before"), Slug.Parse("rolling")) },
        { """{"command":"join_study","schema":"command/1","study":"flat-back","protocol":"1.0","participant":"p01"}""", new Marker.StudyJoined(Slug.Parse("flat-back"), "1.0", Slug.Parse("p01"), default, default) },
        { """{"command":"begin_task","schema":"command/1","task":"stand","run":2}""", new Marker.TaskBegan(Slug.Parse("stand"), 2) },
        { """{"command":"end_task","schema":"command/1","task":"stand"}""", new Marker.TaskEnded(Slug.Parse("stand")) },
        { """{"command":"mark","schema":"command/1","label":"trigger","value":7}""", new Marker.EventMarked(Slug.Parse("trigger"), 7) },
        { """{"command":"mark","schema":"command/1","label":"cough"}""", new Marker.EventMarked(Slug.Parse("cough"), null) },
        { """{"command":"end_session","schema":"command/1","session":"s-1"}""", new Marker.SessionEnded(Slug.Parse("s-1")) },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void A_command_is_a_marker_both_ways(string json, Marker marker)
    {
        Assert.Equal(json, Encoding.UTF8.GetString(Commands.Write(marker)));
        Assert.Equal(new CommandResult(marker, ""), Commands.Read(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Any_muscle_is_taken_but_those_that_are_never_rolled()
    {
        foreach (var muscle in Enum.GetValues<Muscle>())
        {
            var rolled = muscle == Muscle.None || MuscleFacts.Of(muscle).Rollable != Rollable.No;
            Assert.Equal(rolled, Commands.Read(Commands.Write(new Marker.MuscleChosen(muscle, Side.None))).Marker is not null);
        }
    }

    [Fact]
    public void A_plan_is_chosen_whole()
    {
        var plan = new RollingPlan { Id = Slug.Parse("evening"), Name = "Evening", Items = [PlanItem.Default(Muscle.Calf, Side.Right)] };
        Assert.Equal(new Marker.PlanChosen(plan), Commands.Read(Commands.Write(new Marker.PlanChosen(plan))).Marker);
    }

    [Fact]
    public void The_name_of_the_command_may_come_last() =>
        Assert.Equal(new Marker.StandCalibration(TimeSpan.FromSeconds(5)), Commands.Read("""{"schema":"command/1","duration_s":5,"command":"calibrate_stand"}"""u8).Marker);

    [Theory]
    [InlineData("", "")]
    [InlineData("now!", "")]
    [InlineData("null", "schema '' where 'command/1' is read")]
    [InlineData("""{"schema":"command/1"}""", "")]
    [InlineData("""{"command":"explode","schema":"command/1"}""", "")]
    [InlineData("""{"command":"calibrate_stand","schema":"command/2","duration_s":5}""", "schema 'command/2' where 'command/1' is read")]
    [InlineData("""{"command":"calibrate_stand","schema":"command/1"}""", "duration_s is 1 to 60")]
    [InlineData("""{"command":"calibrate_stand","schema":"command/1","duration_s":1e300}""", "duration_s is 1 to 60")]
    [InlineData("""{"command":"calibrate_bends","schema":"command/1","duration_s":5}""", "duration_s is 10 to 120")]
    [InlineData("""{"command":"calibrate_radius","schema":"command/1","sensor":"roller-1","radius_m":7.1,"radius_u_m":0.05}""", "radius_m is 0.01 to 0.3, and radius_u_m above 0 and below it")]
    [InlineData("""{"command":"begin_step","schema":"command/1","run":"before","step":"jump","side":"none"}""", "no step is called 'jump'")]
    [InlineData("""{"command":"snooze","schema":"command/1","duration_s":1}""", "duration_s is 60 to 86400")]
    [InlineData("""{"command":"set_reminders","schema":"command/1","mode":"loud"}""", "mode is training or quiet")]
    [InlineData("""{"command":"choose_plan","schema":"command/1","plan":{"schema":"plan/1","id":"e","name":"E","items":[]}}""", "plan: it has no items: name at least one muscle.")]
    [InlineData("""{"command":"attach_clip","schema":"command/1","attachment":"Back"}""", "attachment is 1 to 40 of a-z, 0-9 and '-'")]
    [InlineData("""{"command":"report_pain","schema":"command/1","level":11,"character":"pressure"}""", "level is 0 to 10")]
    [InlineData("""{"command":"report_pain","schema":"command/1","level":1,"character":"burning"}""", "no pain is called 'burning'; it is pressure, sharp or tingling")]
    [InlineData("""{"command":"choose_muscle","schema":"command/1","muscle":"psoas","side":"left"}""", "no muscle is called 'psoas'")]
    [InlineData("""{"command":"choose_muscle","schema":"command/1","muscle":"hip_flexors","side":"left"}""", "'hip_flexors' is not rolled; it is stretched or strengthened")]
    [InlineData("""{"command":"choose_muscle","schema":"command/1","muscle":"calf","side":"both"}""", "no side is called 'both'; it is none, left or right")]
    [InlineData("""{"command":"begin_session","schema":"command/1","session":"s","subject":"Jane Doe"}""", "session and subject are 1 to 40 of a-z, 0-9 and '-'")]
    [InlineData("""{"command":"begin_session","schema":"command/1","session":"s","subject":"p","body_mass_kg":7000}""", "body_mass_kg is 20 to 300")]
    [InlineData("""{"command":"say","schema":"command/1","text":"","level":"info","from":"A"}""", "text is one line of 1 to 200 characters, none of them a control character")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a\nb","level":"info","from":"A"}""", "text is one line of 1 to 200 characters, none of them a control character")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a\u001b[2Jb","level":"info","from":"A"}""", "text is one line of 1 to 200 characters, none of them a control character")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a\u202eb","level":"info","from":"A"}""", "text is one line of 1 to 200 characters, none of them a control character")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a\ud800","level":"info","from":"A"}""", "")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a","level":"shout","from":"A"}""", "level is info, caution or stop")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a","level":"info","from":"\u0007"}""", "from is one line of 1 to 60 characters, none of them a control character")]
    [InlineData("""{"command":"say","schema":"command/1","text":"a","level":"info","from":"A","subject":"Jane Doe"}""", "subject is 1 to 40 of a-z, 0-9 and '-', or is left out")]
    [InlineData("""{"command":"join_study","schema":"command/1","study":"flat-back","protocol":"1.0 beta","participant":"p01"}""", "protocol is 1 to 20 letters, digits, '.' and '-'")]
    [InlineData("""{"command":"join_study","schema":"command/1","study":"flat-back","protocol":"1.0","participant":"Jane Doe"}""", "study, participant, visit and arm are 1 to 40 of a-z, 0-9 and '-'")]
    [InlineData("""{"command":"begin_task","schema":"command/1","task":"stand","run":0}""", "run is 1 to 999")]
    [InlineData("""{"command":"begin_task","schema":"command/1","task":"Stand still"}""", "task is 1 to 40 of a-z, 0-9 and '-'")]
    [InlineData("""{"command":"end_task","schema":"command/1"}""", "task is 1 to 40 of a-z, 0-9 and '-'")]
    [InlineData("""{"command":"mark","schema":"command/1","label":"he said: ouch"}""", "label is 1 to 40 of a-z, 0-9 and '-'")]
    [InlineData("""{"command":"mark","schema":"command/1","label":"trigger","value":1e999}""", "")]
    [InlineData("""{"command":"end_session","schema":"command/1"}""", "session is 1 to 40 of a-z, 0-9 and '-'")]
    public void A_bad_command_is_a_reason(string json, string reason)
    {
        var result = Commands.Read(Encoding.UTF8.GetBytes(json));
        Assert.Null(result.Marker);
        Assert.NotEmpty(result.Reason);
        if (reason.Length > 0)
            Assert.Equal(reason, result.Reason);
    }

    [Fact]
    public void A_message_has_at_most_200_characters_and_markup_in_it_is_text()
    {
        var said = new Marker.Said(default, "<script>alert(1)</script> 😀".PadRight(200, '.'), CueLevel.Info, "\"Dr\" <b>Berg</b>");
        Assert.Equal(said, Commands.Read(Commands.Write(said)).Marker);
        Assert.Null(Commands.Read(Commands.Write(said with { Text = said.Text + "." })).Marker);
    }

    [Fact]
    public void Mutated_commands_never_throw()
    {
        var seed = Commands.Write(new Marker.SessionBegan(Slug.Parse("s-1"), Slug.Parse("p017"), 70.5));
        Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            var bytes = seed.ToArray();
            foreach (var (at, value) in changes)
                bytes[at] = value;
            var result = Commands.Read(bytes);
            Assert.Equal(result.Marker is null, result.Reason.Length > 0);
        }, iter: 10_000);
    }
}

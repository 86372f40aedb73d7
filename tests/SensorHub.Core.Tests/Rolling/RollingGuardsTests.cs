using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Rolling;

public class RollingGuardsTests
{
    private readonly RollingGuards _guards = new(RollerSignal.Roller, new RollingOptions());

    [Fact]
    public void Too_much_force_for_3_s_warns_once_until_it_has_become_clearly_less()
    {
        Assert.Empty(Press(0, 2.9, 60));
        var cue = Assert.Single(Press(2.9, 20, 60));
        Assert.Equal((CueCode.OverForce, CueLevel.Warn, 60.0, 55.0), (cue.Code, cue.Level, cue.Value!.Value, cue.Limit!.Value));
        Assert.Empty(Press(20, 21, 52).Concat(Press(21, 30, 60)));
        Assert.Single(Press(30, 31, 45).Concat(Press(31, 40, 60)));
    }

    [Fact]
    public void A_dip_below_the_limit_begins_the_3_s_anew() =>
        Assert.Empty(Press(0, 2, 60).Concat(Press(2, 2.1, 54)).Concat(Press(2.1, 4.5, 60)));

    [Fact]
    public void Without_a_body_mass_the_pressure_is_judged() =>
        Assert.Equal(CueCode.OverPressure, Assert.Single(Enumerable.Range(0, 300).Select(i => _guards.Force(At(0.02 * i), null, new Measured(90, 33))).OfType<Cue>()).Code);

    [Fact]
    public void A_still_hold_of_more_than_30_s_reminds_once_a_hold()
    {
        for (var hold = 0; hold < 2; hold++)
        {
            var cue = Assert.Single(Enumerable.Range(0, 4000).Select(i => _guards.Hold(At(100 * hold + 0.01 * i), TimeSpan.FromSeconds(0.01 * i))).OfType<Cue>());
            Assert.Equal(CueCode.LongHold, cue.Code);
        }
    }

    [Theory]
    [InlineData(8, PainCharacter.Pressure, true)]
    [InlineData(7.5, PainCharacter.Pressure, false)]
    [InlineData(2, PainCharacter.Sharp, true)]
    [InlineData(1, PainCharacter.Tingling, true)]
    public void Pain_of_8_or_of_a_bad_character_stops(double level, PainCharacter character, bool stops)
    {
        var cue = _guards.Pain(At(0), new Marker.PainReported(level, character));

        Assert.Equal(stops ? CueLevel.Stop : null, cue?.Level);
    }

    [Fact]
    public void What_must_not_be_rolled_is_refused_and_the_lumbar_spine_unless_a_therapist_has_unlocked_it()
    {
        Assert.Equal(CueCode.ForbiddenSite, Choose(Muscle.HipFlexors, null)?.Code);
        Assert.Equal(CueCode.ForbiddenSite, Choose(Muscle.LumbarParaspinals, null)?.Code);
        Assert.Null(Choose(Muscle.LumbarParaspinals, new RollingPlan { Id = Slug.Parse("plan"), Name = "plan", Unlocked = true, Items = [] }));
        Assert.All(MuscleTarget.Defaults, target => Assert.Null(Choose(target.Muscle, null)));
    }

    private Cue? Choose(Muscle muscle, RollingPlan? plan) => _guards.Site(At(0), new TargetBand(muscle, Side.Left, plan, firm: true));

    private List<Cue> Press(double from, double to, double percent)
    {
        var cues = new List<Cue>();
        for (var t = from; t < to; t += 0.02)
            if (_guards.Force(At(t), new Measured(percent, 2), new Measured(50, 18)) is { } cue)
                cues.Add(cue);
        return cues;
    }

    private static Timestamp At(double seconds) => new((long)Math.Round(seconds * 1e9));
}

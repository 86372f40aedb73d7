using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using Outcome = SensorHub.Core.Sessions.Outcomes.Measure;

namespace SensorHub.Core.Tests.Sessions.Guided;

public class RecordedProtocolTests
{
    [Fact]
    public void Stands_sitting_and_bends_are_found_without_a_marker_and_parted_by_the_rolling()
    {
        var runs = Measure(new Performance().Walk(10).Run().Roll(60).Stand(115).Run(trunk: 82, lumbarShare: 0.5).Walk(380).Run());

        Assert.Equal([ProtocolRun.Before, ProtocolRun.AfterTwoMinutes, ProtocolRun.AfterTenMinutes], runs.Keys);
        var before = runs[ProtocolRun.Before];
        Assert.Equal(
            [Outcome.PelvicRotation, Outcome.LumbarShare, Outcome.StandingLordosis,
                Outcome.SacralInclination, Outcome.SittingLordosis, Outcome.SlumpedLordosis],
            before.Select(v => v.Measure).Order());
        Assert.Equal(30, Of(before, Outcome.PelvicRotation), 1.5);
        Assert.Equal(60, Of(before, Outcome.LumbarShare), 2.0);
        Assert.Equal(31, Of(before, Outcome.StandingLordosis), 1.5);
        Assert.Equal(8, Of(before, Outcome.SittingLordosis), 0.3);
        Assert.Equal(-16, Of(before, Outcome.SlumpedLordosis), 0.3);
        Assert.Equal(41, Of(runs[ProtocolRun.AfterTwoMinutes], Outcome.PelvicRotation), 1.5);
        Assert.All(before, v => Assert.Equal(("morning", "1a", Quality.Good), (v.Attachment.ToString(), v.Calibration, v.Quality)));
        Assert.Equal(3, before.Single(v => v.Measure == Outcome.PelvicRotation).Repetitions);
        Assert.Equal(3, before.Single(v => v.Measure == Outcome.StandingLordosis).Repetitions);
    }

    [Fact]
    public void The_stated_interval_of_the_change_of_pelvic_rotation_covers_the_truth_about_95_times_of_100()
    {
        var covered = 0;
        const int Trials = 150;
        for (var seed = 0; seed < Trials; seed++)
        {
            var person = new Performance(seed);
            var runs = Measure(person.Run(75, 0.6).Roll(10).Run(80, 0.5));
            var change = SessionOutcome.Compare(runs[ProtocolRun.Before], runs[ProtocolRun.AfterTwoMinutes]).Single(c => c.IsPrimary);
            var (lower, upper) = change.Difference!.Value.Interval;
            if (lower <= 10 && 10 <= upper)
                covered++;
        }
        Assert.InRange(covered, 0.90 * Trials, Trials);
    }

    [Fact]
    public void Leaning_forward_to_sit_down_or_to_get_up_is_no_bend()
    {
        // A fast lean of 40° that ends on a chair.
        var person = new Performance().Stand(12).Bend(40, 0.3, down: 0.6, hold: 0, up: 0.6, pause: 0).Sit(12);
        Assert.DoesNotContain(Measure(person)[ProtocolRun.Before], v => v.Measure == Outcome.PelvicRotation);
    }

    [Fact]
    public void Who_stands_as_in_the_calibration_stands_even_if_getting_up_was_not_seen()
    {
        var values = Measure(new Performance().StandUnseen(31))[ProtocolRun.Before];
        Assert.Equal((Outcome.StandingLordosis, 3), (values[0].Measure, values[0].Repetitions));
        Assert.DoesNotContain(values, v => v.Measure == Outcome.SittingLordosis);
    }

    [Fact]
    public void Fidgeting_is_no_stand()
    {
        Assert.Empty(Measure(new Performance().Stand(30, fidget: 4)));
        Assert.Equal(2, Measure(new Performance().Stand(20, fidget: 4).Stand(21))[ProtocolRun.Before][0].Repetitions);
    }

    [Fact]
    public void A_gap_ends_a_stand_and_a_bend()
    {
        var values = Measure(new Performance().Stand(11).Stand(6).Gap(3).Stand(6).Bend(pause: -4).Gap(3).Stand(11))[ProtocolRun.Before];
        Assert.Equal(2, values.Single(v => v.Measure == Outcome.StandingLordosis).Repetitions);
        Assert.DoesNotContain(values, v => v.Measure == Outcome.PelvicRotation);
    }

    [Fact]
    public void While_the_clip_settles_nothing_is_measured()
    {
        var person = new Performance();
        var protocol = new RecordedProtocol();
        protocol.Mark(person.Now, new Marker.ClipAttached(Slug.Parse("morning")));
        Play(protocol, person.Stand(58));
        Assert.Empty(protocol.Measure());
        Play(protocol, new Performance().Gap(61).Stand(30));
        Assert.Equal(2, protocol.Measure()[ProtocolRun.Before][0].Repetitions);
    }

    [Fact]
    public void Markers_of_steps_say_what_counts_and_where_a_leg_is_raised()
    {
        var person = new Performance();
        var protocol = new RecordedProtocol();
        Announce(ProtocolStep.Rolling, Side.None);
        Play(person.Stand(20));
        Announce(ProtocolStep.StraightLegRaise, Side.Left);
        Play(person.Lie(2).RaiseLeg(62).RaiseLeg(64).RaiseLeg(66));
        Announce(ProtocolStep.KneeExtension, Side.Right);
        Play(person.Lie(2).RaiseLeg(50));

        var values = protocol.Measure()[ProtocolRun.Before];
        Assert.Equal([Outcome.StraightLegRaise, Outcome.KneeExtension], values.Select(v => v.Measure));
        Assert.Equal((64.0, 3, Side.Left), (Math.Round(values[0].Value.Value), values[0].Repetitions, values[0].Side));
        Assert.Equal((50.0, 1, Side.Right), (Math.Round(values[1].Value.Value), values[1].Repetitions, values[1].Side));

        void Announce(ProtocolStep step, Side side) => protocol.Mark(person.Now, new Marker.StepBegan(ProtocolRun.Before, step, side));

        void Play(Performance performance)
        {
            foreach (var estimate in performance.Estimates.Where(e => e.Time >= _played))
                protocol.Update(estimate);
            _played = performance.Now;
        }
    }

    [Fact]
    public void Pain_is_the_last_that_was_said_before_and_after_and_not_while_rolling()
    {
        var person = new Performance();
        var protocol = new RecordedProtocol();
        protocol.Mark(person.Now, new Marker.PainReported(6, PainCharacter.Pressure));
        protocol.Mark(person.Stand(12).Now, new Marker.PainReported(5, PainCharacter.Pressure));
        protocol.Mark(person.Roll(20).Now, new Marker.PainReported(8, PainCharacter.Pressure));
        protocol.Mark(person.Roll(20).Stand(130).Now, new Marker.PainReported(2, PainCharacter.Pressure));
        Play(protocol, person);

        var runs = protocol.Measure();
        Assert.Equal(5, Of(runs[ProtocolRun.Before], Outcome.Pain));
        Assert.Equal(2, Of(runs[ProtocolRun.AfterTwoMinutes], Outcome.Pain));
    }

    [Fact]
    public void Pain_said_between_sets_of_announced_rolling_is_that_of_no_run()
    {
        var person = new Performance();
        var protocol = new RecordedProtocol();
        protocol.Mark(person.Now, new Marker.StepBegan(ProtocolRun.Before, ProtocolStep.Stand, Side.None));
        protocol.Mark(person.Stand(12).Now, new Marker.StepBegan(ProtocolRun.Before, ProtocolStep.Pain, Side.None));
        protocol.Mark(person.Now, new Marker.PainReported(5, PainCharacter.Pressure));
        protocol.Mark(person.Now, new Marker.StepBegan(ProtocolRun.Before, ProtocolStep.Rolling, Side.None));
        protocol.Mark(person.Roll(20).Now, new Marker.PainReported(7, PainCharacter.Pressure));
        Play(protocol, person);

        Assert.Equal(5, Of(protocol.Measure()[ProtocolRun.Before], Outcome.Pain));
    }

    private Core.Timing.Timestamp _played;

    private static double Of(IReadOnlyList<MeasureValue> values, Outcome measure) => values.Single(v => v.Measure == measure).Value.Value;

    private static IReadOnlyDictionary<ProtocolRun, IReadOnlyList<MeasureValue>> Measure(Performance person)
    {
        var protocol = new RecordedProtocol();
        Play(protocol, person);
        return protocol.Measure();
    }

    private static void Play(RecordedProtocol protocol, Performance person)
    {
        foreach (var estimate in person.Estimates)
            protocol.Update(estimate);
    }
}

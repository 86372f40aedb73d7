using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;

namespace SensorHub.Core.Tests.Sessions.Guided;

public class ProtocolGuideTests
{
    private readonly Performance _person = new();
    private readonly ProtocolGuide _guide = new();
    private readonly List<ProtocolState> _states = [];
    private int _played;

    [Fact]
    public void Who_does_what_is_asked_for_comes_to_the_end_without_a_repetition_and_with_all_measures()
    {
        Attach();
        Play(_person.Walk(61).Stand(34).Sit(11).Slouch(12).Stand(2).Bend().Bend().Bend());
        Say(5);
        Play(_person.Roll(30).Stand(125));
        Assert.Equal((ProtocolRun.AfterTwoMinutes, ProtocolStep.Stand), (_guide.Run, _guide.Step));
        Play(_person.Stand(35).Sit(11).Slouch(12).Stand(2).Bend(82, 0.5).Bend(82, 0.5).Bend(82, 0.5));
        Say(2);
        Play(_person.Walk(390).Stand(35).Sit(11).Slouch(12).Stand(2).Bend().Bend().Bend());
        Say(3);

        Assert.Equal(ProtocolStep.Finished, _guide.Step);
        Assert.DoesNotContain(_states, s => s.Result == StepResult.Repeat);
        foreach (var run in Enum.GetValues<ProtocolRun>())
            Assert.Equal(7, _guide.Measure(run).Count);
        var change = SessionOutcome.Compare(_guide.Measure(ProtocolRun.Before), _guide.Measure(ProtocolRun.AfterTwoMinutes))[0];
        Assert.Equal((Measure.PelvicRotation, Verdict.LikelyReal), (change.Measure, change.Verdict));
    }

    [Fact]
    public void The_same_is_measured_from_the_recording_as_live()
    {
        var recorded = new RecordedProtocol();
        recorded.Mark(_person.Now, new Marker.ClipAttached(_person.Attachment));
        Attach();
        Play(_person.Walk(61).Stand(34).Sit(11).Slouch(12).Stand(2).Bend().Bend().Bend());
        foreach (var estimate in _person.Estimates)
            recorded.Update(estimate);

        Assert.Equal(Rotation(_guide.Measure(ProtocolRun.Before)), Rotation(recorded.Measure()[ProtocolRun.Before]), 0.5);

        static double Rotation(IReadOnlyList<MeasureValue> values) => values.Single(v => v.Measure == Measure.PelvicRotation).Value.Value;
    }

    [Fact]
    public void Time_left_runs_down_with_sample_time()
    {
        Attach();
        Play(_person.Walk(30));
        Assert.Equal(30, _states[^1].Left!.Value.TotalSeconds, 1.1);
        Play(_person.Walk(31).Stand(6));
        Assert.Equal((ProtocolStep.Stand, 1, 3), (_states[^1].Step, _states[^1].Number, _states[^1].Of));
        Assert.Equal(4, _states[^1].Left!.Value.TotalSeconds, 1.1);
        Assert.True(_states.Zip(_states.Skip(1), (a, b) => a.Time <= b.Time).All(inOrder => inOrder));
    }

    [Fact]
    public void Fidgeting_is_told_at_once_and_the_stand_asked_for_again()
    {
        Settled();
        Play(_person.Stand(40, fidget: 4));

        Assert.Contains(_states, s => s is { Step: ProtocolStep.Stand, Result: StepResult.Running, Trouble: StepTrouble.Moving });
        Assert.Contains(_states, s => s is { Step: ProtocolStep.Stand, Result: StepResult.Repeat, Trouble: StepTrouble.Moving });
        Assert.Equal(ProtocolStep.Stand, _guide.Step);
    }

    [Fact]
    public void Sitting_where_standing_is_asked_for_is_told()
    {
        Settled();
        Play(_person.Sit(15));
        Assert.Equal((ProtocolStep.Stand, StepTrouble.WrongPosture), (_states[^1].Step, _states[^1].Trouble));
    }

    [Fact]
    public void A_lost_clip_and_degraded_estimates_are_asked_for_again()
    {
        Settled();
        Play(_person.Stand(5).Gap(4).Stand(1));
        Assert.Contains(_states, s => s is { Step: ProtocolStep.Stand, Result: StepResult.Repeat, Trouble: StepTrouble.NoData });
        _person.Quality = Quality.Degraded;
        Play(_person.Stand(15));
        Assert.Contains(_states, s => s is { Step: ProtocolStep.Stand, Result: StepResult.Repeat, Trouble: StepTrouble.PoorData });
    }

    [Fact]
    public void Slumping_less_than_a_little_is_asked_for_again()
    {
        Settled();
        Play(_person.Stand(34).Sit(24));
        Assert.Contains(_states, s => s is { Step: ProtocolStep.SitSlumped, Result: StepResult.Repeat, Trouble: StepTrouble.NotSlumped });
    }

    [Fact]
    public void A_fast_bend_is_asked_for_again_and_a_slow_one_is_taken()
    {
        Settled();
        Play(_person.Stand(34).Sit(11).Slouch(12).Stand(2).Bend(down: 1, hold: 0.3, up: 1));
        Assert.Contains(_states, s => s is { Step: ProtocolStep.Bend, Number: 1, Result: StepResult.Repeat, Trouble: StepTrouble.TooFast });
        Play(_person.Bend());
        Assert.Equal(2, _states[^1].Number);
        Play(_person.Stand(50));
        Assert.Contains(_states, s => s is { Step: ProtocolStep.Bend, Number: 2, Result: StepResult.Repeat, Trouble: StepTrouble.TooShallow });
    }

    [Fact]
    public void A_therapist_may_go_to_a_step()
    {
        _states.AddRange(_guide.Mark(_person.Now, new Marker.StepBegan(ProtocolRun.AfterTwoMinutes, ProtocolStep.Bend, Side.None)));
        Assert.Equal((ProtocolRun.AfterTwoMinutes, ProtocolStep.Bend), (_guide.Run, _guide.Step));
        Play(_person.Stand(2).Bend().Bend().Bend());
        Assert.Equal(ProtocolStep.Pain, _guide.Step);
    }

    [Fact]
    public void The_leg_is_raised_last()
    {
        var guide = new ProtocolGuide(legTest: ProtocolStep.StraightLegRaise);
        guide.Mark(_person.Now, new Marker.StepBegan(ProtocolRun.AfterTenMinutes, ProtocolStep.StraightLegRaise, Side.Left));
        foreach (var estimate in _person.Lie(2).RaiseLeg(60).RaiseLeg(62).RaiseLeg(64).Lie(2).RaiseLeg(70).RaiseLeg(70).RaiseLeg(70).Estimates)
            guide.Update(estimate);

        Assert.Equal(ProtocolStep.Finished, guide.Step);
        var (left, right) = (guide.Measure(ProtocolRun.AfterTenMinutes)[0], guide.Measure(ProtocolRun.AfterTenMinutes)[1]);
        Assert.Equal((Side.Left, 62.0, Side.Right, 70.0), (left.Side, Math.Round(left.Value.Value), right.Side, Math.Round(right.Value.Value)));
    }

    [Fact]
    public void Every_step_and_trouble_has_its_words()
    {
        Assert.All(Enum.GetValues<ProtocolStep>(), step => Assert.NotEmpty(ProtocolText.Instruction(step)));
        Assert.All(Enum.GetValues<StepTrouble>(), trouble => Assert.NotNull(ProtocolText.Advice(trouble)));
    }

    private void Settled()
    {
        Attach();
        Play(_person.Walk(61));
    }

    private void Attach() => _states.AddRange(_guide.Mark(_person.Now, new Marker.ClipAttached(_person.Attachment)));

    private void Say(double pain) => _states.AddRange(_guide.Mark(_person.Now, new Marker.PainReported(pain, PainCharacter.Pressure)));

    private void Play(Performance person)
    {
        for (; _played < person.Estimates.Count; _played++)
            _states.AddRange(_guide.Update(person.Estimates[_played]));
    }
}

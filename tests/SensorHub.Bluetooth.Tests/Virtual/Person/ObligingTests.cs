using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Tests.Virtual.Person;

public sealed class ObligingTests
{
    [Fact]
    public void Somebody_who_is_asked_for_nothing_stands()
    {
        var (truth, _) = Play(60);
        Assert.Equal(Phase.Standing, truth.At(At(50)).Phase);
        Assert.Empty(truth.Contacts);
        Assert.Empty(truth.Bends);
    }

    [Fact]
    public void They_bend_three_times_within_the_window_of_a_calibration()
    {
        var (truth, said) = Play(60, (10, new Marker.BendCalibration(TimeSpan.FromSeconds(30))));
        Assert.Equal(3, truth.Bends.Count);
        Assert.All(truth.Bends, b => Within(b.End, said[0], 0, 30));
    }

    [Fact]
    public void They_roll_the_muscle_that_is_chosen_until_it_is_another_or_none_and_get_up_by_themselves()
    {
        var (truth, said) = Play(
            90,
            (10, new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left)), (30, new Marker.MuscleChosen(Muscle.Calf, Side.Right)), (50, new Marker.MuscleChosen(Muscle.None, Side.None)));
        Assert.Equal(2, truth.Contacts.Count);
        Within(truth.Contacts[0].Start, said[0], 5, 8);
        Within(truth.Contacts[0].End, said[1], 0, 4);
        Within(truth.Contacts[1].End, said[2], 0, 4);
        Assert.Equal([(Muscle.Hamstrings, Side.Left), (Muscle.Calf, Side.Right)], truth.Strokes.Select(s => (s.Muscle, s.Side)).Distinct());
        Assert.Equal(Phase.Standing, truth.At(At(85)).Phase);
    }

    [Fact]
    public void They_do_each_step_of_the_test_until_the_next()
    {
        var (truth, _) = Play(
            60,
            (10, Step(ProtocolStep.SitUpright)), (20, Step(ProtocolStep.SitSlumped)), (30, Step(ProtocolStep.Bend)), (55, Step(ProtocolStep.Pain)));
        Assert.Equal(Phase.Sitting, truth.At(At(19)).Phase);
        Assert.Equal(Phase.Slouching, truth.At(At(29)).Phase);
        Assert.Equal(3, truth.Bends.Count); // 9.5 s each, after 4 s of getting up: the third is ended
    }

    [Fact]
    public void The_sensors_go_out_of_range_so_long_after_the_first_muscle_was_chosen()
    {
        var links = new List<SensorRecord.Link>();
        var options = new SimulationOptions { Scenario = Scenario.Follow, OutageWhenRolling = new Outage(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(6)) };
        var (_, said) = Play(60, options, links, (10, new Marker.MuscleChosen(Muscle.Hamstrings, Side.Left)), (15, new Marker.MuscleChosen(Muscle.Calf, Side.Left)));
        var lost = Assert.Single(links, l => l.State == LinkState.Lost && l.Sensor.ToString().StartsWith("roller", StringComparison.Ordinal));
        Within(lost.At, said[0], 10, 14);
        Assert.Contains(links, l => l.State == LinkState.Streaming && l.Sensor == lost.Sensor && l.At > said[0] + TimeSpan.FromSeconds(16));
    }

    /// <summary>Between so many seconds after something was said.</summary>
    private static void Within(Timestamp time, Timestamp said, double least, double most) => Assert.InRange((time - said).TotalSeconds, least, most);

    private static Marker.StepBegan Step(ProtocolStep step) => new Marker.StepBegan(ProtocolRun.Before, step, Side.None);

    private static Timestamp At(double seconds) => Timestamp.FromDateTimeOffset(new SimulationOptions().Start) + TimeSpan.FromSeconds(seconds);

    private static (GroundTruth Truth, IReadOnlyList<Timestamp> Said) Play(double seconds, params (double After, Marker Marker)[] words) =>
        Play(seconds, new SimulationOptions { Scenario = Scenario.Follow }, [], words);

    /// <summary>Plays so many seconds; each word is said once so many have passed.</summary>
    private static (GroundTruth Truth, IReadOnlyList<Timestamp> Said) Play(double seconds, SimulationOptions options, List<SensorRecord.Link> links, params (double After, Marker Marker)[] words)
    {
        using var enough = new CancellationTokenSource();
        var session = new SimulatedSession(options);
        var said = new List<Timestamp>();
        var next = 0;
        Assert.Throws<OperationCanceledException>(() => session.Run(record =>
        {
            if (record is SensorRecord.Link link)
                links.Add(link);
            if (next < words.Length && record.At >= At(words[next].After))
            {
                said.Add(record.At);
                session.Mark(words[next++].Marker);
            }
            if (record.At >= At(seconds))
                enough.Cancel();
        }, enough.Token));
        return (session.Truth, said);
    }
}

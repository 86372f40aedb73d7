using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Posture.Wear;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Tests.Posture.Reminders;

public class PostureRemindersTests
{
    private const double SittingFlexion = 26;
    private static readonly Slug Clip = Slug.Parse("clip");

    private readonly List<Feature> _features = [];
    private PostureReminders _reminders = new(Clip);
    private long _milliseconds;
    private string? _calibration = "1";

    private List<Cue> Cues => [.. _features.OfType<Cue>()];

    private Timestamp Now => new(_milliseconds * 1_000_000);

    [Theory]
    [InlineData(Phase.Sitting, 10.5, 60)]
    [InlineData(Phase.Standing, 8.5, 30)]
    public void Slumped_for_the_hold_is_reminded_of_once(Phase phase, double posterior, double hold)
    {
        Do(phase, 0, 10);
        var start = Now;
        Do(phase, posterior, hold + 60);

        var cue = Assert.Single(Cues);
        Assert.Equal((CueCode.Slouching, CueLevel.Remind), (cue.Code, cue.Level));
        Assert.Equal(hold, (cue.Time - start).TotalSeconds, 0.1);
        Assert.Equal(posterior, cue.Value!.Value, 1e-9);
    }

    [Theory]
    [InlineData(Phase.Sitting, 9.5)]
    [InlineData(Phase.Standing, 7.5)]
    public void Less_than_the_limit_is_no_slouch(Phase phase, double posterior)
    {
        Do(phase, posterior, 900);
        Assert.Empty(Cues);
    }

    [Fact]
    public void Between_leaving_and_entering_a_bout_goes_on_and_a_moment_upright_does_not_end_it()
    {
        Do(Phase.Sitting, 11, 20);
        Do(Phase.Sitting, 7, 20);
        Do(Phase.Sitting, 2, 2.5);
        Do(Phase.Sitting, 7, 20);
        Assert.Single(Cues);
    }

    [Fact]
    public void Three_seconds_upright_end_a_bout_and_the_hold_begins_anew()
    {
        for (var i = 0; i < 10; i++)
        {
            Do(Phase.Sitting, 12, 50);
            Do(Phase.Sitting, 2, 4);
        }
        Assert.Empty(Cues);
    }

    [Fact]
    public void After_a_reminder_it_is_quiet_for_5_min_and_there_are_at_most_6_an_hour()
    {
        Do(Phase.Sitting, 15, 2 * 3600);
        var slouching = Cues.Where(c => c.Code == CueCode.Slouching).Select(c => c.Time).ToList();

        Assert.All(slouching.Zip(slouching.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMinutes(5)));
        Assert.All(slouching, t => Assert.InRange(slouching.Count(u => u >= t && u - t < TimeSpan.FromHours(1)), 1, 6));
        Assert.Equal(12, slouching.Count);
    }

    [Fact]
    public void Training_reminds_after_5_s()
    {
        _reminders = new PostureReminders(Clip, new ReminderOptions { Training = true });
        Do(Phase.Sitting, 12, 5.2);
        Assert.Single(Cues);
    }

    [Fact]
    public void The_person_chooses_training_and_leaves_it_again()
    {
        _reminders.Mark(Now, new Marker.RemindersSet(ReminderMode.Training));
        Do(Phase.Sitting, 12, 5.2);
        Assert.Single(Cues);
        Do(Phase.Sitting, 0, 600);

        _reminders.Mark(Now, new Marker.RemindersSet(ReminderMode.Quiet));
        Do(Phase.Sitting, 12, 50);
        Assert.Single(Cues);
        Do(Phase.Sitting, 12, 11);
        Assert.Equal(2, Cues.Count);
    }

    [Theory]
    [InlineData(Phase.Walking)]
    [InlineData(Phase.Lying)]
    [InlineData(Phase.Rolling)]
    [InlineData(Phase.Bending)]
    [InlineData(Phase.Unknown)]
    public void Other_phases_suspend_it_and_end_the_bout_after_3_s(Phase phase)
    {
        Do(phase, 40, 300);
        Assert.Empty(Cues);
        Do(Phase.Sitting, 12, 50);
        Do(phase, 40, 4);
        Do(Phase.Sitting, 12, 50);
        Assert.Empty(Cues);
    }

    [Fact]
    public void A_gap_ends_the_bout_and_its_time_is_in_no_total()
    {
        Do(Phase.Sitting, 12, 50);
        _milliseconds += 10_000;
        Do(Phase.Sitting, 12, 50);
        End();

        Assert.Empty(Cues);
        Assert.Equal(100, Totals(t => t.Sitting), 0.2);
    }

    [Fact]
    public void A_clip_that_is_off_reminds_of_nothing_and_is_counted_apart()
    {
        _reminders.Update(new WearState { Time = Now, Sensor = Clip, Wear = Wearing.Off });
        Do(Phase.Sitting, 30, 3600);
        End();
        Assert.Empty(Cues);
        Assert.Equal(3600, Totals(t => t.NotWorn), 0.2);
        Assert.Equal(0, Totals(t => t.Sitting));
    }

    [Fact]
    public void Without_a_calibration_nobody_slouches()
    {
        _calibration = null;
        Do(Phase.Sitting, 30, 600);
        Assert.Empty(Cues);
    }

    [Fact]
    public void Snoozed_it_says_nothing_and_counts_on()
    {
        _reminders.Snooze(Now, TimeSpan.FromMinutes(10));
        Do(Phase.Sitting, 15, 599);
        Assert.Empty(Cues);
        Do(Phase.Sitting, 15, 10);
        Assert.Single(Cues);
        End();
        Assert.Equal(609, Totals(t => t.Slouched), 0.5);
        Assert.Equal(609, _features.OfType<PostureTotals>().Max(t => t.LongestSlouch).TotalSeconds, 0.5);
    }

    [Fact]
    public void Sitting_is_held_against_the_persons_own_upright_sitting_once_shown()
    {
        _reminders.Mark(Now, new Marker.SitCalibration(TimeSpan.FromSeconds(10)));
        Do(Phase.Sitting, -12, 11); // flexion of 14° where people have 26° on average
        Do(Phase.Sitting, -1, 61);
        Assert.Equal(11, Assert.Single(Cues).Value!.Value, 0.01);

        _reminders.Mark(Now, new Marker.ClipAttached(Slug.Parse("again")));
        Do(Phase.Sitting, -1, 600);
        Assert.Single(Cues);
    }

    [Fact]
    public void The_time_to_correct_runs_from_the_reminder_to_upright()
    {
        Do(Phase.Sitting, 15, 72);
        Do(Phase.Sitting, 1, 5);
        End();

        Assert.Equal(1, _features.OfType<PostureTotals>().Sum(t => t.Corrections));
        Assert.Equal(12, Totals(t => t.TimeToCorrect), 0.2);
    }

    [Fact]
    public void Half_an_hour_of_sitting_is_reminded_of_and_again_after_another()
    {
        Do(Phase.Sitting, 0, 1799);
        Assert.Empty(Cues);
        Do(Phase.Sitting, 0, 2);
        Assert.Equal(CueCode.SittingLong, Assert.Single(Cues).Code);
        Do(Phase.Sitting, 0, 1800);
        Assert.Equal(2, Cues.Count);
        Assert.Equal(1800, Cues[0].Value!.Value, 1);
    }

    [Theory]
    [InlineData(Phase.Standing, 600, 1)]
    [InlineData(Phase.Walking, 120, 1)]
    [InlineData(Phase.Walking, 185, 0)]
    public void Only_a_walk_of_3_minutes_is_a_break(Phase phase, double seconds, int reminders)
    {
        Do(Phase.Sitting, 0, 1700);
        Do(phase, 0, seconds);
        Do(Phase.Sitting, 0, 1700);
        End();
        Assert.Equal(reminders, Cues.Count);
        Assert.Equal(1 - reminders, _features.OfType<PostureTotals>().Sum(t => t.Breaks));
    }

    [Fact]
    public void A_walk_with_stops_is_a_break_and_walks_with_sitting_between_are_not()
    {
        Do(Phase.Sitting, 0, 600);
        for (var i = 0; i < 4; i++)
        {
            Do(Phase.Walking, 0, 50);
            Do(Phase.Standing, 0, 30);
        }
        for (var i = 0; i < 4; i++)
        {
            Do(Phase.Sitting, 0, 120);
            Do(Phase.Walking, 0, 50);
        }
        End();
        Assert.Equal(1, _features.OfType<PostureTotals>().Sum(t => t.Breaks));
    }

    [Fact]
    public void Every_second_seen_is_in_one_total_and_minutes_begin_where_they_are_first_seen()
    {
        foreach (var phase in Enum.GetValues<Phase>())
            Do(phase, 0, 50);
        End();
        var totals = _features.OfType<PostureTotals>().ToList();

        Assert.Equal(400, Totals(t => t.Standing + t.Sitting + t.Lying + t.Walking + t.Rolling + t.Bending + t.Unknown + t.NotWorn), 0.1);
        Assert.Equal(100, Totals(t => t.Sitting), 0.1);
        Assert.Equal(7, totals.Count);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => new Timestamp(i * 60_000_000_000)), totals.Select(t => t.Time));
    }

    private double Totals(Func<PostureTotals, TimeSpan> of) => _features.OfType<PostureTotals>().Sum(t => of(t).TotalSeconds);

    private void End() => _features.AddRange(_reminders.Mark(Now, new Marker.SessionEnded(default)));

    /// <param name="phase">What is done.</param>
    /// <param name="posterior">° from the neutral of standing, or of average upright sitting.</param>
    /// <param name="seconds">For how long.</param>
    private void Do(Phase phase, double posterior, double seconds)
    {
        var flexion = posterior + (phase is Phase.Sitting or Phase.Slouching ? SittingFlexion : 0);
        for (var end = _milliseconds + (long)(seconds * 1000); _milliseconds < end; _milliseconds += 40)
            _features.AddRange(_reminders.Update(new PostureEstimate
            {
                Time = Now,
                Sensor = Clip,
                PelvicRotation = new Measured(-flexion, 1),
                TrunkRotation = new Measured(0, 1),
                LordosisChange = new Measured(-flexion, 1),
                Phase = phase,
                Method = "two-element-gravity",
                Quality = Quality.Good,
                Calibration = _calibration,
            }));
    }
}

using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Testing;

namespace SensorHub.Pipelines.Tests.Population;

/// <summary>What is asked of the estimates, held against a hundred simulated people.</summary>
public sealed class PopulationTests(SimulatedPeople people, ITestOutputHelper output) : IClassFixture<SimulatedPeople>
{
    private readonly Verdict _all = Verdict.Pool(people.Cases.Select(c => c.Verdict));

    [Fact]
    public void Strokes_are_counted_exactly_in_at_least_99_percent_of_sets()
    {
        Tell(c => c.Verdict.SetsExact < c.Verdict.Sets, c => $"{c.Traits.Roller.Geometry.Arrangement}: {c.Verdict.SetsExact} of {c.Verdict.Sets}");
        Assert.InRange((double)_all.SetsExact / _all.Sets, 0.99, 1);
    }

    [Fact]
    public void Length_of_strokes_errs_by_at_most_4_percent()
    {
        Tell(c => c.Verdict.StrokeLength.Rms > 0.08, c => FormattableString.Invariant($"{c.Verdict.StrokeLength.Rms:p1}"));
        Assert.InRange(_all.StrokeLength.Rms, 0, 0.04);
    }

    [Fact]
    public void Time_in_contact_errs_by_at_most_a_tenth_of_a_second_in_a_set()
    {
        Tell(c => c.Verdict.ContactTime.Worst > 0.1, c => FormattableString.Invariant($"{c.Traits.Roller.Geometry.Arrangement}: {c.Verdict.ContactTime.Worst:0.000} s"));
        Assert.InRange(_all.ContactTime.Worst, 0, 0.1);
    }

    [Fact]
    public void Lordosis_of_two_elements_errs_by_at_most_2_degrees()
    {
        Tell(c => c.Verdict.Lordosis.Rms > 3, c => FormattableString.Invariant($"{c.Verdict.Lordosis.Rms:0.0}°"));
        Assert.Equal(_all.People, _all.Calibrated);
        Assert.InRange((double)_all.Observed.Missing / _all.Observed.All, 0, 0.02);
        Assert.InRange(_all.Lordosis.Rms, 0, 2.0);
    }

    [Fact]
    public void Lumbar_share_of_a_bend_is_within_its_stated_uncertainty()
    {
        Tell(c => c.Verdict.BendsFound < c.Verdict.Bends, c => $"{c.Verdict.BendsFound} of {c.Verdict.Bends} bends");
        Assert.InRange((double)_all.BendsFound / _all.Bends, 0.98, 1);
        Assert.All(_all.Share.Where(s => s.Count >= 20), share => Assert.InRange(share.Coverage, 0.9, 1));
    }

    [Fact]
    public void A_bend_gets_at_most_one_cue_and_little_else_gets_one()
    {
        // Whoever lowers themselves to the floor with a bent trunk bends as well, for a moment.
        Tell(c => c.Verdict.StrayCues > 0, c => $"{c.Verdict.StrayCues} cues without a bend");
        Assert.Equal(1, _all.MostCues);
        Assert.InRange(_all.StrayCues, 0, 0.05 * _all.Cues);
    }

    [Fact]
    public void States_are_right_in_98_percent_of_the_time_outside_1_s_around_changes()
    {
        Tell(c => c.Verdict.States.Right < 0.98 * c.Verdict.States.All, c => string.Join(", ", c.Verdict.Confusions.Select(m => $"{m.Key.True} said to be {m.Key.Said} {m.Value}×")));
        Assert.InRange((double)_all.States.Right / _all.States.All, 0.98, 1);
    }

    /// <summary>98 % are asked for at the most, and are not kept: the uncertainty is too wide, not too narrow. See the page.</summary>
    [Fact]
    public void Two_stated_uncertainties_hold_90_to_98_percent_of_lordosis() => Assert.InRange(_all.Lordosis.Coverage, 0.90, 0.98);

    [Fact]
    public void Two_stated_uncertainties_hold_90_to_98_percent_of_stroke_lengths() => Assert.InRange(_all.StrokeLength.Coverage, 0.90, 0.98);

    [Fact]
    public void Two_stated_uncertainties_hold_90_to_98_percent_of_forces() => Assert.InRange(_all.Force.Coverage, 0.90, 0.98);

    [Fact]
    public void The_page_of_accuracy_is_what_the_people_give()
    {
        var page = AccuracyPage.Write(people.Cases);
        var path = Repository.PathOf("docs", "accuracy", "simulated.md");
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(path, page);
        Assert.Equal(page, File.ReadAllText(path));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void The_whole_way_over_the_radio_gives_what_the_bytes_give_directly(int seed)
    {
        // Two-way exchanges, connection intervals, lost notifications that are asked for again, late ones.
        var direct = people.Cases[seed - 1].Verdict;
        var session = new SimulatedSession(new SimulationOptions
        {
            Scenario = Scenario.Day, Person = PersonTraits.Draw(seed), Seed = seed, Radio = new RadioOptions { NotificationLoss = people.Cases[seed - 1].Loss },
        });
        var pipeline = new FeaturePipeline();
        var features = new List<Feature>();
        session.Run(record => features.AddRange(pipeline.Update(record)), TestContext.Current.CancellationToken);
        features.AddRange(pipeline.Complete());
        var radio = SimulatedPeople.Judge(session, features, people.Cases[seed - 1].Traits);

        Assert.Equal(direct.SetsExact, radio.SetsExact);
        Assert.Equal(direct.StrokeLength.Rms, radio.StrokeLength.Rms, 0.005);
        Assert.Equal(direct.Lordosis.Rms, radio.Lordosis.Rms, 0.3); // other frames are lost
        Assert.Equal((double)direct.States.Right / direct.States.All, (double)radio.States.Right / radio.States.All, 0.01);
    }

    private void Tell(Func<SimulatedPeople.Case, bool> which, Func<SimulatedPeople.Case, string> what)
    {
        foreach (var c in people.Cases.Where(which))
            output.WriteLine($"seed {c.Seed}: {what(c)}");
    }
}

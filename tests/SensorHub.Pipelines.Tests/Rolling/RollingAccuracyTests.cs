using System.Globalization;
using System.Text;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Testing;
using MeasuredSet = SensorHub.Core.Rolling.RollingSet;

namespace SensorHub.Pipelines.Tests.Rolling;

/// <summary>Strokes, contact and force of a hundred simulated people against what really happened; writes docs/accuracy/rolling.md.</summary>
public class RollingAccuracyTests
{
    private const int People = 100;
    private const double Loss = 0.01;

    private sealed record JudgedSet(
        LoadArrangement Arrangement, bool Exact, double ContactError,
        (double Error, double Uncertainty)[] Lengths, (double Error, double Uncertainty)[] Forces);

    [Fact]
    public void Count_length_contact_and_force_of_a_hundred_people_are_as_accurate_as_stated()
    {
        var judged = new JudgedSet[People][];
        Parallel.For(0, People, i => judged[i] = Judge(seed: i + 1));
        var sets = judged.SelectMany(person => person).ToArray();

        var page = Write(sets);
        var path = Repository.PathOf("docs", "accuracy", "rolling.md");
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllText(path, page);

        Assert.True(sets.Count(set => set.Exact) >= 0.99 * sets.Length);
        var lengths = sets.SelectMany(set => set.Lengths).ToArray();
        Assert.InRange(Rms(lengths), 0, 0.04);
        Assert.InRange(Covered(lengths), 0.90, 0.98);
        Assert.InRange(Covered([.. sets.SelectMany(set => set.Forces)]), 0.90, 0.98);
        Assert.True(sets.Count(set => Math.Abs(set.ContactError) <= 0.1) >= 0.99 * sets.Length);
        Assert.Equal(File.ReadAllText(path), page);
    }

    private static JudgedSet[] Judge(int seed)
    {
        var (arrangement, truth, features) = SimulatedRoller.Roll(seed, Loss);
        var sets = features.OfType<MeasuredSet>().ToArray();
        var strokes = features.OfType<Stroke>().ToArray();
        var forces = features.OfType<RollingEstimate>().Where(e => e.Source == ForceSource.Measured && e.Force is not null).ToArray();
        return [.. truth.Strokes.GroupBy(stroke => (stroke.Muscle, stroke.Side)).Select(real => Judge(real.Key, [.. real]))];

        JudgedSet Judge((Muscle, Side) place, TrueStroke[] real)
        {
            var found = sets.Where(set => (set.Muscle, set.Side) == place).ToArray();
            var counted = strokes.Where(stroke => (stroke.Muscle, stroke.Side) == place).ToArray();
            var (begin, end) = (real[0].Start - TimeSpan.FromSeconds(2), real[^1].End + TimeSpan.FromSeconds(2));
            var contact = truth.Contacts.Where(span => span.Start >= begin && span.End <= end).Sum(span => (span.End - span.Start).TotalSeconds);
            return new JudgedSet(
                arrangement,
                found.Length == 1 && found[0].Strokes == real.Length && counted.Length == real.Length,
                arrangement == LoadArrangement.None ? 0 : found.Sum(set => set.ContactTime.TotalSeconds) - contact,
                [.. from stroke in counted
                    let middle = stroke.Time - 0.5 * stroke.Duration
                    let truly = Array.Find(real, r => r.Start <= middle && middle <= r.End)
                    where truly is not null
                    select (stroke.Length.Value / truly.Length - 1, stroke.Length.StandardUncertainty / truly.Length)],
                [.. from estimate in forces
                    where estimate.Time >= begin && estimate.Time <= end
                    let now = truth.At(estimate.Time)
                    where now.Contact
                    select (estimate.Force!.Value.Value / now.Force - 1, estimate.Force.Value.StandardUncertainty / now.Force)]);
        }
    }

    private static string Write(JudgedSet[] sets)
    {
        var page = new StringBuilder();
        Line("""
            # Accuracy of rolling

            Written by RollingAccuracyTests: a hundred simulated people with bodies, habits, rollers and errors of their own, three sets each, 1 % of the
            frames lost, defaults of `RollingOptions`. The distributions they are drawn from are in `Population`. RMS of relative errors; u is the stated
            standard uncertainty. The radius on which each roller rolls is not known to better than 3 %, and errs alike in all strokes
            of one person. Without load cells nothing is known of contact and force.

            | load cells | sets | counted exactly | stroke length | within 2u | contact time, worst | within 0.1 s | force | within 2u |
            | --- | --: | --: | --: | --: | --: | --: | --: | --: |
            """);
        foreach (var group in sets.GroupBy(set => set.Arrangement).OrderBy(group => group.Key))
            Row(group.Key.ToString(), [.. group], group.Key != LoadArrangement.None);
        Row("all", sets, measured: true);
        Line("""

            Contact is a matter of 30 and 15 N: what a sensor still reads by creep after a minute of load delays its end, most with the force-sensing
            resistors of a ring.
            """);
        return page.ToString();

        void Row(string name, JudgedSet[] of, bool measured)
        {
            var lengths = of.SelectMany(set => set.Lengths).ToArray();
            var forces = of.SelectMany(set => set.Forces).ToArray();
            var contacts = of.Where(set => set.Arrangement != LoadArrangement.None).Select(set => Math.Abs(set.ContactError)).ToArray();
            Line(string.Create(CultureInfo.InvariantCulture, $"| {name} | {of.Length} | {of.Count(set => set.Exact)} | {100 * Rms(lengths):0.0} % | {100 * Covered(lengths):0.0} % | ")
                + (measured
                    ? string.Create(CultureInfo.InvariantCulture, $"{contacts.Max():0.00} s | {contacts.Count(c => c <= 0.1)} of {contacts.Length} | {100 * Rms(forces):0.0} % | {100 * Covered(forces):0.0} % |")
                    : "| | | |"));
        }

        void Line(string text) => page.Append(text.ReplaceLineEndings("\n")).Append('\n');
    }

    private static double Rms((double Error, double Uncertainty)[] errors) => Math.Sqrt(errors.Average(e => e.Error * e.Error));

    private static double Covered((double Error, double Uncertainty)[] errors) => errors.Average(e => Math.Abs(e.Error) <= 2 * e.Uncertainty ? 1.0 : 0);
}

using SensorHub.Core.Rolling;
using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>The left side against the right one, in one run of the protocol or in the rolling of one muscle.</summary>
/// <param name="What">As in files: <c>straight_leg_raise</c>, <c>knee_extension</c>, <c>mean_force</c>, <c>impulse</c>.</param>
/// <param name="Muscle">What was rolled; none for a raised leg.</param>
/// <param name="Unit"><c>deg</c>, <c>N</c>, <c>N·s</c>.</param>
/// <param name="Detectable">Smallest difference of the sides that can be detected, in that unit.</param>
/// <param name="Index">Without a value where the ratio says nothing, or a side is not good enough to be compared.</param>
/// <param name="Source">Of the detectable difference.</param>
public sealed record SideComparison(
    string What, Muscle Muscle, string Unit, Measured Left, Measured Right, double Detectable, SymmetryIndex Index, string Source)
{
    /// <summary>
    /// Each measure that there is of both legs. The clip goes from one shin to the other, so that the difference is held against what can
    /// be detected between two attachments.
    /// </summary>
    /// <param name="values">Of one run.</param>
    /// <param name="detectable">Null = published.</param>
    /// <param name="options">Null = defaults.</param>
    public static IReadOnlyList<SideComparison> OfMeasures(
        IReadOnlyList<MeasureValue> values, DetectableChanges? detectable = null, OutcomeOptions? options = null)
    {
        options = Constants.Check(options ?? new OutcomeOptions());
        return
        [
            .. from left in values
               where left.Side == Side.Left
               from right in values
               where right.Side == Side.Right && right.Measure == left.Measure
               let row = (detectable ?? DetectableChanges.Published).Find(left.Measure, Comparison.NewAttachment)
               where row is not null
               let compares = left.Quality == Quality.Good && right.Quality == Quality.Good
                   && Math.Min(left.Repetitions, right.Repetitions) >= options.FewestRepetitions
               orderby left.Measure
               select new SideComparison(
                   EnumNames.Of(left.Measure), Muscle.None, OutcomeText.Unit(left.Measure), left.Value, right.Value, row.Mdc.Upper,
                   compares ? SymmetryIndex.Of(left.Value, right.Value, row.Mdc.Upper, options) : default, row.Source),
        ];
    }

    /// <summary>
    /// Mean force and impulse of each muscle that was rolled on both sides, where load cells measured them: forces modelled from the body mass
    /// are alike on both sides by their making. A difference can be detected from <see cref="OutcomeOptions.Coverage"/> of its uncertainties on.
    /// </summary>
    /// <param name="sets">Of one session.</param>
    /// <param name="options">Null = defaults.</param>
    public static IReadOnlyList<SideComparison> OfRolling(IEnumerable<RollingSet> sets, OutcomeOptions? options = null)
    {
        options = Constants.Check(options ?? new OutcomeOptions());
        var comparisons = new List<SideComparison>();
        foreach (var muscle in sets.Where(IsMeasured).GroupBy(set => set.Muscle).OrderBy(group => group.Key))
        {
            var sides = muscle.ToLookup(set => set.Side);
            if (muscle.Key == Muscle.None || !sides.Contains(Side.Left) || !sides.Contains(Side.Right))
                continue;
            Add("mean_force", "N", Force);
            Add("impulse", "N·s", Impulse);

            void Add(string what, string unit, Func<IEnumerable<RollingSet>, Measured> of)
            {
                var (left, right) = (of(sides[Side.Left]), of(sides[Side.Right]));
                var detectable = options.Coverage * double.Hypot(left.StandardUncertainty, right.StandardUncertainty);
                comparisons.Add(new(what, muscle.Key, unit, left, right, detectable, SymmetryIndex.Of(left, right, detectable, options), "the uncertainty of the two sides"));
            }
        }
        return comparisons;
    }

    private static bool IsMeasured(RollingSet set) =>
        set is { Source: ForceSource.Measured, Quality: not Quality.NotObservable, MeanForce: not null, Impulse: not null } && set.ContactTime > TimeSpan.Zero;

    /// <summary>Over the time in contact. What is uncertain of the load cells is the same in each set: more sets do not lessen it.</summary>
    private static Measured Force(IEnumerable<RollingSet> sets)
    {
        var (seconds, force, uncertainty) = (0.0, 0.0, 0.0);
        foreach (var set in sets)
        {
            var weight = set.ContactTime.TotalSeconds;
            seconds += weight;
            force += weight * set.MeanForce!.Value.Value;
            uncertainty += weight * set.MeanForce!.Value.StandardUncertainty;
        }
        return new Measured(force / seconds, uncertainty / seconds);
    }

    private static Measured Impulse(IEnumerable<RollingSet> sets) =>
        sets.Select(set => set.Impulse!.Value).Aggregate((a, b) => new Measured(a.Value + b.Value, a.StandardUncertainty + b.StandardUncertainty));
}

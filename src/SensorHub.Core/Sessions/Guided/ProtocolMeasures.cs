using SensorHub.Core.Posture;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Statistics;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>The measures of one run from what was done in it. A measure whose steps are missing is absent.</summary>
public static class ProtocolMeasures
{
    /// <summary>Variance of the median of three normal values, as a share of theirs; of the mean it would be a third.</summary>
    private const double MedianOfThree = 0.449;

    /// <param name="segments">Of one run, in the order of time.</param>
    /// <param name="pain">What the person said in it last.</param>
    /// <param name="options">Null = defaults.</param>
    public static IReadOnlyList<MeasureValue> Of(IReadOnlyList<PostureSegment> segments, (Timestamp At, double Level)? pain, ProtocolOptions? options = null)
    {
        options = Constants.Check(options ?? new ProtocolOptions());
        var values = new List<MeasureValue>();
        var bends = segments.OfType<PostureSegment.Bend>().TakeLast(options.Bends).ToArray();
        var stands = Stands(segments, bends, options);
        AddStands(values, stands);
        AddSitting(values, [.. segments.OfType<PostureSegment.Still>().Where(s => s.Sitting)], options);
        AddBends(values, bends, stands);
        foreach (var raises in segments.OfType<PostureSegment.Raise>().GroupBy(r => (r.Step, r.Side)))
            AddRaises(values, [.. raises.TakeLast(options.Bends)]);
        if (pain is { } said)
            values.Add(new MeasureValue
            {
                Measure = Measure.Pain,
                // A number of eleven: ± ½ with equal probability.
                Value = new Measured(said.Level, 1 / Math.Sqrt(12)),
                ToCompare = new Measured(said.Level, 1 / Math.Sqrt(12)),
                Repetitions = 1,
                Method = "reported",
                Quality = Quality.Good,
                At = said.At,
            });
        return values;
    }

    /// <summary>The last stands before the bends: those at the beginning are still settling. Without any there, the first ones after.</summary>
    private static PostureSegment.Still[] Stands(IReadOnlyList<PostureSegment> segments, PostureSegment.Bend[] bends, ProtocolOptions options)
    {
        var stands = segments.OfType<PostureSegment.Still>().Where(s => !s.Sitting).ToArray();
        var before = bends is [var first, ..] ? [.. stands.Where(s => s.End <= first.Start)] : stands;
        return before.Length > 0 ? [.. before.TakeLast(options.Stands)] : [.. stands.Take(options.Stands)];
    }

    private static void AddStands(List<MeasureValue> values, PostureSegment.Still[] stands)
    {
        if (stands.Length == 0)
            return;
        Add(Measure.StandingLordosis, s => s.Lordosis);
        Add(Measure.SacralInclination, s => s.Pelvis);

        void Add(Measure measure, Func<PostureSegment.Still, Within?> angle)
        {
            if (Median(stands, s => angle(s)?.Absolute) is { } absolute && Median(stands, s => angle(s)?.ToCompare) is { } toCompare)
                values.Add(Value(measure, new Within(absolute, toCompare), stands, "median-of-stands"));
        }
    }

    private static void AddSitting(List<MeasureValue> values, PostureSegment.Still[] sitting, ProtocolOptions options)
    {
        var upright = sitting.MaxBy(s => s.Lordosis?.Absolute.Value);
        var slumped = sitting.MinBy(s => s.Lordosis?.Absolute.Value);
        if (upright?.Lordosis is not { } most || slumped?.Lordosis is not { } least)
            return;
        values.Add(Value(Measure.SittingLordosis, most, [upright], "still-sitting"));
        if (most.Absolute.Value - least.Absolute.Value >= options.Slump)
            values.Add(Value(Measure.SlumpedLordosis, least, [slumped], "still-sitting"));
    }

    /// <summary>Rotation from the stand of the same run, so that what the skin has crept since the calibration cancels.</summary>
    private static void AddBends(List<MeasureValue> values, PostureSegment.Bend[] bends, PostureSegment.Still[] stands)
    {
        if (bends.Length == 0 || Median(stands, s => s.Pelvis?.ToCompare) is not { } pelvis)
            return;
        if (Mean([.. bends.Select(b => b.Pelvis?.ToCompare).OfType<Measured>().Select(p => Difference(p, pelvis))]) is { } rotation)
            values.Add(Value(Measure.PelvicRotation, new Within(rotation, rotation), bends, "mean-of-bends"));
        if (Median(stands, s => s.Upper?.ToCompare) is not { } upper)
            return;
        var shares = bends.Where(b => b is { Pelvis: not null, Upper: not null })
            .Select(b => Share(trunk: Difference(b.Upper!.Value.ToCompare, upper), pelvis: Difference(b.Pelvis!.Value.ToCompare, pelvis)));
        if (Mean([.. shares]) is { } share)
            values.Add(Value(Measure.LumbarShare, new Within(share, share), bends, "mean-of-bends"));
    }

    private static void AddRaises(List<MeasureValue> values, PostureSegment.Raise[] raises)
    {
        var measure = raises[0].Step == ProtocolStep.KneeExtension ? Measure.KneeExtension : Measure.StraightLegRaise;
        var angle = Mean([.. raises.Select(r => r.Angle)])!.Value;
        values.Add(Value(measure, new Within(angle, angle), raises, "mean-of-raises") with { Side = raises[0].Side });
    }

    /// <summary>100·L/T with L = T − P; from P/T, whose errors are independent: u² = u_P² / T² + (P/T)²·u_T² / T².</summary>
    private static Measured Share(Measured trunk, Measured pelvis)
    {
        var ofPelvis = pelvis.Value / trunk.Value;
        return new Measured(
            100 * (1 - ofPelvis),
            100 * double.Hypot(pelvis.StandardUncertainty, ofPelvis * trunk.StandardUncertainty) / Math.Abs(trunk.Value));
    }

    private static Measured? Median(PostureSegment.Still[] stands, Func<PostureSegment.Still, Measured?> value)
    {
        Measured[] values = [.. stands.Select(value).OfType<Measured>().OrderBy(m => m.Value)];
        if (values.Length == 0)
            return null;
        var median = (values[(values.Length - 1) / 2].Value + values[values.Length / 2].Value) / 2;
        return Combined(median, values, values.Length < 3 ? 1.0 / values.Length : MedianOfThree * 3 / values.Length);
    }

    private static Measured? Mean(Measured[] values) =>
        values.Length == 0 ? null : Combined(values.Average(m => m.Value), values, 1.0 / values.Length);

    /// <summary>
    /// What repetitions scatter, and what they have in common: the sensor and its place. Few repetitions tell their own scatter
    /// badly: it is widened as Student's distribution is, so that ± 2u holds the truth 95 times of 100.
    /// </summary>
    /// <param name="share">Variance of the value as a share of that of one repetition.</param>
    private static Measured Combined(double value, Measured[] values, double share)
    {
        var mean = values.Average(m => m.Value);
        var variance = values.Length < 2 ? 0 : values.Sum(m => (m.Value - mean) * (m.Value - mean)) / (values.Length - 1);
        var few = values.Length < 2 ? 0 : Distributions.StudentQuantile(0.975, values.Length - 1) / 2;
        return new Measured(value, double.Hypot(few * Math.Sqrt(share * variance), values.Average(m => m.StandardUncertainty)));
    }

    private static Measured Difference(Measured a, Measured b) =>
        new(a.Value - b.Value, double.Hypot(a.StandardUncertainty, b.StandardUncertainty));

    private static MeasureValue Value(Measure measure, Within value, IReadOnlyList<PostureSegment> segments, string method) => new()
    {
        Measure = measure,
        Value = value.Absolute,
        ToCompare = value.ToCompare,
        Repetitions = segments.Count,
        Method = method,
        // One wearing, one calibration: otherwise it is nobody's.
        Attachment = segments.Select(s => s.Attachment).Distinct().Count() == 1 ? segments[0].Attachment : default,
        Calibration = segments.Select(s => s.Calibration).Distinct().Count() == 1 ? segments[0].Calibration : null,
        Quality = segments.Max(s => s.Quality),
        At = segments[^1].End,
    };
}

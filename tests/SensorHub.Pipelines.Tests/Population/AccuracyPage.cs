using System.Globalization;
using System.Text;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using static SensorHub.Pipelines.Tests.Population.SimulatedPeople;

namespace SensorHub.Pipelines.Tests.Population;

/// <summary>docs/accuracy/simulated.md from the verdicts. Rounded to what does not change from one machine to another.</summary>
internal sealed class AccuracyPage
{
    private readonly StringBuilder _text = new();

    private AccuracyPage()
    {
    }

    public static string Write(IReadOnlyList<Case> cases)
    {
        var page = new AccuracyPage();
        page.Introduce();
        page.AskedAndFound(cases);
        page.Uncertainties(cases);
        page.Groups(cases);
        page.Lordosis(cases);
        page.States(cases);
        page.Explain();
        return page._text.ToString();
    }

    private void Introduce()
    {
        Line("# Accuracy on simulated people");
        Line();
        Line("Written by `PopulationTests` (UPDATE_GOLDEN=1). A hundred people, seeds 1 to 100, do the scenario `day`, each in their own way and with");
        Line("sensors of their own: four to five minutes of standing, calibrating, walking, sitting, slouching, bending, lying and rolling two sets. Their sensors'");
        Line("bytes go through the pipelines with the default options; 0, ⅓, ⅔ or 1 % of the frames are lost for good. The truth is that of the");
        Line("simulation, which knows nothing of the estimators. `sensorhub simulate day --person 7` records the seventh of them.");
    }

    private void AskedAndFound(IReadOnlyList<Case> cases)
    {
        var all = Verdict.Pool(cases.Select(c => c.Verdict));
        var people = cases.Select(c => c.Verdict).ToArray();
        Line();
        Line("## Asked and found");
        Line();
        Line("| | asked | all together | the worst |");
        Line("| --- | --- | --: | --- |");
        Row("sets whose strokes are counted exactly", "≥ 99 %", Percent(all.SetsExact, all.Sets), $"{all.Sets - all.SetsExact} of {all.Sets} sets");
        Row("length of a stroke, RMS error", "≤ 4 %", Percent(all.StrokeLength.Rms), $"{Percent(people.Max(v => v.StrokeLength.Rms))}, a person's RMS");
        Row("time in contact in a set, RMS error", "≤ 0.1 s", $"{all.ContactTime.Rms:0.00} s", $"{all.ContactTime.Worst:0.00} s, a set; {all.ContactsWithin} of {all.ContactTime.Count} sets within 0.1 s");
        Row("lordosis, RMSE", "≤ 2.0°", $"{all.Lordosis.Rms:0.0}°", $"{people.Max(v => v.Lordosis.Rms):0.0}°, a person's RMSE; half of them below {Quantile(people, 0.5):0.0}°, nine of ten below {Quantile(people, 0.9):0.0}°");
        Row("lumbar share L/T at the deepest, RMS error", "within 2u", $"{all.Share[0].Rms:0.00}", $"{Percent(all.Share[0].Coverage)} within 2u");
        Row("cues about a bend", "≤ 1", $"{all.Cues} about {all.Bends} bends", $"{all.MostCues}; {all.StrayCues} on the way down to the floor or a chair");
        Row("state right, more than 1 s from a change", "≥ 98 %", Percent(all.States.Right, all.States.All), $"{Percent(people.Min(v => (double)v.States.Right / v.States.All))}, a person");
        Line();
        Line($"{all.Calibrated} of {all.People} clips were calibrated as they were worn, {all.BendsFound} of {all.Bends} bends were found, and while a person did not lie {Percent(all.Observed.All - all.Observed.Missing, all.Observed.All)} of the estimates had a");
        Line("lordosis.");

        static double Quantile(Verdict[] people, double share) => people.Select(v => v.Lordosis.Rms).Order().ElementAt((int)(share * (people.Length - 1)));
    }

    private void Uncertainties(IReadOnlyList<Case> cases)
    {
        var all = Verdict.Pool(cases.Select(c => c.Verdict));
        Line();
        Line("## Stated uncertainties");
        Line();
        Line("Asked: 90 to 98 % of the true values within two stated standard uncertainties. One number of lordosis's was found on these people, `DriftLag` of");
        Line("`OrientationOptions.OnBody`: on IMUs moved by hand, faster than a trunk moves, it is larger ([orientation](orientation.md)).");
        Line();
        Line("| | RMS error | mean u | within 2u |");
        Line("| --- | --: | --: | --: |");
        Row("lordosis", Degrees(all.Lordosis.Rms), Degrees(all.Lordosis.MeanUncertainty), Percent(all.Lordosis.Coverage));
        Row("length of a stroke", Percent(all.StrokeLength.Rms), Percent(all.StrokeLength.MeanUncertainty), Percent(all.StrokeLength.Coverage));
        Row("force in contact", $"{all.Force.Rms:0} N", $"{all.Force.MeanUncertainty:0} N", Percent(all.Force.Coverage));
        string[] shares = ["at the deepest", "at 30°", "at 60°", "at 90°"];
        for (var i = 0; i < shares.Length; i++)
            if (all.Share[i].Count > 0)
                Row($"lumbar share {shares[i]}", $"{all.Share[i].Rms:0.00}", $"{all.Share[i].MeanUncertainty:0.00}", Percent(all.Share[i].Coverage));
    }

    private void Groups(IReadOnlyList<Case> cases)
    {
        Line();
        Line("## By what differs");
        Line();
        Line("| | people | strokes exact | length | contact, worst | force: RMS, within 2u | lordosis: RMSE, within 2u | states right |");
        Line("| --- | --: | --: | --: | --: | --: | --: | --: |");
        foreach (var arrangement in Enum.GetValues<LoadArrangement>())
            Group($"roller: {Name(arrangement)}", c => c.Traits.Roller.Geometry.Arrangement == arrangement);
        Group("clip: both elements as they should be", c => Worst(c) < 30);
        Group("clip: an element sideways", c => Worst(c) is >= 30 and < 120);
        Group("clip: an element upside down or back to front", c => Worst(c) >= 120);
        foreach (var loss in cases.Select(c => c.Loss).Distinct().Order())
            Group($"frames lost: {100 * loss:0.0} %", c => c.Loss == loss);
        Group("bias of the gyroscopes, largest axis below 0.7 °/s", c => Bias(c) < 0.7);
        Group("bias of the gyroscopes, largest axis above", c => Bias(c) >= 0.7);

        void Group(string name, Func<Case, bool> belongs)
        {
            var group = cases.Where(belongs).ToArray();
            var v = Verdict.Pool(group.Select(c => c.Verdict));
            Row(
                name, $"{group.Length}", $"{v.SetsExact} of {v.Sets}", Percent(v.StrokeLength.Rms), v.ContactTime.Count == 0 ? "" : $"{v.ContactTime.Worst:0.00} s",
                v.Force.Count == 0 ? "" : $"{v.Force.Rms:0} N, {Percent(v.Force.Coverage)}", $"{Degrees(v.Lordosis.Rms)}, {Percent(v.Lordosis.Coverage)}", Percent(v.States.Right, v.States.All));
        }

        static double Worst(Case c) => Math.Max(c.Traits.Clip.Lower!.Mounting.Angle.Degrees, c.Traits.Clip.Upper!.Mounting.Angle.Degrees);

        static double Bias(Case c) => new[] { c.Traits.Clip.Lower!.RateBias, c.Traits.Clip.Upper!.RateBias }
            .Max(b => double.RadiansToDegrees(Math.Max(Math.Abs(b.X), Math.Max(Math.Abs(b.Y), Math.Abs(b.Z)))));

        static string Name(LoadArrangement arrangement) => arrangement switch
        {
            LoadArrangement.None => "IMU alone",
            LoadArrangement.Direct => "load cells",
            LoadArrangement.Bladder => "bladder",
            LoadArrangement.Ring => "ring of force-sensing resistors",
            _ => "pairs of strain gauges",
        };
    }

    private void Lordosis(IReadOnlyList<Case> cases)
    {
        Line();
        Line("## Lordosis by what is done");
        Line();
        Line("| | RMSE | mean u | within 2u |");
        Line("| --- | --: | --: | --: |");
        foreach (var (phase, tally) in Verdict.Pool(cases.Select(c => c.Verdict)).LordosisIn)
            Row(phase == Phase.Unknown ? "getting down to the floor, long sitting" : phase.ToString().ToLowerInvariant(), Degrees(tally.Rms), Degrees(tally.MeanUncertainty), Percent(tally.Coverage));
    }

    private void States(IReadOnlyList<Case> cases)
    {
        var all = Verdict.Pool(cases.Select(c => c.Verdict));
        Line();
        Line("## States mistaken");
        Line();
        Line("Slouching counts as sitting and bending as standing; rolling is judged while the roller is pressed. At least 0.02 % of all estimates:");
        Line();
        Line("| it was | said | of all estimates | people |");
        Line("| --- | --- | --: | --: |");
        foreach (var ((state, said), count) in all.Confusions.Where(c => c.Value >= 2e-4 * all.States.All).OrderByDescending(c => c.Value))
            Row(state.ToString().ToLowerInvariant(), said.ToString().ToLowerInvariant(), $"{100.0 * count / all.States.All:0.00} %", $"{cases.Count(c => c.Verdict.Confusions.ContainsKey((state, said)))}");
    }

    private void Explain() => _text.Append(
        """

        ## What is measured against what

        - Lordosis is held against the angle between the places where the two elements lie, as the body holds them: what an element tilts over
          the bone is an error, the slope of the skin it was put on is not, for nothing on the skin can tell it from posture. Judged from the end of the
          calibration bends on, in all that follows, walking and getting up included.
        - A stroke counts from 3 cm on, while the force is above 30 N (until it falls below 15 N); the time in contact likewise. A roller without
          load channels is not judged by contact.
        - The lumbar share of a bend is that of the same place in the true bend.
        - A state is judged from 1 s after the change of posture is over until 1 s before the next begins.

        ## Who they are

        Drawn independently, except where the body ties them together (`Population.cs`, where each number stands with its source).

        | | |
        | --- | --- |
        | standing | lumbar curve 28.4 ± 9.5° (men), 34.2 ± 9.5° (women); sacrum 17.8 ± 8° and 23.0 ± 8° (doi 10.1155/2016/3817270, Adv Rehab 30:29) |
        | sitting | the pelvis rolls back by 15.2 ± 5°, the curve flattens by 26.2 ± 7° (means: Adv Rehab 30:29) |
        | slouching | 17 ± 4° and 22 ± 5° further; no source |
        | quiet standing | drift of 0.3 to 1.0° of each segment (about 3° within a minute: J Biomech 114:110149), sway of 0.1 to 0.3°, breathing of 0.1 to 0.4° (0.3 to 0.7 °/s: ../shared/data/lumbar) |
        | walking | 25 to 70 °/s and 1 to 4 m/s² root mean square, as the walks recorded in ../shared/data |
        | bends | 55 to 110° of the trunk, lumbar shares of 0.1 to 0.8, at most 52 ± 8° of lumbar flexion (PMC6339318), the lumbar spine leading by up to a fifth of the way |
        | rolling | 5 to 17 strokes a set of 1.4 to 4.2 s and 15 to 40 cm, uneven by up to a quarter, pauses up to 0.6 s; 15 to 40 % of body weight, changing by 2 to 10 % and along the muscle |
        | roller | radius 5, 6.5 or 7.5 cm, smaller by 3 ± 3 % under load; slip of half a normal distribution of 3 % in strokes to the hip |
        | skin | each element tilts by 0 ± 3 % of the lumbar flexion, and creeps by 0.7° (together 1.8° over a bend of 50°, as in doi 10.1186/s12891-017-1489-1) |
        | mounting | turned and tilted by 0 ± 4° (at most 10°) each way; one in five upside down, sideways or back to front |
        | gyroscopes | bias −1 to 1 °/s on each axis, warming by 0 ± 0.18 °/s, drifting by 0 ± 0.3 °/s an hour; scale 0.3 to 1 % |
        | accelerometers | bias 0 ± 10 mg, scale 0.3 % |
        | load channels | gains 0 ± 2 % (load cells), 8 % (bladder, with 5 % of curvature), 10 % and 15 % each (ring), 5 % (strain gauges); zeros of 0.8 to 2 N, creep of 1 to 4 %, shifts of 1.5 to 5 % |
        | clocks | ±40 ppm, frames 3 to 20 ms late |

        ## What it cannot show

        People are made of smooth movements in one plane: no limp, no scoliosis, no twisted bend, no fidgeting, no clip that is knocked off. The distributions of
        skin motion and of load errors rest on few publications or none. It shows that the estimates and their stated uncertainties are right for
        bodies and sensors like these; recordings of real ones are on the other pages.

        """);

    private void Row(params ReadOnlySpan<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    private void Line(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private void Line(string text = "") => _text.Append(text).Append('\n');

    private static string Degrees(double value) => value.ToString("0.0", CultureInfo.InvariantCulture) + "°";

    private static string Percent(long part, long whole) => Percent((double)part / whole);

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}

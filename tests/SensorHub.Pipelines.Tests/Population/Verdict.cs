using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Tests.Population;

/// <summary>How far the estimates of one session are from what really happened in it.</summary>
internal sealed class Verdict
{
    private static readonly TimeSpan Around = TimeSpan.FromSeconds(1);

    /// <summary>The cue that a bend deserves is said by the time it is over.</summary>
    private static readonly TimeSpan CueLatency = TimeSpan.FromSeconds(1);

    public int Sets { get; private set; }

    public int SetsExact { get; private set; }

    /// <summary>Share of the true length.</summary>
    public Tally StrokeLength { get; } = new();

    /// <summary>s, a set each. Only with load channels: contact is a matter of force.</summary>
    public Tally ContactTime { get; } = new();

    /// <summary>Sets of <see cref="ContactTime"/> within a tenth of a second.</summary>
    public int ContactsWithin { get; private set; }

    /// <summary>N, in contact.</summary>
    public Tally Force { get; } = new();

    /// <summary>°, once the clip is calibrated.</summary>
    public Tally Lordosis { get; } = new();

    /// <summary>The same by what the person did.</summary>
    public SortedDictionary<Phase, Tally> LordosisIn { get; } = [];

    /// <summary>Estimates of the calibrated clip while the person did not lie, and those of them without a lordosis.</summary>
    public (long All, long Missing) Observed { get; private set; }

    /// <summary>L/T at the deepest, and at 30, 60 and 90°.</summary>
    public Tally[] Share { get; } = [new(), new(), new(), new()];

    public int Bends { get; private set; }

    public int BendsFound { get; private set; }

    /// <summary>The most cues about one bend.</summary>
    public int MostCues { get; private set; }

    public int Cues { get; private set; }

    /// <summary>Cues about a bend while there was none.</summary>
    public int StrayCues { get; private set; }

    /// <summary>Of estimates more than a second from each change of posture.</summary>
    public (long All, long Right) States { get; private set; }

    /// <summary>By true and estimated state, those that were wrong.</summary>
    public SortedDictionary<(Phase True, Phase Said), long> Confusions { get; } = [];

    /// <summary>Sessions in which the clip got a calibration.</summary>
    public int Calibrated { get; private set; }

    /// <summary>Sessions.</summary>
    public int People { get; private set; }

    /// <param name="truth">What happened.</param>
    /// <param name="calibrated">When the calibration of the clip was over. A stand alone cannot tell a clip upside down from one worn back to front.</param>
    /// <param name="features">What was said of it.</param>
    /// <param name="measured">The roller measures force.</param>
    public static Verdict Of(GroundTruth truth, Timestamp calibrated, IReadOnlyList<Feature> features, bool measured)
    {
        var verdict = new Verdict { People = 1 };
        verdict.JudgeRolling(truth, features, measured);
        verdict.JudgePosture(truth, [.. features.OfType<PostureEstimate>().Where(e => e.Time >= calibrated && e.Calibration is not null)]);
        verdict.JudgeBends(truth, calibrated, features);
        return verdict;
    }

    public static Verdict Pool(IEnumerable<Verdict> verdicts)
    {
        var all = new Verdict();
        foreach (var v in verdicts)
        {
            (all.People, all.Calibrated) = (all.People + v.People, all.Calibrated + v.Calibrated);
            (all.Sets, all.SetsExact) = (all.Sets + v.Sets, all.SetsExact + v.SetsExact);
            all.StrokeLength.Add(v.StrokeLength);
            all.ContactTime.Add(v.ContactTime);
            all.ContactsWithin += v.ContactsWithin;
            all.Force.Add(v.Force);
            all.Lordosis.Add(v.Lordosis);
            foreach (var (phase, tally) in v.LordosisIn)
                if (!all.LordosisIn.TryAdd(phase, tally))
                    all.LordosisIn[phase] = Tally.Sum(all.LordosisIn[phase], tally);
            all.Observed = (all.Observed.All + v.Observed.All, all.Observed.Missing + v.Observed.Missing);
            for (var i = 0; i < v.Share.Length; i++)
                all.Share[i].Add(v.Share[i]);
            (all.Bends, all.BendsFound) = (all.Bends + v.Bends, all.BendsFound + v.BendsFound);
            (all.Cues, all.StrayCues, all.MostCues) = (all.Cues + v.Cues, all.StrayCues + v.StrayCues, Math.Max(all.MostCues, v.MostCues));
            all.States = (all.States.All + v.States.All, all.States.Right + v.States.Right);
            foreach (var (confusion, count) in v.Confusions)
                all.Confusions[confusion] = all.Confusions.GetValueOrDefault(confusion) + count;
        }
        return all;
    }

    private void JudgeRolling(GroundTruth truth, IReadOnlyList<Feature> features, bool measured)
    {
        var strokes = features.OfType<Stroke>().ToArray();
        var rolling = features.OfType<RollingEstimate>().ToArray();
        foreach (var (from, to) in Spans(truth, Phase.Rolling))
        {
            var expected = truth.Strokes.Where(s => s.Start >= from && s.End <= to).ToArray();
            var counted = strokes.Where(s => s.Muscle == expected[0].Muscle && s.Side == expected[0].Side).ToArray();
            Sets++;
            SetsExact += counted.Length == expected.Length ? 1 : 0;
            foreach (var stroke in counted)
            {
                var middle = stroke.Time - 0.5 * stroke.Duration;
                if (Array.Find(expected, s => s.Start <= middle && middle <= s.End) is { } real)
                    StrokeLength.Add(stroke.Length.Value / real.Length - 1, stroke.Length.StandardUncertainty / real.Length);
            }
            if (!measured)
                continue;
            var contact = truth.Contacts.Where(c => c.Start >= from && c.End <= to).Sum(c => (c.End - c.Start).TotalSeconds);
            var error = (ContactBy(rolling, to) - ContactBy(rolling, from)).TotalSeconds - contact;
            ContactTime.Add(error);
            ContactsWithin += Math.Abs(error) <= 0.1 ? 1 : 0;
        }
        foreach (var estimate in rolling)
            if (measured && estimate.Force is { } force && truth.At(estimate.Time) is { Contact: true } now)
                Force.Add(force.Value - now.Force, force.StandardUncertainty);
    }

    private static TimeSpan ContactBy(RollingEstimate[] rolling, Timestamp time) =>
        rolling.LastOrDefault(e => e.Time <= time)?.ContactTime ?? TimeSpan.Zero;

    private void JudgePosture(GroundTruth truth, PostureEstimate[] postures)
    {
        var phases = truth.Phases.ToArray();
        var phase = 0;
        foreach (var estimate in postures)
        {
            while (phase + 1 < phases.Length && phases[phase + 1].Start <= estimate.Time)
                phase++;
            Calibrated = 1;
            var now = truth.At(estimate.Time);
            var ends = phase + 1 < phases.Length ? phases[phase + 1].Start : truth.End;
            if (estimate.Lordosis is { } lordosis)
                Add(now.Phase, lordosis.Value - now.Lordosis.Degrees, lordosis.StandardUncertainty);
            if (now.Phase != Phase.Lying)
                Observed = (Observed.All + 1, Observed.Missing + (estimate.Lordosis is null ? 1 : 0));

            if (estimate.Time - phases[phase].Settled < Around || ends - estimate.Time < Around || StateOf(now) is not { } state)
                continue;
            if (state == Phase.Rolling && !(truth.At(estimate.Time - Around).Contact && truth.At(estimate.Time + Around).Contact))
                continue;
            var said = Merged(estimate.Phase);
            States = (States.All + 1, States.Right + (said == state ? 1 : 0));
            if (said != state)
                Confusions[(state, said)] = Confusions.GetValueOrDefault((state, said)) + 1;
        }
    }

    private void Add(Phase phase, double error, double uncertainty)
    {
        Lordosis.Add(error, uncertainty);
        if (!LordosisIn.TryGetValue(phase, out var tally))
            LordosisIn.Add(phase, tally = new Tally());
        tally.Add(error, uncertainty);
    }

    /// <summary>Null where no state is right or wrong: the way down to the floor, and a set without the roller under the muscle.</summary>
    private static Phase? StateOf(in TruthAt now) => now.Phase switch
    {
        Phase.Unknown => null,
        Phase.Rolling => now.Contact ? Phase.Rolling : null,
        _ => Merged(now.Phase),
    };

    /// <summary>Bends are done standing and slouching is done sitting; how deep they must be to be called so is a matter of definition.</summary>
    private static Phase Merged(Phase phase) => phase switch
    {
        Phase.Bending => Phase.Standing,
        Phase.Slouching => Phase.Sitting,
        _ => phase,
    };

    private void JudgeBends(GroundTruth truth, Timestamp calibrated, IReadOnlyList<Feature> features)
    {
        var found = features.OfType<BendRepetition>().ToArray();
        var cues = features.OfType<Cue>().Where(c => c.Time >= calibrated && c.Code is CueCode.HipHinge or CueCode.MixedBend or CueCode.LumbarBend).ToArray();
        Cues = cues.Length;
        StrayCues = cues.Count(c => !truth.Bends.Any(b => c.Time >= b.Start && c.Time <= b.End + CueLatency));
        foreach (var bend in truth.Bends.Where(b => b.Start >= calibrated))
        {
            Bends++;
            MostCues = Math.Max(MostCues, cues.Count(c => c.Time >= bend.Start && c.Time <= bend.End + CueLatency));
            if (Array.Find(found, f => f.Time < bend.Deepest && f.End > bend.Deepest) is not { ShareAtMaximum: { } share } repetition)
                continue;
            BendsFound++;
            Share[0].Add(share.Value - bend.Share, share.StandardUncertainty);
            Add(1, repetition.ShareAt30, bend.ShareAt30);
            Add(2, repetition.ShareAt60, bend.ShareAt60);
            Add(3, repetition.ShareAt90, bend.ShareAt90);
        }

        void Add(int place, Core.Units.Measured? estimate, double? real)
        {
            if (estimate is { } e && real is { } r)
                Share[place].Add(e.Value - r, e.StandardUncertainty);
        }
    }

    private static IEnumerable<(Timestamp From, Timestamp To)> Spans(GroundTruth truth, Phase what)
    {
        var phases = truth.Phases.ToArray();
        for (var i = 0; i < phases.Length; i++)
            if (phases[i].Phase == what)
                yield return (phases[i].Start, i + 1 < phases.Length ? phases[i + 1].Start : truth.End);
    }
}

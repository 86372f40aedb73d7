using SensorHub.Core.Posture;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>What really happened in a simulation, on the hub's time axis: the numbers that estimates are held against.</summary>
public sealed class GroundTruth
{
    /// <summary>Contact begins above this force, N: the definition the estimates use.</summary>
    public const double ContactOn = 30;

    /// <summary>Contact ends below this force, N.</summary>
    public const double ContactOff = 15;

    /// <summary>A stroke counts from this length on, m.</summary>
    public const double ShortestStroke = 0.03;

    private readonly VirtualPerson _person;
    private readonly Lazy<List<ContactSpan>> _contacts; // found when asked for: a session may be hours long
    private readonly Lazy<List<TrueStroke>> _strokes;
    private readonly Lazy<List<TrueBend>> _bends;

    internal GroundTruth(VirtualPerson person, Timestamp start)
    {
        _person = person;
        Start = start;
        _contacts = new(FindContacts);
        _strokes = new(FindStrokes);
        _bends = new(FindBends);
    }

    /// <summary>When the scenario began.</summary>
    public Timestamp Start { get; }

    /// <summary>When it ends.</summary>
    public Timestamp End => TimeOf(_person.Scenario.Seconds);

    /// <summary>Spans in contact, by <see cref="ContactOn"/> and <see cref="ContactOff"/>.</summary>
    public IReadOnlyList<ContactSpan> Contacts => _contacts.Value;

    /// <summary>Strokes of at least <see cref="ShortestStroke"/> in contact, in the order of time.</summary>
    public IReadOnlyList<TrueStroke> Strokes => _strokes.Value;

    public TimeSpan ContactTime => Contacts.Aggregate(TimeSpan.Zero, (sum, c) => sum + (c.End - c.Start));

    public TruthAt At(Timestamp time)
    {
        var seconds = SecondsOf(time);
        var part = _person.PartAt(seconds);
        var path = _person.Path(seconds);
        return new TruthAt(
            Angle.FromRadians(_person.PelvicInclination(seconds).Value),
            Angle.FromRadians(_person.UpperInclination(seconds).Value),
            part.Phase,
            part.Set?.Muscle ?? Muscle.None,
            part.Set?.Side ?? Side.None,
            Angle.FromRadians(_person.RollAngle(seconds).Value),
            path.Value,
            path.Rate,
            _person.Force(seconds),
            Contacts.Any(c => c.Start <= time && time < c.End));
    }

    /// <summary>The parts of the scenario: when each begins, and what is done in it.</summary>
    public IEnumerable<TruePhase> Phases => _person.Parts.Select(p => new TruePhase(TimeOf(p.Start), TimeOf(p.Settled), p.Phase));

    /// <summary>The bends forward from standing, in the order of time.</summary>
    public IReadOnlyList<TrueBend> Bends => _bends.Value;

    private Timestamp TimeOf(double seconds) => new(Start.UnixNanoseconds + (long)Math.Round(seconds * 1e9));

    private double SecondsOf(Timestamp time) => (time.UnixNanoseconds - Start.UnixNanoseconds) * 1e-9;

    private List<ContactSpan> FindContacts()
    {
        const double Step = 0.01;
        var contacts = new List<ContactSpan>();
        double? on = null;
        for (var part = 0; part < _person.Parts.Count; part++)
        {
            var (start, _, _, set) = _person.Parts[part];
            var end = Math.Min(start + set?.Seconds ?? 0, part + 1 < _person.Parts.Count ? _person.Parts[part + 1].Start : _person.Until);
            for (var t = start + Step; t <= end; t += Step)
            {
                var force = _person.Force(t);
                if (on is null && force > ContactOn)
                    on = Crossing(t - Step, t, ContactOn);
                else if (on is { } begun && force < ContactOff)
                {
                    contacts.Add(new ContactSpan(TimeOf(begun), TimeOf(Crossing(t - Step, t, ContactOff))));
                    on = null;
                }
            }
        }
        return contacts;
    }

    /// <summary>When the force, which crosses this level between the two times, does so; s.</summary>
    private double Crossing(double before, double after, double level)
    {
        var rising = _person.Force(before) < level;
        while (after - before > 1e-6)
        {
            var middle = (before + after) / 2;
            if (_person.Force(middle) < level == rising)
                before = middle;
            else
                after = middle;
        }
        return after;
    }

    private List<TrueStroke> FindStrokes()
    {
        var strokes = new List<TrueStroke>();
        foreach (var (start, end) in _person.PlannedStrokes)
        {
            if (PathInContact(start, end) < ShortestStroke)
                continue;
            var set = _person.PartAt(start).Set!;
            var length = _person.Path(end).Value - _person.Path(start).Value;
            strokes.Add(new TrueStroke(strokes.Count + 1, TimeOf(start), TimeOf(end), Math.Abs(length), Math.Sign(length), set.Muscle, set.Side));
        }
        return strokes;
    }

    private List<TrueBend> FindBends() =>
    [
        .. from bow in _person.Bows
           let stand = Lean(_person.Scenario.CalibrationStart, _person.Scenario.CalibrationStart + _person.Scenario.CalibrationSeconds)
           select Bend(bow, stand),
    ];

    /// <summary>Mean inclinations over a span, °.</summary>
    private (double Pelvis, double Upper) Lean(double from, double to)
    {
        const int Samples = 200;
        var (pelvis, upper) = (0.0, 0.0);
        for (var i = 0; i < Samples; i++)
        {
            var t = from + (to - from) * (i + 0.5) / Samples;
            pelvis += _person.PelvicInclination(t).Value / Samples;
            upper += _person.UpperInclination(t).Value / Samples;
        }
        return (double.RadiansToDegrees(pelvis), double.RadiansToDegrees(upper));
    }

    private TrueBend Bend(VirtualPerson.Bow bow, (double Pelvis, double Upper) stand)
    {
        const double Step = 0.005;
        var deepest = (Trunk: double.NegativeInfinity, Lumbar: 0.0);
        var shares = new double?[3]; // on the way down, where the trunk first reaches 30, 60 and 90°
        for (var t = bow.Start; t <= bow.End; t += Step)
        {
            var trunk = double.RadiansToDegrees(_person.UpperInclination(t).Value) - stand.Upper;
            var lumbar = trunk - (double.RadiansToDegrees(_person.PelvicInclination(t).Value) - stand.Pelvis);
            for (var i = 0; i < shares.Length; i++)
                if (trunk >= 30 * (i + 1))
                    shares[i] ??= lumbar / trunk;
            if (trunk > deepest.Trunk)
                deepest = (trunk, lumbar);
        }
        return new TrueBend(TimeOf(bow.Start), TimeOf(bow.Deepest), TimeOf(bow.End), deepest.Trunk, deepest.Lumbar, shares[0], shares[1], shares[2]);
    }

    private double PathInContact(double start, double end)
    {
        var path = 0.0;
        foreach (var contact in Contacts)
        {
            var from = Math.Max(start, SecondsOf(contact.Start));
            var to = Math.Min(end, SecondsOf(contact.End));
            if (from < to)
                path += Math.Abs(_person.Path(to).Value - _person.Path(from).Value);
        }
        return path;
    }
}

/// <param name="PelvicInclination">Of the lower element's place, from vertical, forward positive.</param>
/// <param name="UpperInclination">Of the upper element's place, from vertical, forward positive.</param>
/// <param name="RollAngle">Turned by the roller about its axis; positive = along the muscle towards the hip.</param>
/// <param name="Path">Place of the roller along the muscle from where the set began, m.</param>
/// <param name="Speed">Along the muscle, m/s, signed.</param>
/// <param name="Force">Between body and roller, N.</param>
/// <param name="Contact">By the definition of contact: on above 30 N, off below 15 N.</param>
public readonly record struct TruthAt(
    Angle PelvicInclination, Angle UpperInclination, Phase Phase, Muscle Muscle, Side Side,
    Angle RollAngle, double Path, double Speed, double Force, bool Contact)
{
    /// <summary>Pelvic − upper inclination.</summary>
    public Angle Lordosis => PelvicInclination - UpperInclination;
}

/// <param name="Settled">When the change of posture that begins it is over.</param>
public readonly record struct TruePhase(Timestamp Start, Timestamp Settled, Phase Phase);

/// <summary>A bend forward, against the calibrated stand.</summary>
/// <param name="Deepest">When the way down ends.</param>
/// <param name="Trunk">T where it is largest: change of the upper inclination, °.</param>
/// <param name="Lumbar">L there: lumbar flexion, °.</param>
/// <param name="ShareAt30">L/T on the way down at T = 30°; null when the bend does not go so far.</param>
/// <param name="ShareAt60">The same at 60°.</param>
/// <param name="ShareAt90">The same at 90°.</param>
public sealed record TrueBend(Timestamp Start, Timestamp Deepest, Timestamp End, double Trunk, double Lumbar, double? ShareAt30, double? ShareAt60, double? ShareAt90)
{
    /// <summary>L/T where T is largest.</summary>
    public double Share => Lumbar / Trunk;
}

public readonly record struct ContactSpan(Timestamp Start, Timestamp End);

/// <param name="Number">1 for the first.</param>
/// <param name="Length">Path along the muscle, m.</param>
/// <param name="Direction">+1 = towards the hip, with the roller turning positively about its axis.</param>
public sealed record TrueStroke(int Number, Timestamp Start, Timestamp End, double Length, int Direction, Muscle Muscle, Side Side);

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

    internal GroundTruth(VirtualPerson person, Timestamp start)
    {
        _person = person;
        Start = start;
        _contacts = new(FindContacts);
        _strokes = new(FindStrokes);
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
    public IEnumerable<(Timestamp Start, Phase Phase)> Phases => _person.Parts.Select(p => (TimeOf(p.Start), p.Phase));

    private Timestamp TimeOf(double seconds) => new(Start.UnixNanoseconds + (long)Math.Round(seconds * 1e9));

    private double SecondsOf(Timestamp time) => (time.UnixNanoseconds - Start.UnixNanoseconds) * 1e-9;

    private List<ContactSpan> FindContacts()
    {
        const double Step = 0.01;
        var contacts = new List<ContactSpan>();
        double? on = null;
        foreach (var (start, _, set) in _person.Parts)
        {
            for (var t = start + Step; t <= start + set?.Seconds; t += Step)
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

public readonly record struct ContactSpan(Timestamp Start, Timestamp End);

/// <param name="Number">1 for the first.</param>
/// <param name="Length">Path along the muscle, m.</param>
/// <param name="Direction">+1 = towards the hip, with the roller turning positively about its axis.</param>
public sealed record TrueStroke(int Number, Timestamp Start, Timestamp End, double Length, int Direction, Muscle Muscle, Side Side);

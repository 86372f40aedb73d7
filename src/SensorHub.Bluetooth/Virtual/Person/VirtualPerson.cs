using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// A person who plays a scenario, and the roller under them: a function of time (seconds since the scenario began) and
/// of the seed. Segments move in the sagittal plane along minimum-jerk curves, with breathing and sway on top.
/// </summary>
internal sealed class VirtualPerson
{
    private readonly Body _body;
    private readonly Wearing _wearing;
    private readonly Random _random;
    private readonly Walking _walking;

    private readonly Track _pelvis;
    private readonly Track _upper;
    private readonly Track _side = new(0);
    private readonly Track _hipHeight;
    private readonly Track _hipForward = new(0);
    private readonly Track _path = new(0);
    private readonly Track _roll = new(0);
    private readonly Track _rollerForward = new(0);
    private readonly Track _rollerHeight = new(0);
    private readonly Track _weight = new(0);
    private readonly Track _rolling = new(0);

    private readonly Sway _pelvisSway, _upperSway, _breathing, _lateral, _yaw, _across, _rollerYaw, _unsteadiness, _lowerCreep, _upperCreep, _pelvisDrift, _upperDrift;
    private readonly List<Part> _parts = [];
    private readonly List<(double Start, double End)> _plannedStrokes = [];
    private readonly List<Bow> _bows = [];
    private readonly List<double> _knocks = [];
    private readonly double _radius;
    private double _now;

    /// <param name="scenario">What is done.</param>
    /// <param name="rollingRadius">Path along the muscle per radian that the roller turns, without slip, m.</param>
    /// <param name="random">The seed's.</param>
    /// <param name="body">Null = a typical one.</param>
    /// <param name="wearing">Null = the clip follows the bones.</param>
    public VirtualPerson(Scenario scenario, double rollingRadius, Random random, Body? body = null, Wearing? wearing = null)
    {
        Scenario = scenario;
        _radius = rollingRadius;
        _random = random;
        _body = body ?? new Body();
        _wearing = wearing ?? new Wearing();
        _walking = new Walking(_body.Gait);
        _pelvis = new Track(double.DegreesToRadians(_body.Standing.Pelvis));
        _upper = new Track(double.DegreesToRadians(_body.Standing.Upper));
        _hipHeight = new Track(_body.Standing.HipHeight);
        _pelvisSway = new Sway(random, double.DegreesToRadians(_body.Sway), 0.05, 0.4);
        _upperSway = new Sway(random, double.DegreesToRadians(_body.Sway), 0.05, 0.4);
        _breathing = new Sway(random, double.DegreesToRadians(_body.Breathing), 0.22, 0.3, terms: 1);
        _lateral = new Sway(random, double.DegreesToRadians(0.4), 0.05, 0.4);
        _yaw = new Sway(random, double.DegreesToRadians(0.5), 0.05, 0.3);
        _across = new Sway(random, 0.003, 0.05, 0.4);
        _rollerYaw = new Sway(random, double.DegreesToRadians(1), 0.1, 0.6);
        _unsteadiness = new Sway(random, 1, 0.05, 0.6);
        _lowerCreep = new Sway(random, double.DegreesToRadians(_wearing.Creep), 0.002, 0.01);
        _upperCreep = new Sway(random, double.DegreesToRadians(_wearing.Creep), 0.002, 0.01);
        _pelvisDrift = new Sway(random, double.DegreesToRadians(_body.Drift), 0.005, 0.03);
        _upperDrift = new Sway(random, double.DegreesToRadians(_body.Drift), 0.005, 0.03);
        foreach (var activity in scenario.Activities)
            Play(activity);
    }

    public Scenario Scenario { get; }

    /// <summary>Until when it is known what is done, s.</summary>
    public double Until => _now;

    /// <summary>The parts of the scenario in their order, without a hole.</summary>
    public IReadOnlyList<Part> Parts => _parts;

    /// <summary>When strokes begin and end, s.</summary>
    public IReadOnlyList<(double Start, double End)> PlannedStrokes => _plannedStrokes;

    /// <summary>When roller and clip are knocked together, s.</summary>
    public IReadOnlyList<double> Knocks => _knocks;

    /// <summary>The bends, in the order of time.</summary>
    public IReadOnlyList<Bow> Bows => _bows;

    /// <summary>What is done from <paramref name="Start"/> (s) on; the change of posture that begins it is over at <paramref name="Settled"/>.</summary>
    public readonly record struct Part(double Start, double Settled, Phase Phase, RollingSet? Set);

    /// <summary>A bend forward from standing: it begins, is furthest from <paramref name="Deepest"/> on, and ends; s.</summary>
    public readonly record struct Bow(double Start, double Deepest, double End);

    /// <summary>The part that has begun by then.</summary>
    public Part PartAt(double seconds)
    {
        var (low, high) = (0, _parts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_parts[middle].Start <= seconds)
                low = middle + 1;
            else
                high = middle;
        }
        return _parts[Math.Max(0, low - 1)];
    }

    /// <summary>Inclination of the lower element's place, rad.</summary>
    public Jet PelvicInclination(double seconds) =>
        _pelvis.At(seconds) + _pelvisSway.At(seconds) + _pelvisDrift.At(seconds) + _walking.Inclination(seconds) + Jet.Constant(double.DegreesToRadians(_wearing.Slope.Lower));

    /// <summary>Inclination of the upper element's place, rad.</summary>
    public Jet UpperInclination(double seconds) =>
        _upper.At(seconds) + _upperSway.At(seconds) + _upperDrift.At(seconds) + _breathing.At(seconds) + _walking.Inclination(seconds) + Jet.Constant(double.DegreesToRadians(_wearing.Slope.Upper));

    /// <summary>Place of the roller along the muscle, towards the hip positive, m.</summary>
    public Jet Path(double seconds) => _path.At(seconds);

    /// <summary>Angle the roller has turned about its axis, rad. Positive = along the muscle towards the hip.</summary>
    public Jet RollAngle(double seconds) => _roll.At(seconds);

    /// <summary>Force between body and roller, N, never negative.</summary>
    public double Force(double seconds)
    {
        var weight = _weight.At(seconds).Value;
        if (weight <= 0 || PartAt(seconds).Set is not { } set)
            return 0;
        var place = _path.At(seconds).Value / set.StrokeLength - 0.5;
        return Math.Max(0, weight * set.Force * (1 + set.ForceGradient * place + set.Unsteadiness * _unsteadiness.At(seconds).Value));
    }

    /// <summary>Motion of an element of the clip, which does not quite follow the bones.</summary>
    public SegmentMotion Back(ElementRole role, double seconds)
    {
        var (pelvis, upper) = (PelvicInclination(seconds), UpperInclination(seconds));

        // From the hip joints 10 cm up the sacrum; T12/L1 is 18 cm further along the lumbar spine.
        var forward = _hipForward.At(seconds) + 0.10 * Jet.Sin(pelvis) + _walking.Forward(seconds) + Knocked(seconds);
        var height = _hipHeight.At(seconds) + 0.10 * Jet.Cos(pelvis) + _walking.Height(seconds);
        if (role == ElementRole.Upper)
        {
            var lumbar = 0.5 * (pelvis + upper);
            forward += 0.18 * Jet.Sin(lumbar);
            height += 0.18 * Jet.Cos(lumbar);
        }
        var (inclination, slide, creep, bends, turns) = role == ElementRole.Lower
            ? (pelvis, _wearing.Slide.Lower, _lowerCreep, 1.0, 1.0)
            : (upper, _wearing.Slide.Upper, _upperCreep, -0.9, -0.6);
        inclination += slide * (upper - pelvis + StandingLordosis) + creep.At(seconds);
        var lateral = _side.At(seconds) + _lateral.At(seconds) + bends * _walking.Lateral(seconds);
        var yaw = _yaw.At(seconds) + turns * _walking.Yaw(seconds);
        return new SegmentMotion(inclination, lateral, yaw, forward, _across.At(seconds), height);
    }

    private Jet StandingLordosis => Jet.Constant(double.DegreesToRadians(_body.Standing.Lordosis + _wearing.Slope.Lower - _wearing.Slope.Upper));

    /// <summary>Motion of an IMU in the roller's core: it turns with the roller, which lies across and yaws a little.</summary>
    /// <param name="seconds">Since the scenario began.</param>
    /// <param name="fromAxis">Distance of the IMU from the axis, m: −r·ω² and r·α come from it.</param>
    public SegmentMotion Core(double seconds, double fromAxis)
    {
        var angle = RollAngle(seconds);
        return new SegmentMotion(
            angle, default, _rolling.At(seconds) * _rollerYaw.At(seconds),
            _rollerForward.At(seconds) + fromAxis * Jet.Sin(angle) + Knocked(seconds), default, _rollerHeight.At(seconds) + fromAxis * Jet.Cos(angle));
    }

    /// <summary>A push of 25 m/s² and back, over 60 ms, symmetric about the knock: B · sin⁴.</summary>
    private Jet Knocked(double seconds)
    {
        const double Length = 0.06, Rate = Math.PI / Length, Path = 25 / (4 * Rate * Rate);
        foreach (var knock in _knocks)
        {
            if (Math.Abs(seconds - knock) >= Length / 2)
                continue;
            var wave = Jet.Cos(new Jet(Rate * (seconds - knock), Rate, 0));
            return Path * (wave * wave * (wave * wave));
        }
        return default;
    }

    /// <summary>Does this after all the rest.</summary>
    public void Play(Activity activity)
    {
        var start = _now;
        switch (activity)
        {
            case Activity.Stand:
                Begin(Phase.Standing);
                ChangeTo(_body.Standing, activity.Seconds);
                break;
            case Activity.Sit:
                Begin(Phase.Sitting);
                ChangeTo(_body.Sitting, activity.Seconds);
                break;
            case Activity.Slouch:
                Begin(Phase.Slouching);
                ChangeTo(_body.Slouching, activity.Seconds);
                break;
            case Activity.Knock:
                Begin(Phase.Standing);
                ChangeTo(_body.Standing, activity.Seconds);
                for (var at = _parts[^1].Settled + 1; at < start + activity.Seconds - 1; at += 1.3)
                    _knocks.Add(at);
                break;
            case Activity.Walk:
                Begin(Phase.Walking);
                ChangeTo(_body.Standing, activity.Seconds);
                PlayWalk(activity.Seconds);
                break;
            case Activity.Lie lie:
                Begin(Phase.Lying);
                ChangeTo(Lying(lie.On), activity.Seconds);
                break;
            case Activity.GoDown:
                Begin(Phase.Unknown);
                ChangeTo(_body.LongSitting, activity.Seconds);
                break;
            case Activity.Bend bend:
                Begin(Phase.Bending);
                PlayBend(bend);
                break;
            case Activity.Roll roll:
                Begin(Phase.Rolling, roll.Set);
                PlaySet(roll.Set);
                break;
            case Activity.PutOn on:
                Begin(Phase.Rolling, on.Set);
                Place(start, on.Set.Placing);
                PutWeight(start + on.Set.Placing, on.Set, 1);
                break;
            case Activity.Stroke stroke:
                Begin(Phase.Rolling, stroke.Set);
                Stroke(start, stroke.Set, stroke.TowardsHip);
                break;
            case Activity.TakeOff off:
                Begin(Phase.Rolling, off.Set);
                PutWeight(start, off.Set, 0);
                break;
            case Activity.Stay:
                break;
            default:
                throw new ArgumentException($"A virtual person does not know how to {activity.GetType().Name}.", nameof(activity));
        }
        _now = start + activity.Seconds;
    }

    private BodyPosture Lying(LyingOn on) => on switch
    {
        LyingOn.Back => _body.Supine,
        LyingOn.Front => _body.Prone,
        LyingOn.Left => _body.OnTheSide with { Lateral = -_body.OnTheSide.Lateral },
        _ => _body.OnTheSide,
    };

    private void Begin(Phase phase, RollingSet? set = null) => _parts.Add(new Part(_now, _now, phase, set));

    private void SettleBy(double seconds) => _parts[^1] = _parts[^1] with { Settled = seconds };

    /// <summary>The further the hips travel, the longer it takes and the more the trunk leans forward on the way; to lie down and get up takes longer still.</summary>
    private void ChangeTo(BodyPosture posture, double longest)
    {
        const double LowerThanSeats = 0.3;
        var travel = Math.Abs(posture.HipHeight - _hipHeight.End);
        var lateral = double.DegreesToRadians(posture.Lateral);
        if (travel == 0 && _pelvis.End == double.DegreesToRadians(posture.Pelvis) && _side.End == lateral)
            return;
        var lies = Math.Abs(posture.Pelvis) > 60 || posture.Lateral != 0 || Math.Abs(_pelvis.End) > 1 || _side.End != 0;
        var duration = Math.Min((1.0 + 2.0 * travel + (lies ? 2 : 0)) / _body.Pace, longest);
        var half = duration / 2;
        var lean = lies && Math.Min(posture.HipHeight, _hipHeight.End) < LowerThanSeats ? 0 : double.DegreesToRadians(60) * travel;
        _hipHeight.MoveTo(_now, duration, posture.HipHeight);
        if (_side.End != lateral)
            _side.MoveTo(_now, duration, lateral);
        LeanTo(_now, half, (_pelvis.End + double.DegreesToRadians(posture.Pelvis)) / 2 + lean, (_upper.End + double.DegreesToRadians(posture.Upper)) / 2 + lean);
        LeanTo(_now + half, half, double.DegreesToRadians(posture.Pelvis), double.DegreesToRadians(posture.Upper));
        SettleBy(_now + duration);
    }

    private void PlayWalk(double seconds)
    {
        const double Edge = 1;
        var begin = _parts[^1].Settled;
        var end = _now + seconds;
        if (end - begin < 4 * Edge)
            throw new ArgumentException($"A walk of {seconds} s is too short to set off and stop.", nameof(seconds));
        _walking.Share.MoveTo(begin, Edge, 1);
        _walking.Share.MoveTo(end - Edge, Edge, 0);
        _hipForward.MoveTo(begin, end - begin, _hipForward.End + _body.Gait.Speed * (end - begin));
        SettleBy(begin + Edge);
    }

    private void LeanTo(double start, double duration, double pelvis, double upper)
    {
        _pelvis.MoveTo(start, duration, pelvis);
        _upper.MoveTo(start, duration, upper);
    }

    private void PlayBend(Activity.Bend bend)
    {
        var (pelvis, upper) = (_pelvis.End, _upper.End);
        var trunk = double.DegreesToRadians(bend.TrunkDegrees);
        for (var (i, t) = (0, _now); i < bend.Repetitions; i++, t += bend.Down + bend.Hold + bend.Up + bend.Pause)
        {
            var rising = t + bend.Down + bend.Hold;
            _upper.MoveTo(t, bend.Down, upper + trunk);
            _upper.MoveTo(rising, bend.Up, upper);
            _pelvis.MoveTo(t + bend.LumbarLead * bend.Down, (1 - bend.LumbarLead) * bend.Down, pelvis + (1 - bend.LumbarShare) * trunk);
            _pelvis.MoveTo(rising, (1 - bend.LumbarLead) * bend.Up, pelvis);
            _bows.Add(new Bow(t, t + bend.Down, rising + bend.Up));
        }
    }

    private void PlaySet(RollingSet set)
    {
        var t = _now;
        Place(t, set.Placing);
        t += set.Placing;
        PutWeight(1);
        for (var stroke = 0; stroke < set.Strokes; stroke++)
        {
            if (stroke > 0 && set.RestEvery > 0 && stroke % set.RestEvery == 0)
            {
                PutWeight(0);
                t += set.Rest;
                PutWeight(1);
            }
            Stroke(t, set, towardsHip: stroke % 2 == 0);
            t += set.SecondsPerStroke + set.TurnPause;
        }
        PutWeight(0);

        void PutWeight(double share)
        {
            this.PutWeight(t, set, share);
            t += set.Edge;
        }
    }

    private void PutWeight(double start, RollingSet set, double share)
    {
        _weight.MoveTo(start, set.Edge, share);
        _rolling.MoveTo(start, set.Edge, share);
    }

    /// <summary>Carries the roller to the muscle. It turns on the way, without weight, and the muscle's path begins anew.</summary>
    private void Place(double start, double duration)
    {
        var half = duration / 2;
        _rollerHeight.MoveTo(start, half, 0.15);
        _rollerHeight.MoveTo(start + half, half, 0);
        _rollerForward.MoveTo(start, duration, _rollerForward.End + 0.2);
        _roll.MoveTo(start, duration, _roll.End + 0.9);
        if (_path.End != 0)
            _path.MoveTo(start, duration, 0);
    }

    /// <summary>
    /// Without slip the path along the muscle is radius · angle, and the body, rolling off the roller that rolls over the
    /// floor, moves by twice that.
    /// </summary>
    private void Stroke(double start, RollingSet set, bool towardsHip)
    {
        var path = (towardsHip ? set.StrokeLength : 0) - _path.End;
        var duration = set.SecondsPerStroke;
        if (set.Unevenness > 0)
        {
            path += set.Unevenness * (_random.NextDouble() - 0.5) * set.StrokeLength;
            duration *= 1 - set.Unevenness * _random.NextDouble();
        }
        var rolled = towardsHip ? path * (1 - set.Slip) : path;
        _path.MoveTo(start, duration, _path.End + path);
        _roll.MoveTo(start, duration, _roll.End + rolled / _radius);
        _rollerForward.MoveTo(start, duration, _rollerForward.End + rolled);
        _hipForward.MoveTo(start, duration, _hipForward.End + rolled + path);
        var rock = double.DegreesToRadians(towardsHip ? 3 : -3);
        LeanTo(start, duration, _pelvis.End + rock, _upper.End + rock);
        _plannedStrokes.Add((start, start + duration));
    }
}

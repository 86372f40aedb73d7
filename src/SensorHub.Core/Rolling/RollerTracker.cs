using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// What is known of one roller, sample by sample in the order of time: motion, force, contact, strokes, dwells, the set, the dose
/// and what is to be said to the person.
/// </summary>
internal sealed class RollerTracker
{
    private const double Gravity = 9.80665;

    private readonly Slug _sensor;
    private readonly RollerGeometry _roller;
    private readonly RollingOptions _options;
    private readonly bool _hasLoad;
    private readonly double _dwellRate;
    private readonly RollAngle _roll;
    private readonly ContactForce _force;
    private readonly ContactPressure _pressure;
    private readonly ContactDetector _contact;
    private readonly StrokeDetector _strokes;
    private readonly DwellDetector _dwell;
    private readonly SetTracker _set;
    private readonly RollingGuards _guards;
    private readonly DoseLedger _dose = new();
    private readonly LoadHistory _loads = new();
    private readonly List<double> _durations = [];

    private Measured _radius;
    private TargetBand _target;
    private RollingPlan? _plan;
    private double? _bodyMass;
    private (Timestamp Time, Measured Force)? _load;
    private double _contactAngle;
    private bool _wasInContact;
    private int _count;
    private TimeSpan _inBand;
    private RollingDoubts _strokeDoubts;

    public RollerTracker(Slug sensor, RollerGeometry roller, RollingOptions options, RadiusCalibration? radius)
    {
        (_sensor, _roller, _options) = (sensor, roller, options);
        _hasLoad = roller.Arrangement != LoadArrangement.None;
        _dwellRate = double.DegreesToRadians(options.DwellRate);
        _radius = radius?.Radius
            ?? new Measured(roller.Radius * (1 - options.RadiusReduction), roller.Radius * options.RadiusReductionUncertainty);
        _roll = new RollAngle(_radius.Value, options);
        _force = new ContactForce(roller.Arrangement, options);
        _pressure = new ContactPressure(roller.Firm, options);
        _contact = new ContactDetector(options, roller.Arrangement == LoadArrangement.Ring ? options.RingCreep : 0);
        _strokes = new StrokeDetector(options);
        _dwell = new DwellDetector(options);
        _set = new SetTracker(options);
        _guards = new RollingGuards(sensor, options);
        _target = new TargetBand(Muscle.None, Side.None, null, roller.Firm);
    }

    /// <summary>Time of the newest sample of either stream.</summary>
    public Timestamp? Newest => !(_load?.Time > _roll.Time) ? _roll.Time ?? _load?.Time : _load?.Time;

    public void Take(in ImuSample sample, List<Feature> features)
    {
        if (_hasLoad)
            _contact.Miss(sample.Time);
        var pressed = _hasLoad ? _contact.InContact : _strokes.Direction != 0;
        if (pressed && !_wasInContact)
            _roll.Axis.StopWatching();
        if (!_roll.Update(sample, learnBias: !pressed, learnAxis: pressed || !_hasLoad) && pressed)
        {
            Stop(features);
            _set.Doubt(RollingDoubts.MotionMissing);
        }

        // Without load cells a roller that is carried must not pass for one that rolls.
        if (_hasLoad ? _contact.InContact : !_roll.Axis.Unclear && !_roll.Lifted)
            Count(_strokes.Update(sample.Time, _roll.Angle, _roll.Rate), features);
        else
            Stop(features);
        if (!_hasLoad)
            // Rolling stands in for a force that is there or not.
            _contact.Update(sample.Time, _strokes.Direction != 0 ? _options.ContactOn : 0);

        if (_contact.InContact && !_wasInContact)
            _contactAngle = _roll.Angle;
        _wasInContact = _contact.InContact;
        if (_hasLoad && _contact.InContact)
        {
            Add(_dwell.Update(sample.Time, _roll.Speed), features);
            Say(_guards.Hold(sample.Time, _dwell.Still), features);
        }
        Follow(sample.Time, features);
    }

    public void Take(in LoadSample sample, List<Feature> features)
    {
        var moving = !(sample.Time - _roll.Time <= _options.OldestSample) || _roll.Speed >= _dwellRate;
        var force = _force.Update(sample, _contact.InContact, moving);
        _contact.Update(sample.Time, force.Value);
        var step = _load is { } last ? sample.Time - last.Time : TimeSpan.Zero;
        if (step > _options.LongestBridgedGap)
        {
            step = TimeSpan.Zero;
            _set.Doubt(RollingDoubts.LoadMissing);
        }
        _load = (sample.Time, force);
        if (_contact.Since is { } since)
        {
            var held = sample.Time - since is var whole && whole < step ? whole : step;
            var (share, pressure) = (BodyWeightPercent(force), _pressure.Of(force));
            var inBand = _target.Of(share, pressure) == Band.Good;
            _inBand += inBand ? held : TimeSpan.Zero;
            _set.Press(force, held, inBand);
            Say(_guards.Force(sample.Time, share, pressure), features);
        }
        else
        {
            _guards.Release();
            Stop(features);
        }
        _loads.Add(sample.Time, force);
        // Before a direction is set, a stroke may have begun as far back as a dwell can last.
        _loads.ForgetBefore(Earlier(_strokes.Began, _dwell.Since) ?? sample.Time - _options.DwellDuration);
        Follow(sample.Time, features);
    }

    public void Apply(Timestamp at, Marker marker, List<Feature> features)
    {
        switch (marker)
        {
            case Marker.SessionBegan began:
                EndSet(at, features);
                _bodyMass = began.BodyMassKg;
                (_count, _inBand, _contactAngle) = (0, TimeSpan.Zero, 0);
                _durations.Clear();
                _dose.Clear();
                _contact.Reset(at);
                _roll.Reset();
                break;
            case Marker.MuscleChosen chosen:
                EndSet(at, features);
                _target = new TargetBand(chosen.Muscle, chosen.Side, _plan, _roller.Firm);
                Say(_guards.Site(at, _target), features);
                break;
            case Marker.PlanChosen chosen:
                _plan = chosen.Plan;
                _target = new TargetBand(_target.Muscle, _target.Side, _plan, _roller.Firm);
                break;
            case Marker.RadiusCalibrated calibrated when calibrated.Sensor == _sensor:
                _radius = new Measured(calibrated.Radius, calibrated.Uncertainty);
                break;
            case Marker.PainReported pain:
                Say(_guards.Pain(at, pain), features);
                break;
            case Marker.SessionEnded:
                EndSet(at, features);
                break;
        }
    }

    public RollingEstimate Estimate(Timestamp time)
    {
        var source = Source;
        var force = source == ForceSource.Measured ? time - _load?.Time <= _options.OldestSample ? _load!.Value.Force : null : Modelled;
        var pressure = force is { } f && _contact.InContact ? _pressure.Of(f) : (Measured?)null;
        var moves = time - _roll.Time <= _options.OldestSample;
        var doubts = Doubts
            | (time - _roll.Time <= _options.FreshSample ? 0 : RollingDoubts.MotionMissing)
            | (!_hasLoad || time - _load?.Time <= _options.FreshSample ? 0 : RollingDoubts.LoadMissing);
        var share = BodyWeightPercent(force);
        return new RollingEstimate
        {
            Time = time,
            Sensor = _sensor,
            Muscle = _target.Muscle,
            Side = _target.Side,
            RollAngleDegrees = double.RadiansToDegrees(_roll.AngleAt(time)),
            Path = _contact.InContact ? _radius.Value * (_roll.AngleAt(time) - _contactAngle) : 0,
            Speed = moves ? _radius.Value * _roll.Rate : 0,
            InContact = _contact.InContact,
            Force = force,
            Source = force is null ? ForceSource.None : source,
            ZeroShift = _force.ZeroShift,
            BodyWeightPercent = share,
            Pressure = pressure,
            PressureBand = _hasLoad ? _target.Pressure : null,
            BodyWeightBand = _hasLoad && _bodyMass is not null ? _target.BodyWeight : null,
            Band = source == ForceSource.Measured && pressure is { } p ? _target.Of(share, p) : Band.None,
            Strokes = _count,
            Tempo = _durations.Count < 2 ? null : Statistics.Median([.. _durations.TakeLast(5)]),
            ContactTime = _contact.Total(time),
            TimeInBand = _inBand,
            SetContactTime = _set.Contact,
            SetImpulse = _set.Impulse,
            Still = _hasLoad && _contact.InContact ? _dwell.Still : TimeSpan.Zero,
            Quality = doubts == RollingDoubts.None ? Quality.Good : Quality.Degraded,
            Doubts = doubts,
        };
    }

    private ForceSource Source => _hasLoad ? ForceSource.Measured : Modelled is null ? ForceSource.None : ForceSource.Modelled;

    /// <summary>What takes the place of a force that this roller cannot measure, while it is rolled.</summary>
    private Measured? Modelled => !_hasLoad && _contact.InContact ? ModelledForce.Of(_target.Muscle, _bodyMass, _options) : null;

    private RollingDoubts Doubts =>
        (_hasLoad ? _force.Doubts : RollingDoubts.NoLoadCells)
        | (_contact.InContact && _roll.Axis.Unclear ? RollingDoubts.AxisUnclear : 0)
        | (_roll.Saturated ? RollingDoubts.RateSaturated : 0)
        | (_set.Slip.Slipping ? RollingDoubts.Slipping : 0);

    /// <summary>Contact ended, or nothing is known any more: what was going on has ended.</summary>
    private void Stop(List<Feature> features)
    {
        Count(_strokes.Stop(), features);
        Add(_dwell.Stop(), features);
        _set.Slip.Lift();
    }

    private void Follow(Timestamp time, List<Feature> features)
    {
        var wasOpen = _set.Open;
        _set.Follow(time, _contact);
        if (_set.Open && !wasOpen)
            _guards.BeginSet();
        if (_contact.InContact)
        {
            _set.Doubt(Doubts);
            _strokeDoubts |= Doubts;
            Say(_guards.Set(time, _set.Contact, _target.SetDuration), features);
        }
        else if (_set.HasRested(time, inContact: false))
        {
            EndSet(time, features);
        }
    }

    private void Count(Turn? turn, List<Feature> features)
    {
        if (turn is not { } t || _radius.Value * Math.Abs(t.Angle) < _options.ShortestStroke)
            return;
        var direction = Math.Sign(t.Angle);
        _set.Slip.Add(t.Angle);
        var slip = _set.Slip.Correction(direction);
        var duration = t.End - t.Start;
        var turned = _radius.Value * Math.Abs(t.Angle);
        var length = turned * (1 + slip.Value);
        var drift = _radius.Value * _roll.BiasUncertainty * duration.TotalSeconds;
        var share = double.Hypot(_radius.StandardUncertainty / _radius.Value, slip.StandardUncertainty);
        var load = _hasLoad ? _loads.Between(t.Start, t.End) : null;
        var modelled = Modelled;
        _count++;
        _durations.Add(duration.TotalSeconds);
        var stroke = new Stroke
        {
            Time = t.End,
            Sensor = _sensor,
            Muscle = _target.Muscle,
            Side = _target.Side,
            Number = _count,
            Duration = duration,
            Length = new Measured(length, double.Hypot(share * length, drift)),
            Direction = direction,
            MeanForce = load?.Mean ?? modelled,
            PeakForce = load?.Peak,
            Impulse = load?.Impulse ?? modelled?.Value * duration.TotalSeconds,
            Source = load is not null ? ForceSource.Measured : modelled is not null ? ForceSource.Modelled : ForceSource.None,
            SlipPercent = _set.Slip.Percent,
            Quality = _strokeDoubts == RollingDoubts.None ? Quality.Good : Quality.Degraded,
            Doubts = _strokeDoubts,
        };
        _strokeDoubts = RollingDoubts.None;
        _set.Add(stroke);
        features.Add(stroke);
    }

    private void Add((Timestamp Start, Timestamp End)? ended, List<Feature> features)
    {
        if (ended is not { } d)
            return;
        var dwell = new Dwell
        {
            Time = d.End,
            Sensor = _sensor,
            Muscle = _target.Muscle,
            Side = _target.Side,
            Duration = d.End - d.Start,
            Place = _radius.Value * (_roll.Angle - _contactAngle),
            MeanForce = _loads.Between(d.Start, d.End)?.Mean,
            Source = ForceSource.Measured,
        };
        _set.Add(dwell);
        features.Add(dwell);
    }

    private void EndSet(Timestamp at, List<Feature> features)
    {
        Stop(features);
        _set.Follow(at, _contact);
        var modelled = _hasLoad ? null : ModelledForce.Of(_target.Muscle, _bodyMass, _options);
        var set = _set.Take(at, end => new RollingSet
        {
            Time = end,
            Start = end,
            Sensor = _sensor,
            Muscle = _target.Muscle,
            Side = _target.Side,
            Number = _dose.Sets(_target.Muscle, _target.Side) + 1,
            ContactTime = default,
            TimeInBand = default,
            Strokes = 0,
            Dwells = 0,
            LongestDwell = default,
            Source = _hasLoad ? ForceSource.Measured : modelled is null ? ForceSource.None : ForceSource.Modelled,
            Quality = Quality.Good,
        });
        if (set is null)
            return;
        if (modelled is { } force)
            set = set with { MeanForce = force, Impulse = Scaled(force, set.ContactTime.TotalSeconds) };
        set = set with { BodyWeightPercent = BodyWeightPercent(set.MeanForce) };
        features.Add(set);
        if (_dose.Add(set, _target) is { } dose)
            features.Add(dose);
    }

    private static void Say(Cue? cue, List<Feature> features)
    {
        if (cue is not null)
            features.Add(cue);
    }

    private Measured? BodyWeightPercent(Measured? force)
    {
        if (force is not { } f || _bodyMass is not { } mass)
            return null;
        var share = Scaled(f, 100 / (mass * Gravity));
        return share with { StandardUncertainty = double.Hypot(share.StandardUncertainty, _options.BodyMassUncertainty * share.Value) };
    }

    private static Measured Scaled(Measured measured, double factor) => new(factor * measured.Value, factor * measured.StandardUncertainty);

    private static Timestamp? Earlier(Timestamp? a, Timestamp? b) => a is null || b < a ? b ?? a : a;
}

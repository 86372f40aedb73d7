using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Rolling;

/// <summary>
/// Rolling from the packets of one roller: a <see cref="RollingEstimate"/> on a grid of sample time, 25 a second, and a
/// <see cref="Stroke"/> at the end of each. What they say is a function of the calls in their order.
/// <see cref="Feature.Session"/> and <see cref="Feature.Subject"/> are the caller's to set. Without load cells the
/// roller counts as in contact while it rolls, force and pressure are null, and everything is <see cref="Quality.Degraded"/>.
/// </summary>
public sealed class RollingEstimator
{
    private const int Imu = 0;
    private const int Load = 1;
    private const double Gravity = 9.80665;

    private readonly Slug _sensor;
    private readonly RollerGeometry _roller;
    private readonly RollingOptions _options;
    private readonly double _radius;
    private readonly bool _hasLoad;
    private readonly ContactForce _contactForce;
    private readonly RollAngle _roll;
    private readonly ContactDetector _contact;
    private readonly StrokeDetector _strokes;
    private readonly SampleMerge<(ImuSample? Imu, LoadSample? Load)> _merge;
    private readonly Queue<(Timestamp At, Marker Marker)> _markers = new();

    /// <summary>Loads since the present stroke began, for its mean and peak.</summary>
    private readonly Queue<(Timestamp Time, Measured Force)> _forces = new();
    private readonly List<double> _durations = [];

    private MuscleTarget? _target;
    private Muscle _muscle;
    private Side _side;
    private double? _bodyMass;
    private Timestamp? _next;
    private (Timestamp Time, Measured Force)? _load;
    private double _contactAngle;
    private bool _wasInContact;
    private int _count;
    private TimeSpan _inBand;

    /// <param name="sensor">The roller.</param>
    /// <param name="roller">Its body, from the descriptor.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">An option is out of its range.</exception>
    public RollingEstimator(Slug sensor, RollerGeometry roller, RollingOptions? options = null)
    {
        _sensor = sensor;
        _roller = roller;
        _options = Constants.Check(options ?? new RollingOptions());
        if (_options.ContactOff > _options.ContactOn)
            throw new UserException(FormattableString.Invariant($"RollingOptions.ContactOff is {_options.ContactOff} N; it takes at most ContactOn, {_options.ContactOn} N."));
        _radius = roller.Radius * (1 - _options.RadiusReduction);
        _hasLoad = roller.Arrangement != LoadArrangement.None;
        _contactForce = new ContactForce(roller, _options);
        _roll = new RollAngle(_options);
        _contact = new ContactDetector(_options);
        _strokes = new StrokeDetector(_options);
        _merge = new SampleMerge<(ImuSample?, LoadSample?)>(_hasLoad ? 2 : 1, _options.Patience);
    }

    /// <summary>Takes the samples of one frame of the core's IMU; gives the features that became certain by it, oldest first.</summary>
    public IReadOnlyList<Feature> Update(ImuPacket packet)
    {
        foreach (var sample in packet.Samples)
            _merge.Add(Imu, sample.Time, (sample, null));
        return TakeMerged(drain: false);
    }

    /// <summary>Takes the samples of one frame of the load cells.</summary>
    public IReadOnlyList<Feature> Update(LoadPacket packet)
    {
        if (!_hasLoad)
            return [];
        foreach (var sample in packet.Samples)
            _merge.Add(Load, sample.Time, (null, sample));
        return TakeMerged(drain: false);
    }

    /// <summary>Takes a marker, said at hub time <paramref name="at"/>; it holds from that sample time on.</summary>
    public IReadOnlyList<Feature> Mark(Timestamp at, Marker marker)
    {
        _markers.Enqueue((at, marker));
        if (marker is not Marker.SessionEnded)
            return [];
        var features = TakeMerged(drain: true);
        while (_markers.TryDequeue(out var last))
            Apply(last.At, last.Marker, features);
        return features;
    }

    private List<Feature> TakeMerged(bool drain)
    {
        var features = new List<Feature>();
        while (_merge.TryTake(out var merged, drain))
        {
            var time = merged.Imu?.Time ?? merged.Load!.Value.Time;
            while (_markers.TryPeek(out var marker) && marker.At <= time)
            {
                EstimateUntil(marker.At, features);
                _markers.Dequeue();
                Apply(marker.At, marker.Marker, features);
            }
            EstimateUntil(time, features);
            if (merged.Imu is { } imu)
                Take(imu, features);
            if (merged.Load is { } load)
                Take(load);
        }
        return features;
    }

    private void Apply(Timestamp at, Marker marker, List<Feature> features)
    {
        if (marker is Marker.SessionBegan or Marker.MuscleChosen or Marker.SessionEnded)
            Count(_strokes.Stop(), features);
        switch (marker)
        {
            case Marker.SessionBegan began:
                _bodyMass = began.BodyMassKg;
                _count = 0;
                _durations.Clear();
                _inBand = TimeSpan.Zero;
                _contact.Reset(at);
                _roll.Reset();
                _contactAngle = 0;
                break;
            case Marker.MuscleChosen chosen:
                (_muscle, _side) = (chosen.Muscle, chosen.Side);
                _target = MuscleTarget.Find(chosen.Muscle);
                break;
        }
    }

    private void Take(in ImuSample sample, List<Feature> features)
    {
        if (!_roll.Update(sample, loaded: _hasLoad ? _contact.InContact : _strokes.Direction != 0))
            Count(_strokes.Stop(), features);

        if (!_hasLoad || _contact.InContact)
            Count(_strokes.Update(sample.Time, _roll.Angle, _roll.Rate), features);
        else
            Count(_strokes.Stop(), features);
        if (!_hasLoad)
            // Rolling stands in for a force that is there or not.
            _contact.Update(sample.Time, _strokes.Direction != 0 ? _options.ContactOn : 0);

        if (_contact.InContact && !_wasInContact)
            _contactAngle = _roll.Angle;
        _wasInContact = _contact.InContact;
    }

    private void Take(in LoadSample sample)
    {
        var force = _contactForce.Force(sample.Cells);
        _contact.Update(sample.Time, force.Value);
        if (_load is { } last && sample.Time - last.Time <= _options.LongestBridgedGap && BandOf(force) == Band.Good)
            _inBand += sample.Time - last.Time;
        _load = (sample.Time, force);
        _forces.Enqueue((sample.Time, force));
        // Before a direction is set, a stroke may have begun as far back as a dwell can last.
        var keep = _strokes.Began ?? sample.Time - _options.DwellDuration;
        while (_forces.Peek().Time < keep)
            _forces.Dequeue();
    }

    private void Count(Turn? turn, List<Feature> features)
    {
        if (turn is not { } t || _radius * Math.Abs(t.Angle) < _options.ShortestStroke)
            return;
        var length = _radius * Math.Abs(t.Angle);
        var duration = t.End - t.Start;
        var share = double.Hypot(_options.RadiusReductionUncertainty / (1 - _options.RadiusReduction), _options.SlipUncertainty);
        var forces = _forces.Where(f => f.Time >= t.Start && f.Time <= t.End).Select(f => f.Force).ToArray();
        _count++;
        _durations.Add(duration.TotalSeconds);
        features.Add(new Stroke
        {
            Time = t.End,
            Sensor = _sensor,
            Muscle = _muscle,
            Side = _side,
            Number = _count,
            Duration = duration,
            Length = new Measured(length, double.Hypot(share * length, _radius * _roll.BiasUncertainty * duration.TotalSeconds)),
            Direction = Math.Sign(t.Angle),
            // The error of a calibration is the same for all samples: averaging does not lessen it.
            MeanForce = forces.Length == 0 ? null : new Measured(forces.Average(f => f.Value), forces.Average(f => f.StandardUncertainty)),
            PeakForce = forces.Length == 0 ? null : forces.Max(f => f.Value),
        });
    }

    /// <summary>Estimates for each point of the grid before this time. All samples up to it have been taken, so far as they came.</summary>
    private void EstimateUntil(Timestamp time, List<Feature> features)
    {
        _next ??= time.CeilingTo(_options.Period);
        while (_next is { } next && next < time)
        {
            if (!(next - _roll.Time <= _options.OldestSample))
            {
                // A gap: nothing is said about it.
                _next = time.CeilingTo(_options.Period);
                break;
            }
            features.Add(Estimate(next));
            _next = next + _options.Period;
        }
    }

    private RollingEstimate Estimate(Timestamp time)
    {
        Measured? force = time - _load?.Time <= _options.OldestSample ? _load!.Value.Force : null;
        var angle = _roll.AngleAt(time);
        var pressure = force is { } f && _contact.InContact ? _contactForce.Pressure(f) : (Measured?)null;
        var fresh = time - _roll.Time <= _options.FreshSample && time - _load?.Time <= _options.FreshSample;
        return new RollingEstimate
        {
            Time = time,
            Sensor = _sensor,
            Muscle = _muscle,
            Side = _side,
            RollAngleDegrees = double.RadiansToDegrees(angle),
            Path = _contact.InContact ? _radius * (angle - _contactAngle) : 0,
            Speed = _radius * _roll.Rate,
            InContact = _contact.InContact,
            Force = force,
            BodyWeightPercent = BodyWeightPercent(force),
            Pressure = pressure,
            PressureBand = _hasLoad ? PressureBand : null,
            Band = force is { } known ? BandOf(known) : Band.None,
            Strokes = _count,
            Tempo = Tempo(),
            ContactTime = _contact.Total(time),
            TimeInBand = _inBand,
            Quality = fresh ? Quality.Good : Quality.Degraded,
        };
    }

    private (double Lower, double Upper)? PressureBand => _roller.Firm ? _target?.FirmKpa : _target?.SoftKpa;

    private Band BandOf(Measured force)
    {
        if (!_contact.InContact || PressureBand is not { } band)
            return Band.None;
        var pressure = _contactForce.Pressure(force).Value;
        return pressure < band.Lower ? Band.TooLight : pressure > band.Upper ? Band.TooHard : Band.Good;
    }

    private Measured? BodyWeightPercent(Measured? force)
    {
        if (force is not { } f || _bodyMass is not { } mass)
            return null;
        var percent = 100 / (mass * Gravity);
        return new Measured(percent * f.Value, percent * double.Hypot(f.StandardUncertainty, _options.BodyMassUncertainty * f.Value));
    }

    private double? Tempo()
    {
        if (_durations.Count < 2)
            return null;
        double[] last = [.. _durations.TakeLast(5).Order()];
        return last.Length % 2 == 1 ? last[last.Length / 2] : 0.5 * (last[last.Length / 2 - 1] + last[last.Length / 2]);
    }
}

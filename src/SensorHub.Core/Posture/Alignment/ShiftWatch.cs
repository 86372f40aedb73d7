using SensorHub.Core.Orientation;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>
/// Notices between calibrations that one of two elements has shifted on the skin, by what a spine does not do. First, a knock:
/// from rest to rest within a moment, one element has turned and the other has not. Second, a bend in which the
/// axis of one element has turned away from where the calibrating bends showed it, and the other's has not; a
/// twisted bend turns both. What it cannot see: creep in pitch, which looks like posture; a shift of both elements alike; and
/// any shift of a single element. The next stand shows those that matter (<see cref="AlignmentOptions.ShiftLordosis"/>).
/// </summary>
internal sealed class ShiftWatch(AlignmentOptions options)
{
    private readonly Side[] _sides = [new(), new()];
    private PostureCalibration? _calibration;
    private Timestamp? _quietSince;
    private Timestamp? _lastQuiet;
    private bool _isBending;
    private double _depth;

    /// <summary>Takes how the elements lie on the body now; what was seen before counts no more.</summary>
    public void Begin(PostureCalibration? calibration)
    {
        _calibration = calibration;
        _quietSince = _lastQuiet = null;
        _isBending = false;
        foreach (var side in _sides)
            side.Reset();
    }

    /// <summary>Takes how an element is held; gives a shift when there is one.</summary>
    /// <param name="upper">The upper element, not the lower.</param>
    /// <param name="estimate">In sensor axes.</param>
    public ClipShift? Update(bool upper, in OrientationEstimate estimate)
    {
        if (_calibration is not { Lower: { } lower, Upper: { } higher })
            return null;
        var side = _sides[upper ? 1 : 0];
        side.Update(estimate, (upper ? higher : lower).Alignment);
        if (!upper)
            return null; // both are looked at once a pair
        return Knock(estimate.Time) ?? (_calibration.Method == CalibrationMethod.StandAndBends ? Bend() : null);
    }

    private ClipShift? Knock(Timestamp time)
    {
        var limit = double.DegreesToRadians(options.KnockRate);
        if (!Array.TrueForAll(_sides, side => side.Rate < limit))
        {
            _quietSince = null;
            return null;
        }
        _quietSince ??= time;
        if (time - _quietSince < options.KnockQuiet)
            return null;

        ClipShift? shift = null;
        if (_lastQuiet is { } last && _quietSince - last is var motion && motion > TimeSpan.Zero && motion <= options.KnockTime)
        {
            var (a, b) = (_sides[0].TurnSinceQuiet, _sides[1].TurnSinceQuiet);
            if (Math.Max(a, b) >= options.KnockTurn && Math.Min(a, b) < options.KnockOther)
                shift = new ClipShift(Math.Max(a, b), options.KnockTurn);
        }
        // What is quiet now was quiet a moment ago: where it is held since then is known.
        _lastQuiet = time;
        foreach (var side in _sides)
            side.Rest();
        return shift;
    }

    private ClipShift? Bend()
    {
        var inclination = _sides[1].Inclination;
        if (inclination < options.WatchedBendEnd)
        {
            var shift = _isBending && _depth >= options.WatchedBend ? TurnedAxis() : null;
            _isBending = false;
            return shift;
        }
        if (!_isBending)
        {
            (_isBending, _depth) = (true, 0);
            foreach (var side in _sides)
                side.Bend();
        }
        _depth = Math.Max(_depth, inclination);
        return null;
    }

    private ClipShift? TurnedAxis()
    {
        var (a, b) = (_sides[0].AxisTurn(options.AxisExplained), _sides[1].AxisTurn(options.AxisExplained));
        return a is { } lower && b is { } upper && Math.Max(lower, upper) >= options.ShiftAxis && Math.Min(lower, upper) < options.ShiftAxis / 2
            ? new ClipShift(Math.Max(lower, upper), options.ShiftAxis)
            : null;
    }

    /// <summary>One element, in its segment frame.</summary>
    private sealed class Side
    {
        private PrincipalAxis _axis = new();
        private Timestamp? _last;
        private Vector3D _up;
        private Vector3D _quietUp;

        /// <summary>rad/s.</summary>
        public double Rate { get; private set; } = double.PositiveInfinity;

        public double Inclination => SegmentFrame.Inclination(_up);

        /// <summary>°.</summary>
        public double TurnSinceQuiet => double.RadiansToDegrees(Math.Atan2(Vector3D.Cross(_quietUp, _up).Norm, Vector3D.Dot(_quietUp, _up)));

        public void Reset() => (_last, Rate, _axis) = (null, double.PositiveInfinity, new PrincipalAxis());

        public void Update(in OrientationEstimate estimate, Rotation alignment)
        {
            var rate = alignment.Rotate(estimate.AngularRate);
            Rate = rate.Norm;
            _up = alignment.Rotate(estimate.Up);
            if (_last is { } last)
                _axis.Add(rate, (estimate.Time - last).TotalSeconds);
            _last = estimate.Time;
        }

        public void Rest() => _quietUp = _up;

        public void Bend() => _axis = new PrincipalAxis();

        /// <summary>Angle of the bend's axis from Y, °; null when it had no clear one.</summary>
        public double? AxisTurn(double explained) => _axis.Find() is var (axis, share) && share > explained
            ? double.RadiansToDegrees(Math.Acos(Math.Min(1, Math.Abs(axis.Y))))
            : null;
    }
}

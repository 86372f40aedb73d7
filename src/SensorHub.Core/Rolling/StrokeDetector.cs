using SensorHub.Core.Timing;

namespace SensorHub.Core.Rolling;

/// <summary>A one-way turn of the roller between two turning points.</summary>
/// <param name="Angle">rad turned; the sign is the direction.</param>
internal readonly record struct Turn(Timestamp Start, Timestamp End, double Angle);

/// <summary>
/// Cuts the roll angle into one-way turns. A direction is set when the rate has been above a threshold for a while; a turn
/// ends where the direction is set the other way, where the roller comes to a dwell, or with the contact. It reaches from
/// turning point to turning point, not from threshold to threshold.
/// </summary>
internal sealed class StrokeDetector(RollingOptions options)
{
    private readonly double _turningRate = double.DegreesToRadians(options.TurningRate);
    private readonly double _turningAngle = double.DegreesToRadians(options.TurningAngle);
    private readonly double _strokeRate = double.DegreesToRadians(options.StrokeRate);
    private readonly double _dwellRate = double.DegreesToRadians(options.DwellRate);

    private int _run;
    private Timestamp _runStart;
    private Point _forwardStart;
    private Point _backwardStart;
    private Timestamp _moved;

    private Point _start;
    private Timestamp _end;
    private double _reached;
    private double _extreme;
    private bool _inContact;

    private readonly record struct Point(Timestamp Time, double Angle);

    /// <summary>+1 or −1 during a turn, 0 between turns.</summary>
    public int Direction { get; private set; }

    /// <summary>When the present turn began; null between turns.</summary>
    public Timestamp? Began => Direction == 0 ? null : _start.Time;

    /// <summary>Takes the next sample in contact; the first after <see cref="Stop"/> is where contact began.</summary>
    /// <param name="angle">rad, not wrapped.</param>
    /// <param name="rate">rad/s.</param>
    /// <returns>The turn that has ended by this, or null.</returns>
    public Turn? Update(Timestamp time, double angle, double rate)
    {
        var here = new Point(time, angle);
        if (!_inContact)
        {
            _inContact = true;
            _forwardStart = _backwardStart = here;
            _run = 0;
        }
        if (rate <= _turningRate)
            _forwardStart = here;
        if (rate >= -_turningRate)
            _backwardStart = here;
        if (Math.Abs(rate) >= _dwellRate)
            _moved = time;
        Advance(here);

        var run = rate > _strokeRate ? 1 : rate < -_strokeRate ? -1 : 0;
        if (run != _run)
            (_run, _runStart) = (run, time);
        var confirmed = run != 0 && time - _runStart >= options.StrokeConfirmation;

        if (Direction == 0)
        {
            if (confirmed)
                Begin(Start(run), run, here);
        }
        else if (confirmed && run != Direction)
        {
            // The flat top of the turn belongs half to the one and half to the other.
            var next = Start(run);
            _end += 0.5 * (next.Time - _end);
            var turn = End();
            Begin(next with { Time = turn.End }, run, here);
            return turn;
        }
        else if (time - _moved >= options.DwellDuration)
        {
            return End();
        }
        return null;

        Point Start(int direction) => direction > 0 ? _forwardStart : _backwardStart;
    }

    /// <summary>Contact has ended, or nothing is known any more.</summary>
    /// <returns>The turn that has ended by this, or null.</returns>
    public Turn? Stop()
    {
        _inContact = false;
        return Direction == 0 ? null : End();
    }

    private void Begin(Point start, int direction, Point here)
    {
        Direction = direction;
        _start = start;
        (_reached, _extreme, _end) = (_start.Angle, _start.Angle, _start.Time);
        Advance(here);
    }

    private void Advance(Point here)
    {
        if (Direction * (here.Angle - _extreme) > 0)
            _extreme = here.Angle;
        if (Direction * (here.Angle - _reached) > _turningAngle)
            (_reached, _end) = (here.Angle, here.Time);
    }

    private Turn End()
    {
        Direction = 0;
        return new Turn(_start.Time, _end, _extreme - _start.Angle);
    }
}

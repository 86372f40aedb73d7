using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Plans;

namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>
/// What somebody does who does as they are told, whoever tells them: stands, sits, slumps and bends for a calibration or a step of the protocol, and rolls
/// the muscle that was chosen until it is another or none. Every muscle is rolled in long sitting. Left alone they stand.
/// </summary>
/// <param name="mass">Of the body, kg.</param>
internal sealed class Obliging(double mass)
{
    /// <summary>How soon something that was said is done, at rest, s.</summary>
    private const double Reaction = 0.25;

    /// <summary>Enough to stand, sit down or get up, s.</summary>
    private const double Change = 4;

    /// <summary>On the floor without a muscle to roll, before getting up again, s.</summary>
    private const double Rest = 10;

    private enum Place : byte
    {
        Standing = 0,
        Sitting = 1,
        Slouching = 2,
        Floor = 3,
    }

    private Place _is, _wanted;
    private RollingSet? _chosen, _rolls;
    private bool _towardsHip;
    private double _rested;
    private int _bends;
    private Activity.Bend? _bend;

    /// <summary>Something was said, by a page or by anybody.</summary>
    public void Hear(Marker marker)
    {
        switch (marker)
        {
            case Marker.MuscleChosen { Muscle: Muscle.None }:
                _chosen = null;
                break;
            case Marker.MuscleChosen chosen:
                (_chosen, _wanted, _bend) = (Set(chosen.Muscle, chosen.Side), Place.Floor, null);
                break;
            case Marker.StandCalibration:
                Take(Place.Standing);
                break;
            case Marker.SitCalibration:
                Take(Place.Sitting);
                break;
            case Marker.BendCalibration:
                Take(Place.Standing, new Activity.Bend(1, TrunkDegrees: 90, LumbarShare: 0.5, Down: 3, Hold: 1.5, Up: 3, Pause: 1), bends: 3);
                break;
            case Marker.StepBegan { Step: ProtocolStep.SitUpright }:
                Take(Place.Sitting);
                break;
            case Marker.StepBegan { Step: ProtocolStep.SitSlumped }:
                Take(Place.Slouching);
                break;
            case Marker.StepBegan { Step: ProtocolStep.Bend, Run: var run }: // until the next step: the pelvis goes 30° before rolling, 40° after it
                var bend = new Activity.Bend(1, TrunkDegrees: 75, LumbarShare: 0.60, Down: 3, Hold: 2, Up: 3, Pause: 1.5);
                Take(Place.Standing, run == ProtocolRun.Before ? bend : bend with { TrunkDegrees = 80, LumbarShare = 0.50 }, bends: int.MaxValue);
                break;
            case Marker.StepBegan { Step: not ProtocolStep.Rolling }:
                Take(Place.Standing);
                break;
            default:
                break;
        }
    }

    /// <summary>What is done next.</summary>
    public Activity Next()
    {
        if (_rolls is { } rolls && rolls != _chosen)
        {
            (_rolls, _rested) = (null, 0);
            return new Activity.TakeOff(rolls);
        }
        if (_is != _wanted)
        {
            (_is, _rested) = (_wanted, 0);
            return _is switch
            {
                Place.Sitting => new Activity.Sit(Change),
                Place.Slouching => new Activity.Slouch(Change),
                Place.Floor => new Activity.GoDown(Change),
                _ => new Activity.Stand(Change),
            };
        }
        if (_chosen is { } set)
        {
            if (_rolls is null)
            {
                (_rolls, _towardsHip) = (set, false);
                return new Activity.PutOn(set);
            }
            _towardsHip = !_towardsHip;
            return new Activity.Stroke(set, _towardsHip);
        }
        if (_bend is not null && _bends > 0)
        {
            _bends--;
            return _bend;
        }
        _rested += Reaction;
        if (_is == Place.Floor && _rested >= Rest)
            _wanted = Place.Standing;
        return new Activity.Stay(Reaction);
    }

    private void Take(Place place, Activity.Bend? bend = null, int bends = 0) => (_wanted, _bend, _bends, _chosen) = (place, bend, bends, null);

    /// <summary>In the middle of the muscle's band.</summary>
    private RollingSet Set(Muscle muscle, Side side)
    {
        var (lower, upper) = MuscleTarget.Find(muscle)?.BodyWeightPercent ?? (10, 30);
        return new RollingSet(muscle, side, Strokes: 1, SecondsPerStroke: 3, StrokeLength: 0.28, Force: (lower + upper) / 2 / 100 * mass * 9.81);
    }
}

using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;

namespace SensorHub.Pipelines.Sessions;

/// <summary>
/// Calibrations outlive the session and the process that they were made in: what was accepted is stored, and given to each session
/// that hears of its clip. It is given as a marker, so that the session's recording stands alone. Whether it still holds (the wearing, its
/// age) the estimator decides, and says.
/// </summary>
public sealed class KeptCalibrations(CalibrationStore store)
{
    private readonly SortedSet<Slug> _heard = [];
    private bool _inSession;

    /// <summary>What is to be reported right behind this record: stored calibrations.</summary>
    public IReadOnlyList<SensorRecord> After(SensorRecord record)
    {
        switch (record)
        {
            case SensorRecord.Described described when _heard.Add(described.Sensor) && _inSession:
                return [.. Given(described.Sensor, record)];
            case SensorRecord.Marked { Marker: Marker.SessionBegan }:
                _inSession = true;
                return [.. _heard.SelectMany(sensor => Given(sensor, record))];
            case SensorRecord.Marked { Marker: Marker.SessionEnded }:
                _inSession = false;
                return [];
            default:
                return [];
        }
    }

    /// <summary>Takes what the estimators say; keeps what a person's stand or bends have given, and forgets what has ended.</summary>
    public void Take(Feature feature)
    {
        switch (feature)
        {
            case CalibrationResult { Accepted: true, Step: not CalibrationStep.Given, Calibration: { } calibration }:
                store.Keep(calibration);
                break;
            case CalibrationResult { Step: CalibrationStep.Ended } ended:
                store.Forget(ended.Sensor);
                break;
            default:
                break;
        }
    }

    private IEnumerable<SensorRecord> Given(Slug sensor, SensorRecord behind)
    {
        if (store.Find(sensor) is { } calibration)
            yield return new SensorRecord.Marked(behind.At, new Marker.CalibrationGiven(calibration));
    }
}

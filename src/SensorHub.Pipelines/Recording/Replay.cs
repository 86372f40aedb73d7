using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Recording;

/// <summary>Plays records again, as their producers once did.</summary>
public static class Replay
{
    /// <summary>
    /// A producer for <see cref="RecordSource.Create"/>: each run reads the records from the beginning and reports them
    /// unchanged, at their old times. A session's time runs from its <see cref="Marker.SessionBegan"/>, at
    /// <paramref name="speed"/>; what lies before or between sessions is not waited for.
    /// </summary>
    /// <param name="records">For example <see cref="RecordingReader.Read"/>.</param>
    /// <param name="speed">Recorded seconds per second of <paramref name="time"/>; <see cref="double.PositiveInfinity"/> = without waiting.</param>
    /// <param name="time">Paces; never seen by the records.</param>
    public static Func<Action<SensorRecord>, CancellationToken, Task> Producer(IEnumerable<SensorRecord> records, double speed, TimeProvider time)
    {
        if (!(speed > 0))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "The speed of a replay is above 0.");
        return async (report, cancellationToken) =>
        {
            await Task.Yield(); // whoever subscribes gets to hold what cancels
            (Timestamp At, long Time)? begin = null;
            foreach (var record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (record is SensorRecord.Marked { Marker: Marker.SessionBegan })
                    begin = (record.At, time.GetTimestamp());
                if (begin is { } b && !double.IsPositiveInfinity(speed))
                {
                    var wait = (record.At - b.At) / speed - time.GetElapsedTime(b.Time);
                    if (wait > TimeSpan.Zero)
                        await Task.Delay(wait, time, cancellationToken);
                }
                report(record);
                if (record is SensorRecord.Marked { Marker: Marker.SessionEnded })
                    begin = null;
            }
        };
    }
}

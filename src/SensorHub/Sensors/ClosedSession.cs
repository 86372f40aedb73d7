using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Sensors;

/// <summary>A producer that ends by being cancelled leaves no session open.</summary>
internal static class ClosedSession
{
    /// <summary>Runs the producer until it ends or is cancelled, and ends the session that it had begun.</summary>
    public static async Task RunAsync(Func<Action<SensorRecord>, CancellationToken, Task> produce, Action<SensorRecord> report, CancellationToken cancellationToken)
    {
        Slug session = default;
        Timestamp last = default;
        try
        {
            await produce(Watch, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        if (!session.IsNone)
            report(new SensorRecord.Marked(last, new Marker.SessionEnded(session)));

        void Watch(SensorRecord record)
        {
            last = record.At;
            if (record is SensorRecord.Marked { Marker: var marker })
                session = marker switch
                {
                    Marker.SessionBegan began => began.Session,
                    Marker.SessionEnded => default,
                    _ => session,
                };
            report(record);
        }
    }
}

using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// Puts what the hub sees into one order, whichever thread sees it: stamps it and hands it on under a lock, so that no
/// record is earlier than the one before.
/// </summary>
/// <param name="clock">The hub's time axis.</param>
/// <param name="next">Takes the records; called by one thread at a time, and has to be quick.</param>
public sealed class RecordSink(HubClock clock, Action<SensorRecord> next)
{
    private readonly Lock _order = new();

    public HubClock Clock => clock;

    /// <param name="record">Makes the record from its stamp; null = there is none to make.</param>
    public void Add(Func<Timestamp, SensorRecord?> record)
    {
        lock (_order)
            if (record(clock.Now) is { } made)
                next(made);
    }

    /// <summary>Stamps at once, for what is recorded only when more is known.</summary>
    public Timestamp Now => clock.Now;
}

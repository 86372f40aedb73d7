using SensorHub.Core;

namespace SensorHub.Bluetooth.Link;

/// <summary>What all sensors of a supervisor share.</summary>
internal sealed record LinkSurroundings(ICentral Central, RecordSink Records, LinkOptions Options, Scanner Scanner, ConnectTurns Turns, LinkMeter Meter)
{
    /// <summary>Something that is shown has changed.</summary>
    public required Action Changed { get; init; }

    /// <summary>A sensor was found at another address.</summary>
    public required Action<Slug, string> Moved { get; init; }

    public required Func<SensorKeeper, string, bool> IsAddressOfAnother { get; init; }

    /// <summary>Switches the adapter off and on, unless another sensor needs it or it was done lately; says whether it was done.</summary>
    public required Func<SensorKeeper, CancellationToken, Task<bool>> PowerCycleAsync { get; init; }
}

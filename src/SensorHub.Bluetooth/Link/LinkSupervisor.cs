using SensorHub.Core;
using SensorHub.Core.Protocol;

#pragma warning disable CS0067, CS9113, CA1822, CA1065

namespace SensorHub.Bluetooth.Link;

/// <summary>
/// Keeps the wanted sensors streaming: finds them, connects, starts what is wanted of each, watches that samples arrive,
/// fetches what was missed, and recovers in stages what falls silent. What comes is recorded.
/// </summary>
/// <param name="central">The radio.</param>
/// <param name="records">Takes what the sensors say and what becomes of their links.</param>
/// <param name="random">Seeded: the jitter of pauses.</param>
public sealed class LinkSupervisor(ICentral central, RecordSink records, LinkOptions options, Random random)
{
    /// <summary>Something in <see cref="Links"/> or <see cref="Radio"/> has changed, other than counts and rates. Raised on any thread; has to be quick.</summary>
    public event Action? Changed;

    /// <summary>A wanted sensor was found, by its name and serial, at this other address: remember it.</summary>
    public event Action<Slug, string>? Moved;

    /// <summary>The wanted sensors, in the order in which they were named.</summary>
    public IReadOnlyList<LinkStatus> Links => [];

    /// <summary>Why the radio cannot be used, one line with what mends it; null when it can.</summary>
    public string? Radio => null;

    /// <summary>Sensors heard within the last 30 seconds of scanning, the strongest first. Scanning goes on while a wanted sensor is searched or somebody listens.</summary>
    public IReadOnlyList<NearbySensor> Nearby => [];

    /// <summary>Scans, to fill <see cref="Nearby"/>, until disposed.</summary>
    public IDisposable Listen() => throw new NotImplementedException();

    /// <summary>Declares which sensors shall stream what, from now on. Only what differs from before is changed.</summary>
    public void Want(IReadOnlyList<WantedSensor> sensors) => throw new NotImplementedException();

    /// <summary>Runs until cancelled, then takes leave of the sensors.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Asks a connected sensor something that does not concern its streams: Identify, ZeroLoad, SetLoadCalibration, GetStatus or GetRange.
    /// After the calibration changed, the descriptor is read and recorded again.
    /// </summary>
    /// <exception cref="LinkException">It is not wanted, not connected, or does not answer; the message says which.</exception>
    public Task<ControlResponse> RequestAsync(Slug sensor, ControlRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Connects to a sensor without pairing, reads what it says about itself, and disconnects. Of a sensor that is connected already, reads over its link.</summary>
    /// <exception cref="LinkException">It did not answer; the message says what to do.</exception>
    /// <exception cref="IncompatibleSensorException">It cannot be used; the message says why.</exception>
    public Task<SensorLook> LookAsync(string address, CancellationToken cancellationToken) => throw new NotImplementedException();
}

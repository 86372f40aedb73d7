using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Bluetooth.Virtual.Radio;

/// <summary>What is broken in the virtual radio's adapter and its service; nothing, unless it is said.</summary>
public sealed class RadioFaults
{
    /// <summary>The radio cannot be used, and says this; null = it can. Links are cut.</summary>
    public string? Unavailable { get; set; }

    /// <summary>Why connecting to a sensor that is heard fails; null = it does not.</summary>
    public Func<VirtualSensor, string?> RefuseConnection { get; set; } = _ => null;

    /// <summary>Why pairing with a sensor fails; null = it does not.</summary>
    public Func<VirtualSensor, string?> RefusePairing { get; set; } = _ => null;
}

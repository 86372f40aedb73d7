using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Gatt;

/// <summary>What is broken in a virtual sensor's firmware; nothing, unless it is said.</summary>
public sealed class SensorFaults
{
    /// <summary>A status with which it refuses a request; null = it does what is asked.</summary>
    public Func<ControlRequest, ControlStatus?> Refuse { get; set; } = _ => null;

    /// <summary>What is read of the descriptor, in place of the right bytes.</summary>
    public Func<byte[], byte[]> Describe { get; set; } = bytes => bytes;

    /// <summary>What is sent in place of a frame; null = nothing.</summary>
    public Func<GattValue, byte[]?> Send { get; set; } = value => value.Bytes;

    /// <summary>Called when a central enables or disables notifications or indications.</summary>
    public Action<Guid, bool> Configured { get; set; } = (_, _) => { };

    /// <summary>Called when a central connects.</summary>
    public Action Connected { get; set; } = () => { };
}

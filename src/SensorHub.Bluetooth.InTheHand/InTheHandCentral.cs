using SensorHub.Bluetooth.Portable;

namespace SensorHub.Bluetooth.InTheHand;

/// <summary>The central that InTheHand.BluetoothLE gives on this system.</summary>
public static class InTheHandCentral
{
    /// <param name="adapter">As in <c>hci0</c>; null = the one the system offers first.</param>
    /// <exception cref="RadioException">This system does not let a program choose its adapter.</exception>
    public static PortableCentral Create(string? adapter, TimeProvider time) => new(
#if WINDOWS || MACCATALYST
        adapter is null
            ? new InTheHandLibrary(time)
            : throw new RadioException("This system chooses the Bluetooth adapter itself: leave the choice to it."),
#else
        new InTheHandLibrary(adapter, time),
#endif
        time);
}

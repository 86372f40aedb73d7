using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Portable;

/// <summary>
/// The ATT MTU of a link of which the library does not say it. It is at least the default 23 (Core Specification, Vol 3
/// Part F §3.2.8), at least what the library says, and at least what the longest notification so far needed.
/// </summary>
public sealed class MtuEstimate
{
    /// <summary>MTU of a link on which none was exchanged.</summary>
    public const int Default = 23;

    private int _shown = Default;

    /// <param name="reported">What the library says; 0 when it does not.</param>
    public int Value(int reported) => Math.Max(reported, Volatile.Read(ref _shown));

    /// <summary>A notification or an indication came. A value that was read says nothing: long ones are read in parts.</summary>
    public void Notified(int length)
    {
        if (length + Gatt.AttOverhead > _shown)
            Volatile.Write(ref _shown, length + Gatt.AttOverhead);
    }
}

using SensorHub.Bluetooth;
using SensorHub.Bluetooth.BlueZ;
#if INTHEHAND
using SensorHub.Bluetooth.InTheHand;
using SensorHub.Bluetooth.Portable;
#endif
using SensorHub.Core;

namespace SensorHub.Sensors;

/// <summary>The radio of this machine: the one that the program was built with (src/SensorHub.Bluetooth.InTheHand/README.md).</summary>
public static class Radios
{
    /// <summary>A central; disposed with what it holds of the radio. What keeps it from working is told by what it does, so that it may be mended meanwhile.</summary>
    /// <param name="adapter">Its name, such as <c>hci1</c>; null = the first that is there.</param>
    /// <param name="pairing">Who compares and types in numbers while a sensor pairs; null = nobody.</param>
#if INTHEHAND
    public static PortableCentral Open(string? adapter, IPairingAgent? pairing = null) => InTheHandCentral.Create(adapter, TimeProvider.System);
#else
    public static BlueZCentral Open(string? adapter, IPairingAgent? pairing = null) => new(new BlueZOptions { Adapter = adapter, PairingAgent = pairing });
#endif

    /// <summary>The adapters, in one line.</summary>
    /// <exception cref="UserException">Bluetooth cannot be used; the message says what mends it.</exception>
    public static async Task<string> DescribeAsync(string? adapter, CancellationToken cancellationToken)
    {
        try
        {
#if INTHEHAND
            await using var central = Open(adapter);
            await central.CheckAsync().WaitAsync(cancellationToken);
            return "on, by InTheHand.BluetoothLE";
#else
            var adapters = await BlueZDoctor.ExamineAsync(new BlueZOptions { Adapter = adapter }, cancellationToken);
            var described = string.Join(", ", adapters.Select(a => $"{a.Name} {(a.Powered ? "on" : "off, the hub switches it on")}"));
            return adapter is null ? described : $"{described}; {adapter} is used";
#endif
        }
        catch (RadioException e)
        {
            throw new UserException(e.Message, e);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using InTheHand.Bluetooth;
using SensorHub.Bluetooth.Portable;
using Radio = InTheHand.Bluetooth.Bluetooth;

namespace SensorHub.Bluetooth.InTheHand;

/// <summary>InTheHand.BluetoothLE on Windows and macOS.</summary>
public sealed class InTheHandLibrary(TimeProvider time) : IPortableLibrary
{
    /// <summary>macOS tells of a device once a scan: it begins anew this often.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);

    /// <summary>RSSI "not available" (Core Specification, Vol 4 Part E §7.7.65.2).</summary>
    private const short NoRssi = 127;

#if WINDOWS
    private const string Off = "Bluetooth is off or absent: switch it on in Settings, Bluetooth & devices";
#else
    private const string Off = "Bluetooth is off, absent or not allowed: switch it on in System Settings, Bluetooth, and allow it under Privacy & Security, Bluetooth";
#endif

    public async Task CheckAsync()
    {
        if (!await Radio.GetAvailabilityAsync())
            throw new RadioException($"{Off}.");
    }

    public async IAsyncEnumerable<HeardDevice> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heard = Channel.CreateBounded<HeardDevice>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });
        Radio.AdvertisementReceived += OnReceived;
        try
        {
            while (true)
            {
                await CheckAsync();
                var scan = await Radio.RequestLEScanAsync(new BluetoothLEScanOptions { AcceptAllAdvertisements = true, KeepRepeatedDevices = true })
                    ?? throw new RadioException($"{Off}.");
                try
                {
                    var over = Task.Delay(Round, time, cancellationToken);
                    while (!over.IsCompleted)
                    {
                        var more = heard.Reader.WaitToReadAsync(cancellationToken).AsTask();
                        if (await Task.WhenAny(more, over) == over)
                            break;
                        while (heard.Reader.TryRead(out var device))
                            yield return device;
                    }
                    await over;
                }
                finally
                {
                    scan.Stop();
                }
            }
        }
        finally
        {
            Radio.AdvertisementReceived -= OnReceived;
        }

        // In the system's callback: nothing may be thrown back into it.
        void OnReceived(object? sender, BluetoothAdvertisingEvent e)
        {
            try
            {
                if (e.Device is { } device)
                    heard.Writer.TryWrite(new HeardDevice(device.Id, e.Name ?? "", [.. e.Uuids.Select(u => u.Value)], e.Rssi is 0 or NoRssi ? null : e.Rssi));
            }
            catch (Exception)
            {
                // A device of which the system knows too little; it will be heard again.
            }
        }
    }

    public async Task<IPortablePeripheral?> FindAsync(string address, CancellationToken cancellationToken)
    {
        await CheckAsync();
        return await BluetoothDevice.FromIdAsync(address) is { } device ? new SystemPeripheral(device, time) : null;
    }

    public Task ForgetAsync(string address, CancellationToken cancellationToken) => SystemPeripheral.ForgetAsync(address);

    public Task PowerCycleAsync(CancellationToken cancellationToken) =>
        throw new RadioException("This system does not let a program switch Bluetooth off and on: do it in its settings, then try again.");

    public PortableFault Explain(Exception exception) => exception switch
    {
        ObjectDisposedException or NullReferenceException => new("the system let go of the sensor", FaultReach.Link),
        PlatformNotSupportedException or System.Security.SecurityException => new($"{Off} ({OneLine(exception)})", FaultReach.Radio),
        _ => new(OneLine(exception), FaultReach.Operation),
    };

    private static string OneLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd('.');
}

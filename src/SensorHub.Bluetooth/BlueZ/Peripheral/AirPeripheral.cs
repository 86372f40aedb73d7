using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>
/// A virtual sensor as a real GATT peripheral: BlueZ's adapter advertises it and brings a hub's requests. The same sensor as
/// in <see cref="Virtual.SimulatedSession"/>, in real time. Second 0 of its person is when this begins.
/// </summary>
/// <param name="say">Takes plain lines on what happens; quick, from any thread. No line has a radio address.</param>
public sealed class AirPeripheral(VirtualSensor sensor, AirOptions options, TimeProvider time, Action<string> say)
{
    /// <summary>From a lost bluetoothd to the next look for it.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    /// <summary>Plays until cancelled. A bluetoothd that goes away is waited for, and so is the adapter.</summary>
    /// <exception cref="RadioException">It cannot begin: the message says what to do.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var live = new LivePeripheral(sensor, time, say);
        var began = false;
        while (true)
        {
            try
            {
                await using var bus = await BusConnection.OpenAsync(options.BusAddress);
                await new AirSession(bus, live, options, time, say).RunAsync(() => began = true, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (RadioException e) when (began)
            {
                say(e.Message);
            }
            live.CloseSockets();
            try
            {
                await Task.Delay(RetryInterval, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        live.CloseSockets();
        foreach (var line in live.Totals())
            say(line);
    }
}

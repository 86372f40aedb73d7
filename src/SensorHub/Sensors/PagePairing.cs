using SensorHub.Bluetooth.BlueZ;

namespace SensorHub.Sensors;

/// <summary>Pairing with a person who looks at the sensor pages.</summary>
public sealed class PagePairing(SensorDesk desk) : IPairingAgent
{
    public void ShowPasskey(string sensor, string passkey, CancellationToken ended) => _ = desk.AskPairingAsync(sensor, passkey, needsAnswer: false, ended);

    public Task<bool> ConfirmAsync(string sensor, string passkey, CancellationToken ended) => desk.AskPairingAsync(sensor, passkey, needsAnswer: true, ended);
}

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>
/// A person who can look at the hub's page while a sensor pairs. Without one, sensors pair without asking anybody, and one
/// that insists on a number is refused.
/// </summary>
public interface IPairingAgent
{
    /// <summary>Shows a number that is to be entered at the sensor.</summary>
    /// <param name="sensor">The advertised name.</param>
    /// <param name="passkey">Six digits.</param>
    /// <param name="ended">Cancelled when pairing ended, however it did: the number can go.</param>
    void ShowPasskey(string sensor, string passkey, CancellationToken ended);

    /// <summary>Asks whether the sensor shows the same number.</summary>
    /// <param name="passkey">Six digits.</param>
    /// <param name="ended">Cancelled when pairing ended without the answer.</param>
    Task<bool> ConfirmAsync(string sensor, string passkey, CancellationToken ended);
}

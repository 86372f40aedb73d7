using SensorHub.Bluetooth;
using SensorHub.Core;

namespace SensorHub.Sensors;

/// <summary>The radio of this machine.</summary>
public static class Radios
{
    /// <param name="adapter">Its name, such as <c>hci1</c>; null = the first.</param>
    /// <returns>The central, and what to dispose when it is no longer needed.</returns>
    /// <exception cref="UserException">There is none; the message says what mends it.</exception>
    public static Task<(ICentral Central, IAsyncDisposable Radio)> OpenAsync(string? adapter, CancellationToken cancellationToken) =>
        throw new UserException("This version has no radio yet: start it with --simulate.");
}

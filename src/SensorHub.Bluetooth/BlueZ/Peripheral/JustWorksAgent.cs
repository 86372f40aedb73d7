using SensorHub.Bluetooth.BlueZ.Bus;

namespace SensorHub.Bluetooth.BlueZ.Peripheral;

/// <summary>Agrees to pairing, as a sensor without keys and display does (firmware-protocol/README.md §2.2: Just Works).</summary>
internal static class JustWorksAgent
{
    public const string Path = GattApplication.Path + "/agent";

    private const string Interface = "org.bluez.Agent1";
    private const string Manager = "org.bluez.AgentManager1";

    /// <summary>Has BlueZ ask this agent when a hub pairs.</summary>
    public static async Task RegisterAsync(BusConnection bus, CancellationToken cancellationToken)
    {
        var path = new ObjectPath(Path);
        await bus.CallAsync("org.bluez", "/org/bluez", Manager, "RegisterAgent", BusBody.Of("os", path, "NoInputNoOutput"), cancellationToken: cancellationToken);
        await bus.CallAsync("org.bluez", "/org/bluez", Manager, "RequestDefaultAgent", BusBody.Of("o", path), cancellationToken: cancellationToken);
    }

    public static BusBody? Answer(BusMessage call) => (call.Interface, call.Member) switch
    {
        (Interface, "RequestAuthorization" or "RequestConfirmation" or "AuthorizeService" or "Cancel" or "Release") => default(BusBody),
        _ => null,
    };
}

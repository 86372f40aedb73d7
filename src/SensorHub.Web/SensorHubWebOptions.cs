using SensorHub.Core;
using SensorHub.Mqtt;

namespace SensorHub.Web;

/// <summary>What the pages need to know of the hub they belong to.</summary>
public sealed record SensorHubWebOptions
{
    /// <summary>The hub whose topics the pages show.</summary>
    public required Slug Hub { get; init; }

    /// <summary>The broker that carries them.</summary>
    public required MqttConnection Broker { get; init; }

    /// <summary>
    /// Host names under which the pages answer; any other gets 400, so that a foreign name that resolves to this machine
    /// (DNS rebinding) reaches nothing. Default: the loopback names.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = ["localhost", "127.0.0.1", "[::1]"];
}

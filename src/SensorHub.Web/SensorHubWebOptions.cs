using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Web.Sensors;

namespace SensorHub.Web;

/// <summary>What the pages need to know of the hub they belong to.</summary>
public sealed record SensorHubWebOptions
{
    /// <summary>The hub whose topics the pages show.</summary>
    public required Slug Hub { get; init; }

    /// <summary>The broker that carries them.</summary>
    public required MqttConnection Broker { get; init; }

    /// <summary>The hub's sensors; null where there are none to manage, as in a replay.</summary>
    public ISensorDesk? Sensors { get; init; }

    /// <summary>
    /// Host names under which the pages answer; any other gets 400, so that a foreign name that resolves to this machine
    /// (DNS rebinding) reaches nothing. Default: the loopback names.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = ["localhost", "127.0.0.1", "[::1]"];
}

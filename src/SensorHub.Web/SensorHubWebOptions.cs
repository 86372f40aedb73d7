using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Storage.History;
using SensorHub.Web.BeforeAfter;
using SensorHub.Web.Recordings;
using SensorHub.Web.Sensors;
using SensorHub.Web.Studies;

namespace SensorHub.Web;

/// <summary>What the pages need to know of the hub they belong to.</summary>
public sealed record SensorHubWebOptions
{
    /// <summary>The hub whose topics the pages show.</summary>
    public required Slug Hub { get; init; }

    /// <summary>The pages are for all hubs that the broker carries, as in a clinic; <see cref="Hub"/> is then a name for the pages alone.</summary>
    public bool AllHubs { get; init; }

    /// <summary>The broker that carries them.</summary>
    public required MqttConnection Broker { get; init; }

    /// <summary>The hub's sensors; null where there are none to manage, as in a replay.</summary>
    public ISensorDesk? Sensors { get; init; }

    /// <summary>Pseudonym of the person whose hub it is, while nobody has signed in to say another.</summary>
    public Slug Subject { get; init; }

    /// <summary>
    /// File of accounts, subjects and consents (<c>people.db</c>); null = no accounts: whoever is at this computer is its owner. Then what
    /// has to be kept of people is kept in memory.
    /// </summary>
    public string? People { get; init; }

    /// <summary>Another place to sign in, beside passwords; null = none.</summary>
    public OpenIdOptions? OpenId { get; init; }

    /// <summary>How often somebody at one address may try to sign in, in a minute.</summary>
    public int TriesAMinute { get; init; } = 20;

    /// <summary>Told the mass of <see cref="Subject"/>, kg, at the start and when they change it; null = unknown.</summary>
    public Action<double?>? BodyMassChanged { get; init; }

    /// <summary>To try it without sensors; null where that cannot be chosen.</summary>
    public ISensorChoice? Choice { get; init; }

    /// <summary>What was measured; null = no pages about it.</summary>
    public IHistory? History { get; init; }

    /// <summary>What changed from before to after rolling; null = nothing is recorded here.</summary>
    public IOutcomes? Outcomes { get; init; }

    /// <summary>Studies that are planned here; null = there can be none.</summary>
    public IStudies? Studies { get; init; }

    /// <summary>What was recorded, and how good it is; null = nothing is recorded here.</summary>
    public IRecordings? Recordings { get; init; }

    /// <summary>
    /// Host names under which the pages answer; any other gets 400, so that a foreign name that resolves to this machine
    /// (DNS rebinding) reaches nothing. Default: the loopback names.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = ["localhost", "127.0.0.1", "[::1]"];
}

/// <summary>An OpenID Connect provider (Core 1.0, authorization code flow with PKCE).</summary>
/// <param name="Name">On the button: "Sign in with …".</param>
/// <param name="Authority">Its issuer; https, or http of this computer.</param>
public sealed record OpenIdOptions(string Name, Uri Authority, string ClientId, string? ClientSecret)
{
    /// <summary>How long the provider may take to answer the hub, before it counts as away.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Real sensors, or simulated ones to try it with.</summary>
public interface ISensorChoice
{
    bool IsSimulating { get; }

    /// <summary>From now on, until told otherwise or the hub ends.</summary>
    void Simulate(bool on);
}

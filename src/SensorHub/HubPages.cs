using SensorHub.Web;

namespace SensorHub;

/// <summary>What the pages have beside what the hub itself brings.</summary>
public sealed record HubPages
{
    /// <summary>People sign in, unless the settings say that they need not.</summary>
    public bool HasAccounts { get; init; }

    public ISensorChoice? Choice { get; init; }

    /// <inheritdoc cref="SensorHubWebOptions.BodyMassChanged"/>
    public Action<double?>? BodyMassChanged { get; init; }
}

namespace SensorHub.Mqtt;

/// <summary>How to reach a broker.</summary>
/// <param name="Password">Null with an anonymous broker.</param>
/// <param name="Tls">Encrypts, and checks the broker's certificate and its name.</param>
public sealed record MqttConnection(string Host, int Port, string? User, string? Password, bool Tls = false)
{
    /// <summary>PEM file with the certificate authority to trust instead of the system's, for a broker with a private one.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Without the password: fit for a log.</summary>
    public override string ToString() => $"{(Tls ? "mqtts" : "mqtt")}://{(User is null ? "" : User + "@")}{Host}:{Port}";
}

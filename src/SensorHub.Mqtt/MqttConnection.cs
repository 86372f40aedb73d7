namespace SensorHub.Mqtt;

/// <summary>How to reach a broker.</summary>
/// <param name="Password">Null with an anonymous broker.</param>
/// <param name="Tls">Encrypts, and checks the broker's certificate and its name.</param>
public sealed record MqttConnection(string Host, int Port, string? User, string? Password, bool Tls = false)
{
    /// <summary>PEM file with the certificate authority to trust instead of the system's, for a broker with a private one.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>PEM file with the certificate that says who we are, for a broker that wants one; beside a password or instead of it.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM file with the key of <see cref="ClientCertificate"/>, not encrypted: keep it readable for one user alone.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Without the password: fit for a log.</summary>
    public override string ToString() => $"{(Tls ? "mqtts" : "mqtt")}://{(User is null ? "" : User + "@")}{Host}:{Port}";
}

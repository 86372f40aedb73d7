using SensorHub.Core;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Configuration;

/// <summary>How the hub reaches a broker, and when a message for it has arrived.</summary>
public abstract class BrokerSettings
{
    /// <summary>Name or address of the broker's host.</summary>
    public string? Host { get; set; }

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>PEM file of the authority to trust instead of the system's, for a broker with a private one.</summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>PEM file of the certificate that says who we are, for a broker that wants one.</summary>
    public string? ClientCertificate { get; set; }

    /// <summary>PEM file of its key.</summary>
    public string? ClientKey { get; set; }

    /// <summary>
    /// Who has to have a message before it leaves the outbox: outputs of bridges (<c>store</c>, <c>influx</c>, or both with a comma between), or
    /// <c>broker</c> where nobody confirms what was stored.
    /// </summary>
    public string? Confirm { get; set; }

    /// <exception cref="UserException">A value is outside its range; the message names the key.</exception>
    internal void Validate(string section)
    {
        if (ClientCertificate is null != ClientKey is null)
            throw new UserException($"{section}:ClientCertificate and {section}:ClientKey belong together: give both files, or neither.");
        Confirmers(section, []);
    }

    /// <summary>As the outbox takes it.</summary>
    /// <param name="default">Where nothing is set.</param>
    internal IReadOnlyList<Slug> Confirmers(string section, IReadOnlyList<Slug> @default)
    {
        if (Confirm is null)
            return @default;
        var names = Confirm.Split(',', StringSplitOptions.TrimEntries);
        if (names.Distinct().Count() != names.Length || names.Any(n => n is not ("store" or "influx" or "broker")) || (names.Contains("broker") && names.Length > 1))
            throw HubOptions.Bad($"{section}:Confirm", Confirm, "store, influx, store,influx or broker");
        return [.. names.Select(Slug.Parse)];
    }

    private protected MqttConnection Connection(string host, int port, bool tls) => new(host, port, User, Password, tls)
    {
        CertificateAuthority = CertificateAuthority,
        ClientCertificate = ClientCertificate,
        ClientKey = ClientKey,
    };
}

/// <summary>The hub's broker.</summary>
public sealed class MqttSettings : BrokerSettings
{
    /// <summary>Port of the external or the embedded broker; 0 = any free one (embedded only).</summary>
    public int Port { get; set; } = 1883;

    /// <summary>Network address that the embedded broker listens on; beyond this machine only with a certificate.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>PEM file of the embedded broker's certificate; absent = no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of the certificate's key.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>The external broker speaks TLS.</summary>
    public bool Tls { get; set; }

    /// <summary>The external broker; null = the embedded one.</summary>
    public MqttConnection? ToConnection() => Host is { } host ? Connection(host, Port, Tls) : null;

    /// <summary>As the embedded broker takes it.</summary>
    public EmbeddedBrokerOptions ToEmbedded() => new() { Port = Port, Bind = Bind, Certificate = Certificate, CertificateKey = CertificateKey };
}

/// <summary>A second broker beside the hub's own, such as a clinic's: what the hub says goes to both. Without a host there is none.</summary>
public sealed class UpstreamSettings : BrokerSettings
{
    public int Port { get; set; } = 8883;

    /// <summary>It speaks TLS, as one beyond this machine should.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>Null = there is none.</summary>
    public MqttConnection? ToConnection() => Host is { } host ? Connection(host, Port, Tls) : null;
}

/// <summary>What waits on the disk for broker and stores.</summary>
public sealed class OutboxSettings
{
    /// <summary>Bytes of each outbox beyond which the oldest messages are dropped, 1 MiB to 1 TiB.</summary>
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Age beyond which messages are dropped, days; 1 to 3650.</summary>
    public int MaxAgeDays { get; set; } = 30;

    internal void Validate()
    {
        if (MaxBytes is < (1L << 20) or > (1L << 40))
            throw HubOptions.Bad("Outbox:MaxBytes", MaxBytes, "1048576 (1 MiB) to 1099511627776 (1 TiB)");
        if (MaxAgeDays is < 1 or > 3650)
            throw HubOptions.Bad("Outbox:MaxAgeDays", MaxAgeDays, "1 to 3650 days");
    }

    /// <param name="path">Of the file.</param>
    /// <param name="destination">For log lines and metrics.</param>
    /// <param name="outputs">Who has to confirm.</param>
    internal OutboxOptions ToMqtt(string path, string destination, IReadOnlyList<Slug> outputs) =>
        new() { Path = path, Destination = destination, Outputs = outputs, MaxBytes = MaxBytes, MaxAge = TimeSpan.FromDays(MaxAgeDays) };
}

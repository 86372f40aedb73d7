using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>
/// A mosquitto as <c>sensorhub mqtt acl</c> sets it up, with the access list, the accounts and TLS by a private authority; it asks for a client certificate too.
/// </summary>
internal sealed class ClinicBroker : IAsyncDisposable
{
    private readonly string _folder;
    private readonly int _port;
    private readonly IReadOnlyList<BrokerAccount> _accounts;
    private ServerProcess? _process;

    private ClinicBroker(string folder, int port, IReadOnlyList<BrokerAccount> accounts)
    {
        (_folder, _port, _accounts) = (folder, port, accounts);
        Way = new Relay(port);
    }

    /// <summary>The way that hubs take.</summary>
    public Relay Way { get; }

    private string Authority => Path.Combine(_folder, "ca.pem");

    public static async Task<ClinicBroker> StartAsync()
    {
        Require.Program("mosquitto", "mosquitto");
        var (folder, port) = (HubProgram.NewFolder(), ServerProcess.FreePort());
        Issue(folder);
        var settings = Path.Combine(folder, "sensorhub");
        await HubProgram.SaysAsync(
            "mqtt", "acl", "--out", settings, "--hub", "home", "--port", $"{port}", "--bind", "127.0.0.1",
            "--certificate", Path.Combine(folder, "server.pem"), "--key", Path.Combine(folder, "server.key"));
        Directory.CreateDirectory(Path.Combine(folder, "saved"));
        await File.WriteAllTextAsync(Path.Combine(folder, "mosquitto.conf"), $"user root\npersistence_location {folder}/saved/\ninclude_dir {settings}\n");
        await File.AppendAllTextAsync(Path.Combine(settings, MosquittoFiles.ConfigurationFile), $"cafile {folder}/ca.pem\nrequire_certificate true\n");
        var broker = new ClinicBroker(folder, port, BrokerCredentials.Load(settings, c => c).Accounts);
        await broker.StartAgainAsync();
        return broker;
    }

    public async Task StartAgainAsync() => _process ??= await ServerProcess.StartAsync(
        Require.Program("mosquitto", "mosquitto"), ["-c", Path.Combine(_folder, "mosquitto.conf")], token => ServerProcess.ListensAsync(_port, token));

    /// <summary>kill -9: what came since its last save is gone.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>The account at the broker itself, not by that way.</summary>
    public MqttConnection Connection(BrokerRole role) => _accounts.First(a => a.Role == role) is var account
        ? new MqttConnection("localhost", _port, account.User, account.Password, Tls: true)
        {
            CertificateAuthority = Authority, ClientCertificate = Path.Combine(_folder, "client.pem"), ClientKey = Path.Combine(_folder, "client.key"),
        }
        : throw new InvalidOperationException();

    /// <summary>Settings of <c>sensorhub</c>, by environment, for the account of that role.</summary>
    /// <param name="section"><c>MQTT</c> or <c>UPSTREAM</c>.</param>
    public Dictionary<string, string> Environment(string section, BrokerRole role, int port)
    {
        var connection = Connection(role);
        var password = Path.Combine(_folder, $"{connection.User}.secret");
        File.WriteAllText(password, connection.Password);
        return new()
        {
            [$"SENSORHUB_{section}__HOST"] = connection.Host,
            [$"SENSORHUB_{section}__PORT"] = $"{port}",
            [$"SENSORHUB_{section}__TLS"] = "true",
            [$"SENSORHUB_{section}__USER"] = connection.User!,
            [$"SENSORHUB_{section}__PASSWORD_FILE"] = password,
            [$"SENSORHUB_{section}__CERTIFICATEAUTHORITY"] = connection.CertificateAuthority!,
            [$"SENSORHUB_{section}__CLIENTCERTIFICATE"] = connection.ClientCertificate!,
            [$"SENSORHUB_{section}__CLIENTKEY"] = connection.ClientKey!,
        };
    }

    /// <summary>Of a hub that sends here, by that way.</summary>
    public Dictionary<string, string> Hub => Environment("UPSTREAM", BrokerRole.Hub, Way.Port);

    /// <summary>Of a bridge that reads here.</summary>
    public Dictionary<string, string> Bridge => Environment("MQTT", BrokerRole.Bridge, _port);

    public async ValueTask DisposeAsync()
    {
        await Way.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Issue(string folder)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Clinic CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(Path.Combine(folder, "ca.pem"), authority.ExportCertificatePem());
        foreach (var name in (string[])["server", "client"])
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var wanted = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            wanted.CertificateExtensions.Add(names.Build());
            using var issued = wanted.Create(authority, now.AddHours(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(Path.Combine(folder, $"{name}.pem"), issued.ExportCertificatePem());
            File.WriteAllText(Path.Combine(folder, $"{name}.key"), own.ExportPkcs8PrivateKeyPem());
        }
    }
}

using SensorHub.Mqtt.Connecting;

namespace SensorHub.Mqtt.Tests.Connecting;

/// <summary>A mosquitto with TLS: what works, and the one line that says why something does not.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = ServerProcess.NewFolder();
    private readonly Certificates _ours;

    public TlsTests() => _ours = new Certificates(_folder, "clinic");

    public void Dispose()
    {
        _ours.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_private_authority_that_is_given_is_trusted_and_one_that_is_not_is_named()
    {
        await using var broker = await BrokerAsync();
        var to = To(broker);
        await ConnectAsync(to);

        using var other = new Certificates(_folder, "other");
        Assert.Equal(
            $"The MQTT broker at localhost:{broker.Port} is not trusted: its certificate was issued by 'CN=clinic', and not by the authority in '{other.File}'. Give the certificate of the authority that issued it.",
            await FaultAsync(to with { CertificateAuthority = other.File }));
        Assert.Equal(
            $"The MQTT broker at localhost:{broker.Port} is not trusted: its certificate was issued by 'CN=clinic', which this computer does not trust. Give that authority's certificate as the authority to trust.",
            await FaultAsync(to with { CertificateAuthority = null }));
    }

    [Fact]
    public async Task An_expired_certificate_is_named_with_its_day()
    {
        await using var broker = await BrokerAsync(from: -20, to: -10);
        var day = TimeProvider.System.GetUtcNow().AddDays(-10).ToString("yyyy-MM-dd");
        Assert.Equal(
            $"The MQTT broker at localhost:{broker.Port} is not trusted: the certificate of 'CN=localhost' expired on {day}. Have it renewed, or check this computer's clock.",
            await FaultAsync(To(broker)));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_said_with_both_names()
    {
        await using var broker = await BrokerAsync(name: "broker.clinic.example");
        Assert.Equal(
            $"The MQTT broker at localhost:{broker.Port} is not trusted: its certificate is for 'broker.clinic.example', and not for 'localhost'. Connect to a name that it has, or give the broker a certificate with this one.",
            await FaultAsync(To(broker)));
    }

    [Fact]
    public async Task An_address_is_as_good_as_a_name_when_the_certificate_has_it()
    {
        await using var broker = await BrokerAsync(name: "127.0.0.1");
        await ConnectAsync(To(broker) with { Host = "127.0.0.1" });
    }

    [Fact]
    public async Task A_client_certificate_does_instead_of_a_password_and_a_missing_or_foreign_one_is_said()
    {
        await using var broker = await BrokerAsync(more: $"cafile {_ours.File}\nrequire_certificate true\nuse_identity_as_username true");
        var to = To(broker) with { User = null, Password = null };
        var (certificate, key) = _ours.Issue("hub-1");
        await ConnectAsync(to with { ClientCertificate = certificate, ClientKey = key });

        // Whether the broker's word comes through before the end of the connection is a matter of luck.
        Assert.Matches($"^The MQTT broker at localhost:{broker.Port} (ended the connection right after TLS: if it )?wants a client certificate[:,] give one, with its key\\.$", await FaultAsync(to));

        using var other = new Certificates(_folder, "other");
        var (foreign, itsKey) = other.Issue("hub-1");
        var fault = await FaultAsync(to with { ClientCertificate = foreign, ClientKey = itsKey });
        Assert.Matches($"^The MQTT broker at localhost:{broker.Port} (refuses|seems to refuse) the client certificate in '{foreign}'( \\([a-z ]+\\))?: ", fault);
        Assert.EndsWith(": give one of an authority that the broker trusts, and that has not expired.", fault);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_named_before_anything_is_sent()
    {
        var to = new MqttConnection("localhost", ServerProcess.FreePort(), null, null, Tls: true) { CertificateAuthority = _ours.File };
        var (certificate, key) = _ours.Issue("hub-1");
        var (_, otherKey) = _ours.Issue("hub-2");
        var (old, oldKey) = _ours.Issue("hub-1", from: -20, to: -10);
        var none = Path.Combine(_folder, "none.pem");

        Assert.Equal(
            $"The key in '{otherKey}' does not fit the client certificate in '{certificate}': give the unencrypted PEM key that the certificate was made for.",
            await FaultAsync(to with { ClientCertificate = certificate, ClientKey = otherKey }));
        Assert.StartsWith($"The key in '{certificate}' does not fit", await FaultAsync(to with { ClientCertificate = certificate, ClientKey = certificate }));
        Assert.StartsWith($"The client certificate in '{old}' expired on ", await FaultAsync(to with { ClientCertificate = old, ClientKey = oldKey }));
        Assert.StartsWith($"The client certificate in '{none}' cannot be read: ", await FaultAsync(to with { ClientCertificate = none, ClientKey = key }));
        Assert.StartsWith($"The client certificate in '{key}' cannot be read: ", await FaultAsync(to with { ClientCertificate = key, ClientKey = key }));
        Assert.StartsWith($"The key of the client certificate in '{none}' cannot be read: ", await FaultAsync(to with { ClientCertificate = certificate, ClientKey = none }));
        Assert.Contains("the key is not given", await FaultAsync(to with { ClientCertificate = certificate }));
        Assert.Contains("but no TLS", await FaultAsync(to with { Tls = false, ClientCertificate = certificate, ClientKey = key }));
        Assert.Contains("there is no certificate in it", await FaultAsync(to with { CertificateAuthority = key }));
    }

    private Task<MosquittoServer> BrokerAsync(string name = "localhost", int from = -1, int to = 1, string more = "")
    {
        var (certificate, key) = _ours.Issue(name, from, to);
        return MosquittoServer.StartAsync(certificate, key, more);
    }

    private MqttConnection To(MosquittoServer broker) =>
        new("localhost", broker.Port, MosquittoServer.User, MosquittoServer.Password, Tls: true) { CertificateAuthority = _ours.File };

    private static async Task ConnectAsync(MqttConnection to)
    {
        await using var link = new MqttLink(to, new() { ClientId = "x", Timeout = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        await link.ConnectAsync(Patience.Token);
        await link.PublishAsync(TestBroker.Message("n", "x"), Patience.Token);
    }

    private static async Task<string> FaultAsync(MqttConnection to) =>
        (await Assert.ThrowsAsync<MqttLinkException>(() => ConnectAsync(to))).Message;
}

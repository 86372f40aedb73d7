using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using static SensorHub.Mqtt.Tests.TestBroker;

namespace SensorHub.Mqtt.Tests.Broker;

/// <summary>That clients get in by TLS is shown by <see cref="RoleMatrixTests"/>; here is who does not, and what it takes.</summary>
public sealed class BrokerTlsTests : IDisposable
{
    private readonly PrivateAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    private EmbeddedBrokerOptions Options => new() { Certificate = _authority.Certificate, CertificateKey = _authority.Key };

    [Fact]
    public async Task The_hubs_link_trusts_the_private_authority_and_its_own_parts_need_no_TLS()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded, Options, rights: true);
        Assert.NotEqual(broker.Embedded.Port, broker.Connection.Port);
        await using var own = broker.Link("own");
        await own.ConnectAsync(Patience.Token);
        var encrypted = new MqttConnection("localhost", broker.Embedded.Port, broker.Connection.User, broker.Connection.Password, Tls: true);
        await using var link = new MqttLink(encrypted with { CertificateAuthority = _authority.Authority }, new() { ClientId = "x", Timeout = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        await link.ConnectAsync(Patience.Token);
        await using var stranger = new MqttLink(encrypted, new() { ClientId = "y", Timeout = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        Assert.Contains("is not trusted: ", (await Assert.ThrowsAsync<MqttLinkException>(() => stranger.ConnectAsync(Patience.Token))).Message);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task It_speaks_TLS_1_2_and_1_3(SslProtocols version)
    {
        await using var broker = await StartAsync(BrokerKind.Embedded, Options);
        using var stream = await EncryptAsync(broker, version);
        Assert.Equal(version, stream.SslProtocol);
    }

    [Fact]
    public async Task Plain_text_gets_no_answer_on_the_encrypted_port()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded, Options);
        using var plain = new TcpClient();
        await plain.ConnectAsync("127.0.0.1", broker.Embedded.Port, Patience.Token);
        await plain.GetStream().WriteAsync("\x10\x0c\0\x04MQTT\x05\x02\0<\0\0\0"u8.ToArray(), Patience.Token);
        try
        {
            var answer = new byte[64];
            var length = await plain.GetStream().ReadAsync(answer, Patience.Token);
            Assert.NotEqual(0x20, length == 0 ? 0 : answer[0]); // a TLS alert at most, never a CONNACK
        }
        catch (IOException)
        {
            // reset
        }
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_for_the_next_connection_and_a_broken_one_is_not()
    {
        await using var broker = await StartAsync(BrokerKind.Embedded, Options);
        using var first = await EncryptAsync(broker);
        var renewed = _authority.Issue();
        File.SetLastWriteTimeUtc(_authority.Certificate, File.GetLastWriteTimeUtc(_authority.Certificate).AddSeconds(5));
        using var second = await EncryptAsync(broker);
        Assert.NotEqual(renewed, first.RemoteCertificate!.GetSerialNumberString());
        Assert.Equal(renewed, second.RemoteCertificate!.GetSerialNumberString());
        File.WriteAllText(_authority.Certificate, "half of a renewal");
        using var third = await EncryptAsync(broker);
        Assert.Equal(renewed, third.RemoteCertificate!.GetSerialNumberString());
    }

    [Theory]
    [InlineData("0.0.0.0", false, false, "Mqtt:Bind is 0.0.0.0, beyond this machine, where MQTT has to be encrypted: set Mqtt:Certificate and Mqtt:CertificateKey to PEM files, or leave Mqtt:Bind out to listen on 127.0.0.1 alone.")]
    [InlineData("::", false, false, "Mqtt:Bind is ::, beyond this machine")]
    [InlineData("192.0.2.1", true, true, "The address 192.0.2.1, wanted by the embedded MQTT broker, is not one of this machine")]
    [InlineData("everywhere", true, true, "Mqtt:Bind is 'everywhere'; it takes a network address of this machine")]
    [InlineData("127.0.0.1", true, false, "Mqtt:Certificate and Mqtt:CertificateKey belong together: set Mqtt:CertificateKey too, or neither.")]
    [InlineData("127.0.0.1", false, true, "Mqtt:Certificate and Mqtt:CertificateKey belong together: set Mqtt:Certificate too, or neither.")]
    public async Task Beyond_this_machine_it_listens_with_a_certificate_or_not_at_all(string bind, bool certificate, bool key, string line)
    {
        var options = new EmbeddedBrokerOptions { Port = 0, Bind = bind, Certificate = certificate ? _authority.Certificate : null, CertificateKey = key ? _authority.Key : null };
        var error = await Assert.ThrowsAsync<UserException>(() => EmbeddedBroker.StartAsync(options, BrokerCredentials.Generate(), TimeProvider.System));
        Assert.StartsWith(line, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Beyond_this_machine_a_short_password_is_refused()
    {
        var weak = new BrokerCredentials([.. BrokerCredentials.Generate().Accounts, new("tool", BrokerRole.Reader, "secret")]);
        var error = await Assert.ThrowsAsync<UserException>(() => EmbeddedBroker.StartAsync(Options with { Port = 0, Bind = "0.0.0.0" }, weak, TimeProvider.System));
        Assert.Equal("Mqtt:Bind is 0.0.0.0, beyond this machine, and the password of the MQTT account 'tool' has less than 12 characters: write a longer one into mqtt-credentials.json.", error.Message);
        await using var here = await EmbeddedBroker.StartAsync(Options with { Port = 0 }, weak, TimeProvider.System);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_one_clear_line()
    {
        var other = new PrivateAuthority();
        var empty = Path.Combine(Path.GetDirectoryName(other.Certificate)!, "empty");
        File.WriteAllText(empty, "");
        foreach (var (certificate, key) in new[] { (_authority.Certificate, other.Key), (empty, _authority.Key), (_authority.Certificate, empty), ("/none.crt", _authority.Key), (_authority.Certificate, "/none.key") })
        {
            var error = await Assert.ThrowsAsync<UserException>(() => EmbeddedBroker.StartAsync(new() { Port = 0, Certificate = certificate, CertificateKey = key }, BrokerCredentials.Generate(), TimeProvider.System));
            Assert.StartsWith($"The MQTT broker's certificate {certificate} with the key {key} cannot be used: ", error.Message);
            Assert.EndsWith("Mqtt:Certificate and Mqtt:CertificateKey take PEM files that belong together.", error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }
        other.Dispose();
    }

    private async Task<SslStream> EncryptAsync(TestBroker broker, SslProtocols version = SslProtocols.None)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", broker.Embedded.Port, Patience.Token);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = version,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(_authority.Authority) }, RevocationMode = X509RevocationMode.NoCheck,
                },
            },
            Patience.Token);
        return stream;
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Health;

namespace SensorHub.EndToEnd.Tests.Health;

/// <summary>A server of the test's own, with a private authority.</summary>
public sealed class CertificateProbeTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = HubProgram.NewFolder();
    private readonly X509Certificate2 _authority = Authority("Clinic CA");
    private readonly FakeTimeProvider _time = new(Now);

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(400, Verdict.Ok, "valid until 2031-07-06")]
    [InlineData(15, Verdict.Ok, "valid until 2030-06-16")]
    [InlineData(10, Verdict.Warning, "expires on 2030-06-11, in 10 days: renew it before")]
    [InlineData(-1, Verdict.Failed, "expired on 2030-05-31: renew it")]
    public async Task A_certificate_is_good_until_two_weeks_before_its_end(int days, Verdict verdict, string says)
    {
        using var certificate = Signed("127.0.0.1", days);
        var finding = await AskAsync(certificate, AuthorityFile(_authority));
        Assert.Equal(verdict, finding.Verdict);
        Assert.Contains(says, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_told_with_the_names_that_it_is_for()
    {
        using var certificate = Signed("broker.clinic.example", 400);
        var finding = await AskAsync(certificate, AuthorityFile(_authority));
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.Contains("is for broker.clinic.example", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_nobody_trusts_is_named_and_so_is_the_setting_that_names_its_file()
    {
        using var certificate = Signed("127.0.0.1", 400);
        var finding = await AskAsync(certificate, null);
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.Contains("signed by Clinic CA, whom this computer does not trust", finding.Text, StringComparison.Ordinal);
        Assert.Contains("Mqtt:CertificateAuthority", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_another_authority_is_told()
    {
        using var certificate = Signed("127.0.0.1", 400);
        using var other = Authority("Another CA");
        var finding = await AskAsync(certificate, AuthorityFile(other));
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.Contains("is not signed by the authority in", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("no TLS here, and never was\r\n"u8.ToArray());
        });
        var finding = await CertificateProbe.OfServerAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, null, _time, TestContext.Current.CancellationToken);
        await answering;
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.Contains("does not speak TLS", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_looked_at_in_the_same_way()
    {
        using var certificate = Signed("127.0.0.1", 3);
        var path = Path.Combine(_folder, "own.pem");
        File.WriteAllText(path, certificate.ExportCertificatePem());
        var finding = CertificateProbe.OfFile("the embedded broker", path, _time);
        Assert.Equal(Verdict.Warning, finding.Verdict);
        Assert.Contains("the embedded broker", finding.Text, StringComparison.Ordinal);
        var key = Path.Combine(_folder, "own.key");
        File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Assert.Equal(Verdict.Warning, CertificateProbe.OfFile("the embedded broker", path, _time, key).Verdict);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(key, other.ExportPkcs8PrivateKeyPem());
        finding = CertificateProbe.OfFile("the embedded broker", path, _time, key);
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.Contains(key, finding.Text, StringComparison.Ordinal);
        File.WriteAllText(path, "not a certificate");
        Assert.Equal(Verdict.Failed, CertificateProbe.OfFile("the embedded broker", path, _time).Verdict);
        Assert.Equal(Verdict.Failed, CertificateProbe.OfFile("the embedded broker", path + ".absent", _time).Verdict);
    }

    private async Task<Finding> AskAsync(X509Certificate2 certificate, string? authority)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
        });
        var finding = await CertificateProbe.OfServerAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, authority, _time, TestContext.Current.CancellationToken);
        await serving;
        return finding;
    }

    private string AuthorityFile(X509Certificate2 authority)
    {
        var path = Path.Combine(_folder, "authority.pem");
        File.WriteAllText(path, authority.ExportCertificatePem());
        return path;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-1000), Now.AddDays(1000));
    }

    private X509Certificate2 Signed(string name, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_authority, Now.AddDays(-100), Now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SensorHub.Mqtt.Tests.Broker;

/// <summary>A certificate authority of the test's own, and a server's certificate for localhost from it: PEM files in a folder that goes with it.</summary>
internal sealed class PrivateAuthority : IDisposable
{
    private readonly string _folder = ServerProcess.NewFolder();
    private readonly X509Certificate2 _authority;

    public PrivateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _authority = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
        Issue();
    }

    /// <summary>The authority's certificate.</summary>
    public string Authority => Path.Combine(_folder, "ca.crt");

    public string Certificate => Path.Combine(_folder, "server.crt");

    public string Key => Path.Combine(_folder, "server.key");

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Writes a new certificate and key over the old.</summary>
    /// <returns>Its serial number.</returns>
    public string Issue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, Now.AddHours(-1), Now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        return certificate.SerialNumber;
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

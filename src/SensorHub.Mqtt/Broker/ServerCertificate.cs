using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>The certificate of a TLS listener, from PEM files; read again when they have changed, so a renewal needs no restart.</summary>
public sealed class ServerCertificate : IDisposable
{
    private readonly string _whose;
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private DateTime _written;
    private SslStreamCertificateContext _context;

    /// <param name="whose">For messages: "MQTT broker".</param>
    /// <param name="section">Of the settings, for messages: "Mqtt".</param>
    /// <exception cref="UserException">A file cannot be read, or the two do not belong together; the message says which.</exception>
    public ServerCertificate(string whose, string section, string certificateFile, string keyFile, TimeProvider time, ILogger logger)
    {
        whose += whose.EndsWith('s') ? "'" : "'s";
        (_whose, _certificateFile, _keyFile, _logger) = (whose, certificateFile, keyFile, logger);
        try
        {
            (_context, _written) = (Read(), Written());
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new UserException($"The {whose} certificate {certificateFile} with the key {keyFile} cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. {section}:Certificate and {section}:CertificateKey take PEM files that belong together.", e);
        }
        if (_context.TargetCertificate.NotAfter.ToUniversalTime() is var end && end < time.GetUtcNow().UtcDateTime)
            logger.LogWarning("The {Whose} certificate {File} ran out at {End:u}: clients will refuse it. Renew it; the new one is read by itself.", whose, certificateFile, end);
    }

    /// <summary>For the next connection.</summary>
    public SslServerAuthenticationOptions Options => new()
    {
        ServerCertificateContext = Current(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
    };

    public void Dispose() => _context.TargetCertificate.Dispose();

    private SslStreamCertificateContext Current()
    {
        lock (_gate)
        {
            try
            {
                if (Written() is var written && written != _written)
                    (_context, _written) = (Read(), written);
            }
            catch (Exception e) when (IsUnusable(e))
            {
                // Half of a renewal: the next connection finds the other half.
                _logger.LogDebug(e, "The {Whose} new certificate cannot be used; the old one stays.", _whose);
            }
            return _context;
        }
    }

    private SslStreamCertificateContext Read()
    {
        using var pem = X509Certificate2.CreateFromPemFile(_certificateFile, _keyFile);
        // Windows wants the key in a store of its own making.
        var certificate = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null) : new X509Certificate2(pem);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certificateFile);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private DateTime Written() => new(Math.Max(File.GetLastWriteTimeUtc(_certificateFile).Ticks, File.GetLastWriteTimeUtc(_keyFile).Ticks), DateTimeKind.Utc);

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;
}

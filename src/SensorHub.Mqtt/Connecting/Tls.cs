using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;

namespace SensorHub.Mqtt.Connecting;

/// <summary>One connection's TLS: whom we trust, who we are, and what was wrong in words for a person.</summary>
internal sealed class Tls(MqttConnection connection, TimeProvider time)
{
    /// <summary>Why the broker's certificate was not accepted, one sentence or two; null when it was.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether it was.</summary>
    public bool Trusted { get; private set; }

    /// <exception cref="MqttLinkException">A file cannot be used; the message says which and how to mend it.</exception>
    public MqttClientTlsOptions Options()
    {
        var tls = new MqttClientTlsOptions { UseTls = connection.Tls, TargetHost = connection.Host };
        if (!connection.Tls)
        {
            if (connection.ClientCertificate is not null || connection.ClientKey is not null)
                throw new MqttLinkException($"A client certificate is given for the MQTT broker at {connection.Host}:{connection.Port}, but no TLS: switch TLS on, or leave the certificate out.");
            return tls;
        }
        tls.CertificateValidationHandler = Judge;
        if (connection.CertificateAuthority is { } authority)
        {
            tls.TrustChain = Authority(authority);
            tls.RevocationMode = X509RevocationMode.NoCheck; // a private authority publishes no list
        }
        if (ClientCertificate() is { } certificate)
            tls.ClientCertificatesProvider = new DefaultMqttCertificatesProvider([certificate]);
        return tls;
    }

    private static X509Certificate2Collection Authority(string file)
    {
        var authority = new X509Certificate2Collection();
        try
        {
            authority.ImportFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new MqttLinkException($"The certificate authority in '{file}' cannot be read: {e.Message.TrimEnd('.')}. Give a PEM file.", e);
        }
        return authority.Count > 0 ? authority : throw new MqttLinkException($"The certificate authority in '{file}' cannot be read: there is no certificate in it. Give a PEM file.");
    }

    private X509Certificate2? ClientCertificate()
    {
        var (file, keyFile) = (connection.ClientCertificate, connection.ClientKey);
        if (file is null && keyFile is null)
            return null;
        if (file is null || keyFile is null)
            throw new MqttLinkException($"A client certificate needs its key, and a key its certificate: {(file is null ? "the certificate" : "the key")} is not given. Give both PEM files.");
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new MqttLinkException($"The client certificate in '{file}' cannot be read: {e.Message.TrimEnd('.')}. Give a PEM file.", e);
        }
        using (certificate)
        {
            var now = time.GetUtcNow();
            if (now > certificate.NotAfter)
                throw new MqttLinkException($"The client certificate in '{file}' expired on {Day(certificate.NotAfter)}: have it renewed.");
            if (now < certificate.NotBefore)
                throw new MqttLinkException($"The client certificate in '{file}' is not valid before {Day(certificate.NotBefore)}: check this computer's clock.");
            try
            {
                return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), File.ReadAllText(keyFile));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new MqttLinkException($"The key of the client certificate in '{keyFile}' cannot be read: {e.Message.TrimEnd('.')}. Give a PEM file that this user may read.", e);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                throw new MqttLinkException($"The key in '{keyFile}' does not fit the client certificate in '{file}': give the unencrypted PEM key that the certificate was made for.", e);
            }
        }
    }

    private bool Judge(MqttClientCertificateValidationEventArgs e)
    {
        Fault = FaultOf(e);
        return Trusted = Fault is null;
    }

    private string? FaultOf(MqttClientCertificateValidationEventArgs e)
    {
        if (e.SslPolicyErrors == SslPolicyErrors.None)
            return null;
        if (e.Certificate is not X509Certificate2 certificate)
            return "it shows no certificate. Check that this is the broker's TLS port.";
        // A list of revoked certificates that cannot be fetched says nothing about this one: hubs live behind firewalls.
        const X509ChainStatusFlags Harmless = X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;
        var flags = e.Chain is null ? X509ChainStatusFlags.NoError : e.Chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) & ~Harmless;
        if ((flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != 0)
            return connection.CertificateAuthority is { } authority
                ? $"its certificate was issued by '{certificate.Issuer}', and not by the authority in '{authority}'. Give the certificate of the authority that issued it."
                : $"its certificate was issued by '{certificate.Issuer}', which this computer does not trust. Give that authority's certificate as the authority to trust.";
        if ((flags & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            var late = e.Chain!.ChainElements.FirstOrDefault(c => c.ChainElementStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate ?? certificate;
            return time.GetUtcNow() > late.NotAfter
                ? $"the certificate of '{late.Subject}' expired on {Day(late.NotAfter)}. Have it renewed, or check this computer's clock."
                : $"the certificate of '{late.Subject}' is not valid before {Day(late.NotBefore)}. Check this computer's clock.";
        }
        if ((e.SslPolicyErrors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return $"its certificate is for {Names(certificate)}, and not for '{connection.Host}'. Connect to a name that it has, or give the broker a certificate with this one.";
        return flags == X509ChainStatusFlags.NoError ? null : $"its certificate is not valid ({flags}). Have it renewed.";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(x => x.EnumerateDnsNames().Concat(x.EnumerateIPAddresses().Select(a => a.ToString()))).Select(n => $"'{n}'").ToList();
        return names.Count > 0 ? string.Join(", ", names) : $"'{certificate.Subject}'";
    }

    private static string Day(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

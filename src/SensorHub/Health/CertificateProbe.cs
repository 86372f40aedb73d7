using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SensorHub.Health;

/// <summary>Whether a certificate will be believed, and for how long.</summary>
public static class CertificateProbe
{
    /// <summary>Renewing takes a person some days.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Of a server that speaks TLS from the first byte.</summary>
    /// <param name="authority">PEM file of the authority to trust instead of the system's; null = the system's.</param>
    /// <param name="setting">The setting that names this file; null = there is none.</param>
    public static async Task<Finding> OfServerAsync(string host, int port, string? authority, TimeProvider time, CancellationToken cancellationToken, string? setting = "Mqtt:CertificateAuthority")
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        X509Certificate2? shown = null;
        X509Certificate2[] between = [];
        var errors = SslPolicyErrors.None;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, stop.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    RemoteCertificateValidationCallback = (_, certificate, chain, policy) =>
                    {
                        // Nothing is sent to it: it is looked at, and what is wrong with it is said below.
                        shown = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                        between = [.. chain?.ChainElements.Skip(1).Select(e => X509CertificateLoader.LoadCertificate(e.Certificate.RawData)) ?? []];
                        errors = policy;
                        return true;
                    },
                },
                stop.Token);
        }
        catch (Exception e) when (shown is null && e is SocketException or IOException or AuthenticationException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return Finding.Failed($"{host}:{port} does not speak TLS ({(e is OperationCanceledException ? "no answer" : e.GetBaseException().Message.TrimEnd('.'))}): check the port, or switch TLS off.");
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // It wants a certificate of ours, most likely; its own has been seen.
        }
        using (shown)
            return Judge($"{host}:{port}", shown!, between, errors, authority, setting, time);
    }

    /// <summary>Of a file of our own, that others are to believe.</summary>
    /// <param name="what">For people: "the embedded broker".</param>
    /// <param name="key">File of its key; null: it is not looked at.</param>
    public static Finding OfFile(string what, string path, TimeProvider time, string? key = null)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            if (key is not null && Misfit(path, key) is { } reason)
                return Finding.Failed($"{key} cannot be used as the key of the certificate of {what} ({reason}): check that it is that certificate's key, in PEM, and its rights.");
            return Validity(what, certificate, time) ?? Finding.Ok(Described(what, certificate));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Finding.Failed($"{path}, the certificate of {what}, cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): check the path, its rights, and that it is a certificate in PEM.");
        }
    }

    private static string? Misfit(string certificate, string key)
    {
        try
        {
            using var both = X509Certificate2.CreateFromPemFile(certificate, key);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }

    private static Finding Judge(string of, X509Certificate2 certificate, X509Certificate2[] between, SslPolicyErrors errors, string? authority, string? setting, TimeProvider time)
    {
        if (Validity(of, certificate, time) is { Verdict: Verdict.Failed } expired)
            return expired;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return Finding.Failed($"The certificate of {of} is for {Names(certificate)}: use one of these names as the host, or have one made for this name.");
        if (authority is null && errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            return Finding.Failed($"The certificate of {of} is signed by {Common(certificate.Issuer)}, whom this computer does not trust: {(setting is null ? "add that authority to those of the system" : $"name the PEM file of that authority ({setting})")}.");
        if (authority is not null && Distrust(certificate, between, authority, time) is { } reason)
            return Finding.Failed($"The certificate of {of} is not signed by the authority in {authority} ({reason}): check that it is the right file.");
        return Validity(of, certificate, time) ?? Finding.Ok(Described(of, certificate));
    }

    /// <returns>Why the authority does not vouch for it; null when it does.</returns>
    private static string? Distrust(X509Certificate2 certificate, X509Certificate2[] between, string authority, TimeProvider time)
    {
        try
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
            chain.ChainPolicy.ExtraStore.AddRange(between);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
            return chain.Build(certificate) ? null : chain.ChainStatus.FirstOrDefault().StatusInformation?.Trim().TrimEnd('.') ?? "no chain";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"it cannot be read: {e.Message.TrimEnd('.')}";
        }
    }

    /// <summary>Null for a certificate that is valid, and will be for a while.</summary>
    private static Finding? Validity(string of, X509Certificate2 certificate, TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        return now < from ? Finding.Failed($"The certificate of {of} is valid from {Date(from)} only: check the clocks of both computers.")
            : now > until ? Finding.Failed($"The certificate of {of} expired on {Date(until)}: renew it.")
            : until - now < Soon ? Finding.Warning($"The certificate of {of} expires on {Date(until)}, in {HealthParts.Lasting(until - now)}: renew it before.")
            : null;
    }

    private static string Described(string of, X509Certificate2 certificate) =>
        $"{of}: valid until {Date(certificate.NotAfter.ToUniversalTime())}, for {Names(certificate)}, signed by {Common(certificate.Issuer)}";

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToList();
        return names.Count > 0 ? string.Join(", ", names) : Common(certificate.Subject);
    }

    /// <summary>"CN=Clinic CA, O=Clinic" → "Clinic CA".</summary>
    private static string Common(string distinguished) =>
        distinguished.Split(", ").FirstOrDefault(p => p.StartsWith("CN=", StringComparison.Ordinal)) is { } name ? name[3..] : distinguished;

    private static string Date(DateTime time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

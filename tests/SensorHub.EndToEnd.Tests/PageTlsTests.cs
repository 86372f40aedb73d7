using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>The pages with TLS, by the program as it is started.</summary>
public sealed class PageTlsTests : IDisposable
{
    private const string Name = "clinic.example.org";

    private readonly string _folder = HubProgram.NewFolder();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Certificate => Path.Combine(_folder, "pages.pem");

    private string Key => Path.Combine(_folder, "pages.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Beyond_this_machine_the_pages_start_only_with_TLS_accounts_and_their_name()
    {
        Issue();
        Assert.Equal(
            "sensorhub: Web:Bind is '0.0.0.0': beyond this machine the pages need TLS. Give Web:Certificate and Web:CertificateKey, or leave Web:Bind out.",
            await HubProgram.RefusesWithAsync(new() { ["SENSORHUB_WEB__BIND"] = "0.0.0.0" }, Arguments()));
        Assert.Equal(
            "sensorhub: Web:Bind is '0.0.0.0': beyond this machine people have to sign in. Leave Web:Accounts out, or Web:Bind.",
            await HubProgram.RefusesWithAsync(new(Tls) { ["SENSORHUB_WEB__BIND"] = "0.0.0.0", ["SENSORHUB_WEB__ACCOUNTS"] = "false" }, Arguments()));
        Assert.Equal(
            "sensorhub: Web:Bind is '0.0.0.0': name in Web:Hosts what browsers reach the pages under, such as clinic.example.org or 192.0.2.7; requests for other names are refused.",
            await HubProgram.RefusesWithAsync(new(Tls) { ["SENSORHUB_WEB__BIND"] = "0.0.0.0" }, Arguments()));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_one_line()
    {
        Issue();
        Assert.Equal(
            "sensorhub: Web:Certificate and Web:CertificateKey belong together: give both files, or neither.",
            await HubProgram.RefusesWithAsync(new() { ["SENSORHUB_WEB__CERTIFICATE"] = Certificate }, Arguments()));
        using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(Key, other.ExportPkcs8PrivateKeyPem(), Cancelled);
        await RefusesAsync();
        await File.WriteAllTextAsync(Key, "no key at all", Cancelled);
        await RefusesAsync();
        File.Delete(Key);
        await RefusesAsync();

        async Task RefusesAsync()
        {
            var line = await HubProgram.RefusesWithAsync(Tls, Arguments());
            Assert.StartsWith($"sensorhub: The pages' certificate {Certificate} with the key {Key} cannot be used: ", line, StringComparison.Ordinal);
            Assert.EndsWith("Web:Certificate and Web:CertificateKey take PEM files that belong together.", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_certificate_that_has_run_out_is_said_in_one_line_and_a_renewed_one_is_taken_without_a_restart()
    {
        Issue(lasts: TimeSpan.FromMinutes(-30));
        await using var pages = HubProgram.StartWith(Tls, Arguments());
        var address = await pages.Page;
        Assert.Contains("ran out", Assert.Single(pages.Errors, line => line.Contains("certificate", StringComparison.Ordinal)), StringComparison.Ordinal);

        var renewed = Issue();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            using var connection = await HandshakeAsync(address);
            Assert.Equal(renewed, connection.RemoteCertificate!.GetSerialNumberString());
        }));
    }

    [Fact]
    public async Task Pages_with_TLS_are_for_their_names_and_keep_cookies_to_TLS()
    {
        Issue();
        await using var pages = HubProgram.StartWith(new(Tls) { ["SENSORHUB_WEB__HOSTS"] = Name }, Arguments());
        var address = await pages.Page;
        Assert.Equal("https", address.Scheme);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = { RemoteCertificateValidationCallback = IsTheOne } });

        using var named = await client.SendAsync(Ask(Name), Cancelled);
        using var loopback = await client.SendAsync(Ask("localhost"), Cancelled);
        using var foreign = await client.SendAsync(Ask("evil.example"), Cancelled);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.BadRequest), (named.StatusCode, loopback.StatusCode, foreign.StatusCode));
        Assert.Equal("max-age=2592000", named.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.False(loopback.Headers.Contains("Strict-Transport-Security"));
        Assert.All(named.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));

        // The first account: made from this computer, and its cookie goes by TLS alone.
        var token = (await named.Content.ReadAsStringAsync(Cancelled)).Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
        using var make = Ask(Name, HttpMethod.Post);
        make.Headers.Add("Cookie", named.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        make.Content = new FormUrlEncodedContent([
            new("_handler", "owner"), new("__RequestVerificationToken", token), new("Form.Name", "Anna"), new("Form.UserName", "anna"), new("Form.Password", "four unrelated words"), new("Form.Again", "four unrelated words")]);
        using var made = await client.SendAsync(make, Cancelled);
        var cookie = Assert.Single(made.Headers.GetValues("Set-Cookie"), c => c.StartsWith("sensorhub=", StringComparison.Ordinal));
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);

        HttpRequestMessage Ask(string host, HttpMethod? method = null)
        {
            var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(address, "welcome"));
            request.Headers.Host = $"{host}:{address.Port}";
            return request;
        }
    }

    [Fact]
    public async Task What_is_no_TLS_or_an_old_one_gets_nothing_and_the_program_says_nothing()
    {
        Issue();
        await using var pages = HubProgram.StartWith(Tls, Arguments());
        var address = await pages.Page;

        Assert.DoesNotContain("HTTP/1.1 200", System.Text.Encoding.ASCII.GetString(await SendAsync(address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray())), StringComparison.Ordinal);
        // A ClientHello of TLS 1.1: version 3.2 in record and hello, one cipher suite that all had, no extensions.
        byte[] hello = [0x16, 3, 2, 0, 45, 1, 0, 0, 41, 3, 2, .. RandomNumberGenerator.GetBytes(32), 0, 0, 2, 0x00, 0x2F, 1, 0];
        var answer = await SendAsync(address, hello);
        Assert.True(answer is [] or [0x15, ..], $"an alert or nothing, not {Convert.ToHexString(answer)}");

        foreach (var protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            using var connection = await HandshakeAsync(address, protocol);
            Assert.Equal(protocol, connection.SslProtocol);
        }
        Assert.Equal(0, await pages.InterruptAsync());
        Assert.DoesNotContain(pages.Errors, line => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("Tls", StringComparison.OrdinalIgnoreCase) || line.Contains("Kestrel", StringComparison.Ordinal));
    }

    private Dictionary<string, string> Tls => new() { ["SENSORHUB_WEB__CERTIFICATE"] = Certificate, ["SENSORHUB_WEB__CERTIFICATEKEY"] = Key, ["SENSORHUB_WEB__ACCOUNTS"] = "true" };

    /// <summary>Pages and nothing else: what starts soonest. Its broker is away.</summary>
    private static string[] Arguments() => ["run", "--role", "clinic", "--mqtt", "127.0.0.1", "--mqtt-port", $"{ServerProcess.FreePort()}", "--port", "0", "--data", HubProgram.NewFolder()];

    /// <summary>Writes certificate and key for <see cref="Name"/>.</summary>
    /// <returns>The certificate's serial number.</returns>
    private string Issue(TimeSpan? lasts = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + (lasts ?? TimeSpan.FromDays(20)));
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        return certificate.SerialNumber;
    }

    private async Task<SslStream> HandshakeAsync(Uri address, SslProtocols protocol = SslProtocols.None)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, Cancelled);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Name, EnabledSslProtocols = protocol, RemoteCertificateValidationCallback = IsTheOne }, Cancelled);
        return stream;
    }

    /// <summary>The one that was issued here, whoever signed it and however long ago it ran out.</summary>
    private bool IsTheOne(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var issued = X509CertificateLoader.LoadCertificateFromFile(Certificate);
        return certificate?.GetCertHashString() == issued.GetCertHashString();
    }

    /// <returns>All that comes until the other side closes.</returns>
    private static async Task<byte[]> SendAsync(Uri address, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, Cancelled);
        var stream = client.GetStream();
        await stream.WriteAsync(bytes, Cancelled);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, Cancelled);
        }
        catch (IOException)
        {
            // closed as hard as that
        }
        return answer.ToArray();
    }
}

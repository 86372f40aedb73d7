using System.Net;
using SensorHub.Core;
using SensorHub.Web;

namespace SensorHub.Configuration;

/// <summary>Where the pages are, and who gets in.</summary>
public sealed class WebSettings
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Port of the pages; 0 = any free one.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>Network address that they listen on; beyond this machine only with a certificate and accounts.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>PEM file of the certificate; absent = no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of its key.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>Names under which browsers reach the pages, beside this machine's own, with commas between: <c>clinic.example.org</c>. Requests for other names are refused.</summary>
    public string? Hosts { get; set; }

    /// <summary>People sign in. False: whoever is at this computer is its owner; never beyond this machine.</summary>
    public bool Accounts { get; set; } = true;

    /// <summary>An OpenID Connect provider to sign in with, beside passwords.</summary>
    public OpenIdSettings OpenId { get; set; } = new();

    internal IReadOnlyList<string> AllowedHosts => [.. Loopback, .. (Hosts ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <exception cref="UserException">A value is outside its range; the message names the key.</exception>
    internal void Validate()
    {
        HubOptions.RequirePort("Web:Port", Port);
        if (!IPAddress.TryParse(Bind, out var address))
            throw HubOptions.Bad("Web:Bind", Bind, "a network address such as 127.0.0.1, or 0.0.0.0 for all of this machine's");
        if (Certificate is null != CertificateKey is null)
            throw new UserException("Web:Certificate and Web:CertificateKey belong together: give both files, or neither.");
        OpenId.ToWeb();
        if (IPAddress.IsLoopback(address))
            return;
        if (Certificate is null)
            throw new UserException($"Web:Bind is '{Bind}': beyond this machine the pages need TLS. Give Web:Certificate and Web:CertificateKey, or leave Web:Bind out.");
        if (!Accounts)
            throw new UserException($"Web:Bind is '{Bind}': beyond this machine people have to sign in. Leave Web:Accounts out, or Web:Bind.");
        if (AllowedHosts.Count == Loopback.Length)
            throw new UserException($"Web:Bind is '{Bind}': name in Web:Hosts what browsers reach the pages under, such as clinic.example.org or 192.0.2.7; requests for other names are refused.");
    }
}

/// <summary>An OpenID Connect provider. Without an authority there is none.</summary>
public sealed class OpenIdSettings
{
    /// <summary>On the button: "Sign in with …".</summary>
    public string Name { get; set; } = "OpenID";

    /// <summary>Address of the issuer; https, or http of this computer.</summary>
    public string? Authority { get; set; }

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <exception cref="UserException">The address is none, or the client has no id.</exception>
    internal OpenIdOptions? ToWeb()
    {
        if (Authority is null)
            return null;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || !(authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)))
            throw HubOptions.Bad("Web:OpenId:Authority", Authority, "an address that begins with https://, or http:// of this computer");
        return new OpenIdOptions(Name, authority, ClientId ?? throw new UserException("Web:OpenId:ClientId is missing: the provider gave it when this hub was registered there."), ClientSecret);
    }
}

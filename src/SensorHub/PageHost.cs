using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SensorHub.Configuration;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;

namespace SensorHub;

/// <summary>Where a web application listens, and what is said when it cannot.</summary>
internal static class PageHost
{
    /// <param name="certificate">Null = no TLS.</param>
    public static void Listen(WebApplicationBuilder builder, WebSettings web, ServerCertificate? certificate) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Parse(web.Bind), web.Port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificate.Options) });
        });
    });

    /// <returns>Its address.</returns>
    /// <exception cref="UserException">The port cannot be had.</exception>
    public static async Task<Uri> StartAsync(WebApplication app, WebSettings web, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new UserException($"Port {web.Port} on {web.Bind}, wanted by the pages, is in use by another program: choose another with --port (0 = any free one), or stop that program.", e);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new UserException($"Port {web.Port} on {web.Bind}, wanted by the pages, needs more rights: choose one above 1023 with --port.", e);
        }
        return new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SensorHub.Mqtt.Broker;

/// <summary>MQTT over WebSocket on the web server's port.</summary>
public static class BrokerEndpoint
{
    /// <summary>
    /// Serves the broker's clients at <c>ws://host/mqtt</c>, with the same accounts as by TCP. Pages of other sites
    /// are refused by their Origin header; clients that are not browsers send none.
    /// </summary>
    public static IEndpointConventionBuilder MapMqtt(this IEndpointRouteBuilder endpoints, EmbeddedBroker broker, string pattern = "/mqtt")
    {
        var stopping = endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(context => ServeAsync(context, broker, stopping));
        return endpoints.Map(pattern, pipeline.Build());
    }

    private static async Task ServeAsync(HttpContext context, EmbeddedBroker broker, CancellationToken stopping)
    {
        if (!IsOriginAllowed(context.Request, broker.Options.AllowedOrigins))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Pages of this origin may not connect; add it to the allowed origins.").ConfigureAwait(false);
            return;
        }
        if (!context.Request.IsHttps && context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "From another machine MQTT needs an encrypted connection: use wss://.").ConfigureAwait(false);
            return;
        }
        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains("mqtt"))
        {
            context.Response.Headers.Upgrade = "websocket";
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "This is MQTT over WebSocket, subprotocol 'mqtt'.").ConfigureAwait(false);
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync("mqtt").ConfigureAwait(false);
        using var abort = stopping.Register(socket.Abort); // an open connection would hold up the shutdown
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        await broker.Transport.ServeAsync(socket, remote, context.Request.IsHttps).ConfigureAwait(false);
    }

    private static bool IsOriginAllowed(HttpRequest request, IReadOnlyList<string> allowed)
    {
        if (request.Headers.Origin is not [{ } origin])
            return request.Headers.Origin.Count == 0;
        return origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(reason);
    }
}

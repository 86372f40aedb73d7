using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using SensorHub.Core;

namespace SensorHub.Web.Live;

internal static class LiveEndpoints
{
    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/live/stream", Results<ServerSentEventsResult<string>, BadRequest<string>> (
            string? subject, HttpContext context, LiveStream stream, IHostApplicationLifetime lifetime) =>
        {
            var person = default(Slug);
            if (subject is not null && !Slug.TryParse(subject, out person))
                return TypedResults.BadRequest("subject: not a name. Leave it out for the current session.");
            // An open stream would hold the shutdown until its time-out.
            var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            context.Response.RegisterForDispose(over);
            context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect events
            return TypedResults.ServerSentEvents(stream.Read(person, over.Token));
        });
    }
}

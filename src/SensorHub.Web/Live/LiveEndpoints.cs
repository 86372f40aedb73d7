using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Web.Access;

namespace SensorHub.Web.Live;

/// <summary>What the live page asks of the server, besides itself.</summary>
internal static class LiveEndpoints
{
    /// <summary>One stand: three of these, with their median, make a careful calibration.</summary>
    private static readonly TimeSpan Stand = TimeSpan.FromSeconds(10);

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/live/stream", Stream).Needs(Act.WatchLive);
        routes.MapPost("/live/calibrate-standing", CalibrateStandingAsync).Needs(Act.Steer);
    }

    private static Results<ServerSentEventsResult<string>, ProblemHttpResult> Stream(
        string? subject, HttpContext context, LiveStream stream, Gate gate, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        var viewer = Gate.ViewerOf(context);
        var person = viewer.IsAlone ? default : viewer.Subject;
        if (subject is not null && !Slug.TryParse(subject, out person))
            return TypedResults.Problem("subject is not a name. Leave it out for the current session.", statusCode: StatusCodes.Status400BadRequest);
        // An open stream would hold the shutdown until its time-out, and outlive a consent.
        var over = gate.While(viewer, Act.WatchLive, person, time, context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.RegisterForDispose(over);
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect events
        return TypedResults.ServerSentEvents(stream.Read(person, over.Token));
    }

    private static async Task<Results<JsonHttpResult<Accepted>, ProblemHttpResult>> CalibrateStandingAsync(BrokerFeed broker, CancellationToken cancellationToken)
    {
        try
        {
            await broker.SendAsync(new Marker.StandCalibration(Stand), cancellationToken).ConfigureAwait(false);
            return TypedResults.Json(new Accepted(Stand.TotalSeconds), statusCode: StatusCodes.Status202Accepted);
        }
        catch (MqttLinkException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <param name="DurationS">How long to stand still.</param>
    private sealed record Accepted([property: JsonPropertyName("duration_s")] double DurationS);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;

namespace SensorHub.Web.Live;

/// <summary>
/// <c>POST /live/command</c> with a command/1 as on MQTT: the hub makes a marker of it. 202 when the broker has it; 400 what is wrong with it; 403 when it begins a session in another's name; 409 when another
/// person's session is on; 503 when the broker is not there. Reasons are in <c>detail</c>.
/// </summary>
internal static class CommandEndpoint
{
    public static void MapCommand(this IEndpointRouteBuilder routes) => routes.MapPost("/live/command", SendAsync).Needs(Act.Steer);

    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> SendAsync(HttpContext context, BrokerFeed broker, LiveFeed feed, CancellationToken cancellationToken)
    {
        var bytes = new byte[Commands.MaxBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var (marker, reason) = Commands.Read(bytes.AsSpan(0, length));
        if (marker is null)
            return TypedResults.Problem($"The command is refused: {reason}.", statusCode: StatusCodes.Status400BadRequest);
        var viewer = Gate.ViewerOf(context);
        if (marker is Marker.Said && !viewer.IsAlone)
            return TypedResults.Problem("Messages are sent from the board, under the name of whoever sends them.", statusCode: StatusCodes.Status400BadRequest);
        if (marker is Marker.SessionBegan began && !viewer.IsAlone && began.Subject != viewer.Subject)
            return TypedResults.Problem("A session is begun in one's own name.", statusCode: StatusCodes.Status403Forbidden);
        var hub = viewer.IsAlone ? default : feed.HubOf(viewer.Subject);
        var current = hub.IsNone ? feed.CurrentSubject : feed.SubjectOf(hub);
        if (!viewer.IsAlone && !current.IsNone && current != viewer.Subject)
            return TypedResults.Problem("Another person's session is on.", statusCode: StatusCodes.Status409Conflict);
        try
        {
            await broker.SendAsync(marker, cancellationToken, hub).ConfigureAwait(false);
            return TypedResults.StatusCode(StatusCodes.Status202Accepted);
        }
        catch (MqttLinkException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}

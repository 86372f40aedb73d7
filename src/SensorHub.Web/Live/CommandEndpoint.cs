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
    public static void MapCommand(this IEndpointRouteBuilder routes) => routes.MapPost("/live/command", SteerAsync).Needs(Act.Steer);

    private static Task<Results<StatusCodeHttpResult, ProblemHttpResult>> SteerAsync(HttpContext context, BrokerFeed broker, LiveFeed feed, CancellationToken cancellationToken)
    {
        var viewer = Gate.ViewerOf(context);
        return SendAsync(context, broker, feed, viewer.IsAlone ? default : viewer.Subject, marker => marker switch
        {
            Marker.Said when !viewer.IsAlone => "Messages are sent from the board, under the name of whoever sends them",
            Marker.SessionBegan began when !viewer.IsAlone && began.Subject != viewer.Subject => "A session is begun in one's own name",
            _ => null,
        }, cancellationToken);
    }

    /// <param name="person">Whose session it is for; none = whosever is on.</param>
    /// <param name="refuses">Why it may not be said here; null = it may.</param>
    internal static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> SendAsync(
        HttpContext context, BrokerFeed broker, LiveFeed feed, Slug person, Func<Marker, string?> refuses, CancellationToken cancellationToken)
    {
        var bytes = new byte[Commands.MaxBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var (marker, reason) = Commands.Read(bytes.AsSpan(0, length));
        if (marker is null)
            return TypedResults.Problem($"The command is refused: {reason}.", statusCode: StatusCodes.Status400BadRequest);
        if (refuses(marker) is { } why)
            return TypedResults.Problem($"{why}.", statusCode: marker is Marker.SessionBegan ? StatusCodes.Status403Forbidden : StatusCodes.Status400BadRequest);
        var hub = person.IsNone ? default : feed.HubOf(person);
        var current = hub.IsNone ? feed.CurrentSubject : feed.SubjectOf(hub);
        if (!person.IsNone && !current.IsNone && current != person)
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

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Storage;
using SensorHub.Storage.History;
using SensorHub.Web.Access;
using SensorHub.Web.Live;

namespace SensorHub.Web.Studies;

/// <summary>
/// <c>POST /study/command?subject=NAME</c>: begins and ends a session of this person, and marks study, tasks and events in it; a command/1 as on MQTT, answered as by <c>/live/command</c>.
/// <c>GET /study/log?subject=NAME&amp;session=NAME</c>: what has been marked in a session of theirs.
/// </summary>
internal static class StudyEndpoints
{
    public static void MapStudies(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/study/command", SendAsync).Needs(Act.RunStudy);
        routes.MapGet("/study/log", LogAsync).Needs(Act.RunStudy);
    }

    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> SendAsync(HttpContext context, BrokerFeed broker, LiveFeed feed, CancellationToken cancellationToken)
    {
        var viewer = Gate.ViewerOf(context);
        var person = Gate.SubjectOf(context) ?? default;
        return await CommandEndpoint.SendAsync(context, broker, feed, viewer.IsAlone ? default : person, marker => marker switch
        {
            Marker.SessionBegan began when !viewer.IsAlone && began.Subject != person => "This page is of another person",
            Marker.SessionBegan or Marker.SessionEnded or Marker.StudyJoined or Marker.TaskBegan or Marker.TaskEnded or Marker.EventMarked => null,
            _ => "A study begins and ends sessions, and marks tasks and events",
        }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<Entry>>, ProblemHttpResult>> LogAsync(
        string session, HttpContext context, LiveFeed feed, SensorHubWebOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Slug.TryParse(session, out _) || Whose.Page(context, feed) is not { IsNone: false } person)
            return TypedResults.Problem("session is no name.", statusCode: StatusCodes.Status400BadRequest);
        IReadOnlyList<Entry> entries = [];
        try
        {
            if (options.History is { } history)
            {
                var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
                var series = await history.QueryAsync(
                    new HistoryQuery("session", ["session", "task", "run", "label", "value"], now - TimeSpan.FromHours(12), now + TimeSpan.FromHours(1)) { Tags = new Dictionary<string, string> { ["subject"] = person.ToString() } },
                    cancellationToken).ConfigureAwait(false);
                entries =
                [
                    .. from s in series
                       let what = s.Tags.GetValueOrDefault("event", "")
                       where Marked.Contains(what)
                       from row in s.Rows
                       let v = row.Values
                       where Text(v[0]) == session
                       orderby row.Time
                       select new Entry(row.Time.ToString(), what, Text(v[1]), v[2].HasValue ? v[2].AsInteger() : null, Text(v[3]), v[4].HasValue ? v[4].AsDouble() : null),
                ];
            }
        }
        catch (OutputException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(entries);
    }

    private static string? Text(FieldValue value) => value.HasValue ? value.AsString() : null;

    private static readonly HashSet<string> Marked = [.. new[] { SessionEvent.StudyJoined, SessionEvent.TaskBegan, SessionEvent.TaskEnded, SessionEvent.Marked }.Select(EnumNames.Of)];

    /// <summary>As in session/1.</summary>
    private sealed record Entry(string Time, string Event, string? Task, long? Run, string? Label, double? Value);
}

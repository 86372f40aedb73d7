using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Live;

namespace SensorHub.Web.BeforeAfter;

/// <summary><c>GET /test/outcome[?subject=NAME]</c>: the outcome of the person's newest session, as a piece of the page.</summary>
internal static class BeforeAfterEndpoints
{
    public static void MapBeforeAfter(this IEndpointRouteBuilder routes) => routes.MapGet("/test/outcome", OutcomeAsync).Needs(Act.ReadHistory);

    private static async Task<Results<RazorComponentResult<OutcomePanel>, ProblemHttpResult>> OutcomeAsync(
        HttpContext context, SensorHubWebOptions options, LiveFeed feed, CancellationToken cancellationToken)
    {
        OutcomeReport? report = null;
        try
        {
            if (options.Outcomes is { } outcomes && Whose.Page(context, feed) is { IsNone: false } subject)
                report = await outcomes.NewestAsync(subject, cancellationToken).ConfigureAwait(false);
        }
        catch (UserException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<OutcomePanel>(new { Report = report });
    }
}

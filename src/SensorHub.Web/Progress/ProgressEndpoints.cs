using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;
using SensorHub.Web.Posture;

namespace SensorHub.Web.Progress;

/// <summary>
/// <c>POST /progress/tick</c> <c>{"exercise", "done"}</c>: an exercise of today was done, or not after all. 204; 400 for what is no exercise; 409 while nobody is known whose it could be.
/// </summary>
internal static class ProgressEndpoints
{
    public static void AddProgress(this IServiceCollection services) => services.AddSingleton<ProgressReader>();

    public static void MapProgress(this IEndpointRouteBuilder routes) => routes.MapPost("/progress/tick", TickAsync).Needs(Act.TickExercise);

    private static async Task<Results<NoContent, ProblemHttpResult>> TickAsync(
        Tick tick, HttpContext context, IDbContextFactory<PeopleContext> database, ProgressReader reader, LiveFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!EnumNames.TryParse<Muscle>(tick.Exercise, out var muscle) || muscle == Muscle.None)
            return TypedResults.Problem("There is no such exercise.", statusCode: StatusCodes.Status400BadRequest);
        var person = Whose.Page(context, feed);
        if (person.IsNone)
            return TypedResults.Problem("Nobody has signed in, and no session says whose this is: it cannot be kept.", statusCode: StatusCodes.Status409Conflict);

        var (subject, exercise, today) = (person.ToString(), EnumNames.Of(muscle), reader.Today);
        using var people = await database.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var ofToday = people.ExerciseTicks.Where(t => t.SubjectId == subject && t.Day == today && t.Exercise == exercise);
        if (!tick.Done)
        {
            await ofToday.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            return TypedResults.NoContent();
        }
        if (await ofToday.AnyAsync(cancellationToken).ConfigureAwait(false))
            return TypedResults.NoContent();
        people.ExerciseTicks.Add(new ExerciseTick { SubjectId = subject, Day = today, Exercise = exercise, At = time.GetUtcNow() });
        try
        {
            await people.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException) when (ofToday.Any())
        {
            // Ticked on another page at the same moment.
        }
        return TypedResults.NoContent();
    }

    /// <param name="Exercise">The muscle that is strengthened.</param>
    private sealed record Tick(string? Exercise, bool Done);
}

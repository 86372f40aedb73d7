using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;

namespace SensorHub.Web.Posture;

/// <summary>What the posture page asks of the server, besides itself.</summary>
internal static class PostureEndpoints
{
    public static void AddPosture(this IServiceCollection services, SensorHubWebOptions options)
    {
        services.AddSingleton<PostureHistory>();
        if (!options.AllHubs) // a clinic's pages do not speak for a person at home
            services.AddHostedService<KeptReminders>();
    }

    public static void MapPosture(this IEndpointRouteBuilder routes) => routes.MapPost("/posture/reminders", SetRemindersAsync).Needs(Act.KeepProfile);

    /// <summary>Keeps how the person wants to be reminded, and tells the hub.</summary>
    private static async Task<Results<JsonHttpResult<Set>, ProblemHttpResult>> SetRemindersAsync(
        Wanted wanted, HttpContext context, IDbContextFactory<PeopleContext> database, BrokerFeed broker, LiveFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!EnumNames.TryParse<ReminderMode>(wanted.Mode, out var mode))
            return TypedResults.Problem("mode is training or quiet.", statusCode: StatusCodes.Status400BadRequest);
        var person = Whose.Page(context, feed);
        if (!person.IsNone)
            await KeepAsync(database, person, mode, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        if (!feed.CurrentSubject.IsNone && feed.CurrentSubject != Topics.NoSubject && feed.CurrentSubject != person)
            return TypedResults.Json(new Set(!person.IsNone, "Another person's session is on: it is kept for yours."));
        try
        {
            await broker.SendAsync(new Marker.RemindersSet(mode), cancellationToken).ConfigureAwait(false);
            return TypedResults.Json(new Set(!person.IsNone, null));
        }
        catch (MqttLinkException e)
        {
            return TypedResults.Json(new Set(!person.IsNone, e.Message));
        }
    }

    private static async Task KeepAsync(IDbContextFactory<PeopleContext> database, Slug person, ReminderMode mode, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var people = await database.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var id = person.ToString();
        if (await IsSetAsync().ConfigureAwait(false))
            return;
        people.Subjects.Add(new Subject { Id = id, Reminders = mode, CreatedAt = now });
        try
        {
            await people.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException)
        {
            // Another page made them known at the same moment.
            if (!await IsSetAsync().ConfigureAwait(false))
                throw;
        }

        async Task<bool> IsSetAsync() =>
            await people.Subjects.Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.Reminders, mode), cancellationToken).ConfigureAwait(false) > 0;
    }

    private sealed record Wanted(string? Mode);

    /// <param name="Kept">For the next time; not of a person who is not known.</param>
    /// <param name="Detail">Why the hub does not know yet; null when it does.</param>
    private sealed record Set(bool Kept, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail);
}

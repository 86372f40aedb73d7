using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;

namespace SensorHub.Web.Board;

/// <summary>What the therapist's pages ask of the server, besides themselves. Reasons for a refusal are in <c>detail</c>.</summary>
internal static class BoardEndpoints
{
    public static void AddBoard(this IServiceCollection services)
    {
        services.AddSingleton<BoardStream>();
        services.AddSingleton<CareClock>();
        services.AddSingleton<SessionRecords>();
        services.AddSingleton<PersonView>();
    }

    public static void MapBoard(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/board/stream", (HttpContext context, BoardStream stream, Gate gate, TimeProvider time, IHostApplicationLifetime lifetime) =>
        {
            var viewer = Gate.ViewerOf(context);
            var over = gate.While(viewer, Act.UseBoard, default, time, context.RequestAborted, lifetime.ApplicationStopping);
            context.Response.RegisterForDispose(over);
            context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect events
            return TypedResults.ServerSentEvents(stream.Read(viewer, over.Token));
        }).Needs(Act.UseBoard);
        var person = routes.MapGroup("/board/{subject}");
        person.MapPost("/say", SayAsync).Needs(Act.SendMessage);
        person.MapPost("/notes", WriteNoteAsync).Needs(Act.WriteNotes);
        person.MapPost("/plan", SavePlanAsync).Needs(Act.WritePlan);
        person.MapPost("/time", TimeAsync).Needs(Act.WriteNotes);
    }

    /// <summary>202: it is on its way to the hub that has this person's session. It is kept with the notes as well.</summary>
    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> SayAsync(
        string subject, Message message, HttpContext context, BrokerFeed broker, LiveFeed feed, IDbContextFactory<PeopleContext> people, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Slug.TryParse(subject, out var whom))
            return NoSuchPerson();
        var viewer = Gate.ViewerOf(context);
        var from = PlainText.Is(viewer.Name, Marker.Said.MaxFrom) ? viewer.Name : "Your therapist";
        // The same check as at the other end: what a hub would refuse, the sender is told.
        var (marker, reason) = Commands.Read(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<CommandPayload>(
            new CommandPayload.Say(message.Text ?? "", message.Level ?? "", from, subject), PayloadJson.Default.CommandPayload));
        if (marker is null)
            return Refused(reason);
        var hub = feed.HubOf(whom);
        if (hub.IsNone || feed.SubjectOf(hub) != whom)
            return TypedResults.Problem("They have no session now: nobody would hear it.", statusCode: StatusCodes.Status409Conflict);
        try
        {
            await broker.SendAsync(marker, cancellationToken, hub).ConfigureAwait(false);
        }
        catch (MqttLinkException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        await KeepAsync(people, new Note { SubjectId = subject, AuthorId = viewer.Account!, At = time.GetUtcNow(), Kind = NoteKind.Message, Text = message.Text! }, cancellationToken).ConfigureAwait(false);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<Results<JsonHttpResult<Written>, ProblemHttpResult>> WriteNoteAsync(
        string subject, NoteText note, HttpContext context, IDbContextFactory<PeopleContext> people, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Slug.TryParse(subject, out _))
            return NoSuchPerson();
        if (!EnumNames.TryParse<NoteKind>(note.Kind, out var kind) || kind == NoteKind.Message)
            return Refused("kind is note or marker");
        var text = note.Text?.ReplaceLineEndings("\n").Trim() ?? "";
        if (text.Length is 0 or > MaxNote || text.Split('\n').Any(line => line.Length > 0 && !string.IsNullOrWhiteSpace(line) && !PlainText.Is(line, MaxNote)))
            return Refused($"a note has 1 to {MaxNote} characters, none of them a control character");
        if (note.Session is not null && !Slug.TryParse(note.Session, out _))
            return Refused("session is no name");
        var written = new Note { SubjectId = subject, Session = note.Session, AuthorId = Gate.ViewerOf(context).Account!, At = time.GetUtcNow(), Kind = kind, Text = text };
        await KeepAsync(people, written, cancellationToken).ConfigureAwait(false);
        return TypedResults.Json(new Written(EnumNames.Of(kind), written.At, text));
    }

    /// <summary>The body is a plan/1 as in a plan's file; it is checked by the plan's own rules and becomes the person's newest plan.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> SavePlanAsync(
        string subject, HttpContext context, IDbContextFactory<PeopleContext> people, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Slug.TryParse(subject, out _))
            return NoSuchPerson();
        var bytes = new byte[MaxPlanBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (length > MaxPlanBytes)
            return Refused($"a plan has at most {MaxPlanBytes} bytes");
        RollingPlan plan;
        try
        {
            plan = PlanFile.Parse(System.Text.Encoding.UTF8.GetString(bytes, 0, length), "The plan");
        }
        catch (UserException e)
        {
            return TypedResults.Problem(e.Message.ReplaceLineEndings(" "), statusCode: StatusCodes.Status400BadRequest);
        }
        var viewer = Gate.ViewerOf(context);
        if (plan.Unlocked && !viewer.Is(Role.Therapist))
            return TypedResults.Problem("Only a therapist unlocks the muscles beside the lumbar spine.", statusCode: StatusCodes.Status400BadRequest);
        if (!PlainText.Is(plan.Name, MaxPlanName))
            return Refused($"the plan's name is one line of 1 to {MaxPlanName} characters");
        await using var context2 = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        context2.Prescriptions.Add(new Prescription { SubjectId = subject, Kind = PrescriptionKind.Plan, Json = PlanFile.Write(plan), AuthorId = viewer.Account!, At = time.GetUtcNow() });
        await context2.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    /// <summary>The page says from time to time that it is open and seen: what passed since it said so before counts.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> TimeAsync(string subject, HttpContext context, CareClock clock, CancellationToken cancellationToken)
    {
        if (!Slug.TryParse(subject, out var whom))
            return NoSuchPerson();
        await clock.SeenAsync(Gate.ViewerOf(context), whom, cancellationToken).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private const int MaxNote = 2000;
    private const int MaxPlanName = 80;
    private const int MaxPlanBytes = 16 * 1024;

    private static async Task KeepAsync(IDbContextFactory<PeopleContext> people, Note note, CancellationToken cancellationToken)
    {
        await using var context = await people.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        context.Notes.Add(note);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
    }

    private static ProblemHttpResult NoSuchPerson() => TypedResults.Problem("There is no such person.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult Refused(string reason) => TypedResults.Problem($"Refused: {reason}.", statusCode: StatusCodes.Status400BadRequest);

    private sealed record Message(string? Text, string? Level);

    private sealed record NoteText(string? Kind, string? Text, string? Session);

    private sealed record Written(string Kind, DateTimeOffset At, string Text);
}

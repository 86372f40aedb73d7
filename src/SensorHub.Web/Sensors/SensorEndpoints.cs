using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using SensorHub.Core;
using SensorHub.Web.Access;

namespace SensorHub.Web.Sensors;

/// <summary>What the sensor pages ask of the server, besides themselves. Refusals have their reason in <c>detail</c>.</summary>
internal static class SensorEndpoints
{
    public static void MapSensors(this IEndpointRouteBuilder all, ISensorDesk desk)
    {
        var routes = all.MapGroup("").Needs(Act.ManageSensors);
        routes.MapGet("/sensors/stream", (HttpContext context, TimeProvider time, IHostApplicationLifetime lifetime) =>
        {
            // An open stream would hold the shutdown until its time-out.
            var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            context.Response.RegisterForDispose(over);
            context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect events
            return TypedResults.ServerSentEvents(DeskEvents.Read(desk, time, over.Token));
        });
        routes.MapPost("/sensors/scan", (Wanted body) => Do(() => desk.Scan(body.On)));
        routes.MapPost("/sensors/pairing/{prompt}", (string prompt, PairingAnswer body) => Do(() => desk.AnswerPairing(prompt, body.Accept)));
        routes.MapPost("/sensors/nearby/{handle}/look", (string handle, CancellationToken stop) => DoAsync(() => desk.LookAsync(handle, stop)));
        routes.MapPost("/sensors/nearby/{handle}/add", (string handle, CancellationToken stop) => DoAsync(() => desk.AddAsync(handle, stop)));

        var sensor = routes.MapGroup("/sensors/{sensor}");
        sensor.MapPost("/rename", (string sensor, Naming body) => With(sensor, s => desk.Rename(s, body.Name ?? "")));
        sensor.MapPost("/assign", (string sensor, Owner body) => With(sensor, s => desk.Assign(s, body.Slug)));
        sensor.MapPost("/identify", (string sensor, CancellationToken stop) => WithAsync(sensor, s => desk.IdentifyAsync(s, stop)));
        sensor.MapPost("/forget", (string sensor, CancellationToken stop) => WithAsync(sensor, s => desk.ForgetAsync(s, stop)));
        sensor.MapPost("/load/zero", (string sensor, CancellationToken stop) => WithAsync(sensor, s => desk.ZeroLoadAsync(s, stop)));
        sensor.MapPost("/load/weigh", (string sensor, Weighing body, CancellationToken stop) => WithAsync(sensor, s => desk.WeighAsync(s, body.Kilograms, body.Cell, stop)));
        sensor.MapPost("/load/keep", (string sensor, CancellationToken stop) => WithAsync(sensor, s => desk.KeepGainsAsync(s, stop)));
        sensor.MapPost("/load/drop", (string sensor) => With(sensor, desk.DropPlacements));
    }

    private static Task<Results<NoContent, ProblemHttpResult>> With(string sensor, Action<Slug> act) => WithAsync(sensor, s =>
    {
        act(s);
        return Task.CompletedTask;
    });

    private static Task<Results<NoContent, ProblemHttpResult>> Do(Action act) => DoAsync(() =>
    {
        act();
        return Task.CompletedTask;
    });

    private static async Task<Results<NoContent, ProblemHttpResult>> WithAsync(string sensor, Func<Slug, Task> act) =>
        Slug.TryParse(sensor, out var slug)
            ? await DoAsync(() => act(slug)).ConfigureAwait(false)
            : TypedResults.Problem("There is no such sensor.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<NoContent, ProblemHttpResult>> DoAsync(Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
            return TypedResults.NoContent();
        }
        catch (UserException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }

    private sealed record Wanted(bool On);

    private sealed record PairingAnswer(bool Accept);

    private sealed record Naming(string? Name);

    /// <param name="Subject">Absent or empty: nobody's in particular.</param>
    private sealed record Owner(string? Subject)
    {
        [JsonIgnore]
        public Slug Slug => string.IsNullOrWhiteSpace(Subject)
            ? default
            : Slug.TryParse(Subject.Trim(), out var slug)
                ? slug
                : throw new UserException($"A pseudonym has 1 to {Slug.MaxLength} of a-z, 0-9 and '-', and begins with a letter or digit: '{Subject}' has others.");
    }

    private sealed record Weighing([property: JsonPropertyName("weight_kg")] double Kilograms, int? Cell);
}

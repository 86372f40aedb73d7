using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Security;

namespace SensorHub.Web.Lab;

/// <summary><c>GET /lab/stream[?subject=NAME][&amp;kinds=raw,estimates,events,clock]</c>: NDJSON, or the same lines by WebSocket. docs/lab-stream.md.</summary>
internal static class LabEndpoints
{
    /// <summary>How long the last line may take to a reader that is slow.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(250);

    public static void AddLab(this IServiceCollection services)
    {
        services.AddSingleton<LabFeed>();
        services.AddSingleton<LabStream>();
    }

    public static void MapLab(this IEndpointRouteBuilder routes)
    {
        var pipeline = routes.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(ServeAsync);
        routes.Map("/lab/stream", pipeline.Build()).Needs(Act.WatchLive);
    }

    private static async Task ServeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "This is a stream to be read: use GET.").ConfigureAwait(false);
            return;
        }
        // A browser lets the pages of any site open a WebSocket, and says only here whose they are.
        if (!Protection.IsSameOrigin(context.Request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Refused: this request came from a page of another origin.").ConfigureAwait(false);
            return;
        }
        if (Read(context, out var subject, out var kinds) is { } wrong)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, wrong).ConfigureAwait(false);
            return;
        }
        using var viewer = context.RequestServices.GetRequiredService<LabFeed>().Open(subject, kinds);
        if (viewer is null)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"{LabFeed.MaxViewers} streams are open, and no more may be: close one.").ConfigureAwait(false);
            return;
        }
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var over = context.RequestServices.GetRequiredService<Gate>().While(
            Gate.ViewerOf(context), Act.WatchLive, subject, context.RequestServices.GetRequiredService<TimeProvider>(), context.RequestAborted, stopping);
        var lines = context.RequestServices.GetRequiredService<LabStream>().ReadAsync(
            viewer, () => stopping.IsCancellationRequested ? "The hub stops." : "You may not watch this any more.", over.Token);
        // A reader that takes nothing must not keep it open.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var ending = over.Token.Register(() => patience.CancelAfter(Farewell));
        try
        {
            await (context.WebSockets.IsWebSocketRequest ? BySocketAsync(context, lines, over, patience.Token) : ByLinesAsync(context, lines, patience.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            context.Abort(); // the reader is gone, or too slow to take its last lines
        }
    }

    /// <returns>What is wrong with the query, one line; null when nothing is.</returns>
    private static string? Read(HttpContext context, out Slug subject, out LabKinds kinds)
    {
        var query = context.Request.Query;
        var viewer = Gate.ViewerOf(context);
        (subject, kinds) = (viewer.IsAlone ? default : viewer.Subject, LabKinds.None);
        if (query.Keys.FirstOrDefault(k => k is not ("subject" or "kinds")) is { } stray)
            return $"'{stray}' is no parameter here: subject and kinds are.";
        if (query["subject"] is { Count: > 0 } name && (name.Count > 1 || !Slug.TryParse(name[0], out subject)))
            return "subject is not a name. Leave it out for your own.";
        kinds = LabKindNames.Parse(query["kinds"] is { Count: > 0 } text ? text.ToString() : null, out var unknown);
        return unknown is null ? null : $"kinds has '{unknown}', and takes {string.Join(", ", LabKindNames.NamesOf(LabKinds.All))}, with commas between.";
    }

    private static async Task ByLinesAsync(HttpContext context, IAsyncEnumerable<IReadOnlyList<byte[]>> batches, CancellationToken patience)
    {
        var response = context.Response;
        response.ContentType = "application/x-ndjson";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect lines
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            foreach (var line in batch)
                await response.Body.WriteAsync(line, patience).ConfigureAwait(false);
            await response.Body.FlushAsync(patience).ConfigureAwait(false);
        }
    }

    private static async Task BySocketAsync(HttpContext context, IAsyncEnumerable<IReadOnlyList<byte[]>> batches, CancellationTokenSource over, CancellationToken patience)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        var listening = UntilClosedAsync(socket, over);
        await foreach (var batch in batches.ConfigureAwait(false))
            foreach (var line in batch)
                await socket.SendAsync(line.AsMemory(0, line.Length - 1), WebSocketMessageType.Text, endOfMessage: true, patience).ConfigureAwait(false);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience).ConfigureAwait(false);
        socket.Abort();
        await listening.ConfigureAwait(false);
    }

    /// <summary>What a reader says is not listened to, but that it goes.</summary>
    private static async Task UntilClosedAsync(WebSocket socket, CancellationTokenSource over)
    {
        var nothing = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(nothing.AsMemory(), CancellationToken.None).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
            }
            await over.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason) =>
        TypedResults.Problem(reason, statusCode: status).ExecuteAsync(context);
}

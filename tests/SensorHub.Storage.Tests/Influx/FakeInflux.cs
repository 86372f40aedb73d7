using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SensorHub.Storage.Tests.LineProtocol;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>
/// Something that listens where an InfluxDB could, and answers as the test says: for answers that a healthy server does
/// not give, and for the protocol of versions that are not at hand. Not a database.
/// </summary>
internal sealed class FakeInflux : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeInflux(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());

    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <param name="Target">Path and query.</param>
    /// <param name="Lines">The body, unpacked and parsed.</param>
    public sealed record Request(string Method, string Target, string? Authorization, string? ContentType, string? ContentEncoding, string Body, IReadOnlyList<ParsedLine> Lines);

    public readonly record struct Answer(int Status, string Body = "", string? RetryAfter = null);

    public static async Task<FakeInflux> StartAsync(Func<Request, Answer> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeInflux(app);
        app.Run(async context =>
        {
            var headers = context.Request.Headers;
            await using var body = headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
            using var bytes = new MemoryStream();
            await body.CopyToAsync(bytes);
            var isWrite = context.Request.Path != "/query" && context.Request.Path != "/api/v2/delete";
            var request = new Request(context.Request.Method, context.Request.Path + context.Request.QueryString, headers.Authorization, headers.ContentType, headers.ContentEncoding,
                Encoding.UTF8.GetString(bytes.ToArray()), isWrite ? ParsedLine.ParseAll(bytes.ToArray()) : []);
            fake.Requests.Enqueue(request);
            var given = answer(request);
            context.Response.StatusCode = given.Status;
            if (given.RetryAfter is { } seconds)
                context.Response.Headers.RetryAfter = seconds;
            if (given.Body.Length > 0)
                await context.Response.WriteAsync(given.Body);
        });
        await app.StartAsync();
        return fake;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

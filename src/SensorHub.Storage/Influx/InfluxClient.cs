using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using SensorHub.Core.Timing;

namespace SensorHub.Storage.Influx;

/// <summary>The HTTP interface of an InfluxDB: what is sent where, with which credentials.</summary>
internal sealed class InfluxClient : IDisposable
{
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly Uri _write;
    private readonly InfluxErrors _errors;

    public InfluxClient(InfluxOptions options, TimeProvider time)
    {
        options.Validate();
        _options = options;
        _time = time;
        _errors = new InfluxErrors(options, time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirected POST would arrive as a GET
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follow a server that moves to another address
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each request has a time-out on our own clock
        };
        _http.DefaultRequestHeaders.Authorization = options switch
        {
            // Not as parameters of the URL: proxies and servers log those.
            { Profile: InfluxProfile.V1, User: { } user } => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}"))),
            { Profile: InfluxProfile.V2, Token: { } token } => new("Token", token),
            { Profile: InfluxProfile.V3, Token: { } token } => new("Bearer", token),
            _ => null,
        };
        var database = Uri.EscapeDataString(options.Database);
        _write = Resolve(options.Profile switch
        {
            // An unknown precision is silently taken as nanoseconds by 1.6 and refused by the others: each has its own word.
            InfluxProfile.V1 => $"write?db={database}&precision=ns",
            InfluxProfile.V2 => $"api/v2/write?org={Uri.EscapeDataString(options.Organization!)}&bucket={database}&precision=ns",
            _ => $"api/v3/write_lp?db={database}&precision=nanosecond&accept_partial=true",
        });
    }

    /// <summary>Sends lines, compressed by gzip. None of them: asks whether it may write.</summary>
    public async Task<WriteAnswer> WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(compressed);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        if (!compressed.IsEmpty) // no lines are no bytes, and these are not gzip's
            content.Headers.ContentEncoding.Add("gzip");
        using var request = new HttpRequestMessage(HttpMethod.Post, _write) { Content = content };
        return await SendAsync(request, HttpCompletionOption.ResponseContentRead, WriteAnswer.ReadAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="InfluxErrors.Refusal"/>
    public OutputException Refusal(HttpStatusCode status, string reason) => _errors.Refusal(status, reason);

    /// <summary>Runs InfluxQL, times in nanoseconds, and hands over the answer, which comes as one or several lines of JSON.</summary>
    public async Task<T> QueryAsync<T>(string query, Func<HttpResponseMessage, TimeProvider, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["db"] = _options.Database, ["q"] = query, ["epoch"] = "ns", ["chunked"] = "true", ["chunk_size"] = "10000",
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, Resolve("query")) { Content = form };
        return await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, read, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks an InfluxDB 2 to delete the points of a time that the predicate says; both ends are included.</summary>
    /// <param name="predicate">Of tags, such as <c>subject="p17"</c>: https://docs.influxdata.com/influxdb/v2/reference/syntax/delete-predicate/.</param>
    public async Task<WriteAnswer> DeleteAsync(string predicate, Timestamp from, Timestamp to, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Resolve($"api/v2/delete?org={Uri.EscapeDataString(_options.Organization!)}&bucket={Uri.EscapeDataString(_options.Database)}"))
        {
            Content = JsonContent.Create(new Dictionary<string, string> { ["start"] = from.ToString(), ["stop"] = to.ToString(), ["predicate"] = predicate }),
        };
        return await SendAsync(request, HttpCompletionOption.ResponseContentRead, WriteAnswer.ReadAsync, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private Task<T> SendAsync<T>(
        HttpRequestMessage request, HttpCompletionOption completion, Func<HttpResponseMessage, TimeProvider, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        _errors.GuardAsync(async token =>
        {
            using var response = await _http.SendAsync(request, completion, token).ConfigureAwait(false);
            return await read(response, _time, token).ConfigureAwait(false);
        }, cancellationToken);

    private Uri Resolve(string relative) => new(_options.Url.AbsoluteUri.TrimEnd('/') + "/" + relative);
}

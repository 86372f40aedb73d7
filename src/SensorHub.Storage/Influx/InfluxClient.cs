using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using SensorHub.Storage.LineProtocol;

namespace SensorHub.Storage.Influx;

/// <summary>The HTTP interface of an InfluxDB: what is sent where, with which credentials. One write at a time.</summary>
internal sealed class InfluxClient : IDisposable
{
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly Uri _write;
    private readonly MemoryStream _body = new();

    public InfluxClient(InfluxOptions options, TimeProvider time)
    {
        options.Validate();
        _options = options;
        _time = time;
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

    /// <summary>Sends some lines of a batch in one request, compressed. None of them: asks whether it may write.</summary>
    public async Task<WriteAnswer> WriteAsync(LineBatch batch, ReadOnlyMemory<int> lines, CancellationToken cancellationToken)
    {
        Compress(batch, lines.Span);
        using var content = new ByteArrayContent(_body.GetBuffer(), 0, (int)_body.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        if (!lines.IsEmpty) // no lines are no bytes, and these are not gzip's
            content.Headers.ContentEncoding.Add("gzip");
        using var request = new HttpRequestMessage(HttpMethod.Post, _write) { Content = content };
        return await SendAsync(request, HttpCompletionOption.ResponseContentRead, WriteAnswer.ReadAsync, cancellationToken).ConfigureAwait(false);
    }

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

    public void Dispose()
    {
        _http.Dispose();
        _body.Dispose();
    }

    private void Compress(LineBatch batch, ReadOnlySpan<int> lines)
    {
        _body.SetLength(0);
        using var gzip = new GZipStream(_body, CompressionLevel.Fastest, leaveOpen: true);
        while (!lines.IsEmpty)
        {
            var run = 1;
            while (run < lines.Length && lines[run] == lines[0] + run)
                run++;
            gzip.Write(batch[lines[0], run]); // at once: each call crosses into zlib
            lines = lines[run..];
        }
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request, HttpCompletionOption completion, Func<HttpResponseMessage, TimeProvider, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await _http.SendAsync(request, completion, stop.Token).ConfigureAwait(false);
            return await read(response, _time, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OutputException($"InfluxDB at {_options.Url} did not answer within {_options.Timeout.TotalSeconds:0} s: check that it runs, and how busy it is.", OutputFault.Unavailable, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            var refused = e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            throw new OutputException(
                refused ? $"No InfluxDB listens at {_options.Url}: start it, or check the address." : $"InfluxDB at {_options.Url} cannot be reached: {e.GetBaseException().Message.TrimEnd('.')}. Check the address.",
                OutputFault.Unavailable, e);
        }
    }

    private Uri Resolve(string relative) => new(_options.Url.AbsoluteUri.TrimEnd('/') + "/" + relative);

    /// <summary>What a person can do about an answer that no retry will mend.</summary>
    public string Explain(HttpStatusCode status, string reason) => status switch
    {
        HttpStatusCode.Unauthorized => $"InfluxDB at {_options.Url} refuses the {Credential} (401: {reason}): check {(_options.Profile == InfluxProfile.V1 ? "user and password" : "the token")}.",
        HttpStatusCode.Forbidden => $"InfluxDB at {_options.Url} does not allow {(_options.User is { } user ? $"user '{user}'" : "this")} to use {Place} (403: {reason}): grant it.",
        HttpStatusCode.NotFound when _options.Profile == InfluxProfile.V1 && reason.Contains("database not found", StringComparison.Ordinal) =>
            $"InfluxDB at {_options.Url} has no database '{_options.Database}': create it (CREATE DATABASE \"{_options.Database}\"), or allow creating it.",
        HttpStatusCode.NotFound => $"InfluxDB at {_options.Url} does not know {Place} (404: {reason}): check the names, and that the server speaks the {_options.Profile.ToString().ToLowerInvariant()} interface.",
        _ => $"InfluxDB at {_options.Url} refuses the request ({(int)status}: {reason}): check the address and that the server speaks the {_options.Profile.ToString().ToLowerInvariant()} interface.",
    };

    private string Credential => (_options.Profile, _options.User, _options.Token) switch
    {
        (InfluxProfile.V1, null, _) or (not InfluxProfile.V1, _, null) => "request, as it has no credentials",
        (InfluxProfile.V1, { } user, _) => $"password of user '{user}'",
        _ => "token",
    };

    private string Place => _options.Profile == InfluxProfile.V2
        ? $"bucket '{_options.Database}' of organization '{_options.Organization}'"
        : $"database '{_options.Database}'";
}

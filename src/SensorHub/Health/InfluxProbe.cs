using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SensorHub.Core;
using SensorHub.Storage.Influx;

namespace SensorHub.Health;

/// <summary>What an InfluxDB says of itself: version, time, and how long it keeps things. Whether it may be written is its output's own check.</summary>
internal sealed class InfluxProbe(InfluxOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Its answers say the time in whole seconds, so less than this is not seen.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(3);

    /// <summary>Then dashboards that show "the last five minutes" show nothing, and short retention eats what is new.</summary>
    private static readonly TimeSpan LargeSkew = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public async Task<IReadOnlyList<Finding>> AskAsync(CancellationToken cancellationToken)
    {
        await using (var output = new InfluxOutput(options, time))
            await output.CheckAsync(cancellationToken);

        List<Finding> findings = [];
        try
        {
            using var answer = await SendAsync("ping", null, cancellationToken);
            var version = answer.Response.Headers.TryGetValues("X-Influxdb-Version", out var versions) ? $" {string.Join(' ', versions)}" : "";
            findings.Add(Finding.Ok($"InfluxDB{version} at {options.Url}, {(options.Profile == InfluxProfile.V2 ? "bucket" : "database")} '{options.Database}': can be written"));
            if (answer.Response.Headers.Date is { } date)
                findings.Add(Clocks(date, answer.At, answer.Took));
            if (options.Profile == InfluxProfile.V1)
                findings.Add(await RetentionAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            findings.Add(Finding.Warning($"InfluxDB at {options.Url} can be written, but does not say its version and time ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): a proxy before it may not let /ping and /query through."));
        }
        return findings;
    }

    public void Dispose() => _http.Dispose();

    private static Finding Clocks(DateTimeOffset theirs, DateTimeOffset ours, TimeSpan took)
    {
        // The header is cut to seconds: half a second on, on average.
        var skew = theirs + TimeSpan.FromSeconds(0.5) - (ours + took / 2);
        var text = string.Create(CultureInfo.InvariantCulture, $"its clock is {Math.Abs(skew.TotalSeconds):0.0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this computer's");
        return skew.Duration() < Skew ? Finding.Ok("its clock agrees with this computer's within 3 s")
            : skew.Duration() < LargeSkew ? Finding.Warning($"{text}: switch network time on at both (timedatectl set-ntp true).")
            : Finding.Failed($"{text}: dashboards of the last minutes will be empty or wrong. Switch network time on at both (timedatectl set-ntp true).");
    }

    private async Task<Finding> RetentionAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync("query", $"SHOW RETENTION POLICIES ON \"{options.Database.Replace("\"", "\\\"", StringComparison.Ordinal)}\"", cancellationToken);
        await using var body = await answer.Response.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        if (!answer.Response.IsSuccessStatusCode || json.RootElement.GetProperty("results")[0] is var result && result.TryGetProperty("error", out _))
            return Finding.Warning($"How long '{options.Database}' keeps things cannot be asked: that needs an administrator of it.");
        var series = result.GetProperty("series")[0];
        var columns = series.GetProperty("columns").EnumerateArray().Select(c => c.GetString()).ToList();
        var rows = series.TryGetProperty("values", out var values) ? values.EnumerateArray().ToList() : [];
        var (name, kept, standard) = (columns.IndexOf("name"), columns.IndexOf("duration"), columns.IndexOf("default"));
        foreach (var row in rows.Where(row => row[standard].GetBoolean()))
            return row[kept].GetString() is "0s"
                ? Finding.Ok($"retention policy '{row[name]}' keeps everything for ever")
                : Finding.Ok($"retention policy '{row[name]}' keeps things for {row[kept]}");
        return Finding.Failed($"'{options.Database}' has no default retention policy, so nothing can be written: CREATE RETENTION POLICY \"autogen\" ON \"{options.Database}\" DURATION INF REPLICATION 1 DEFAULT.");
    }

    private async Task<Answer> SendAsync(string path, string? query, CancellationToken cancellationToken)
    {
        var uri = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/" + path);
        using var request = query is null
            ? new HttpRequestMessage(HttpMethod.Get, uri)
            : new HttpRequestMessage(HttpMethod.Post, uri) { Content = new FormUrlEncodedContent([new("q", query)]) };
        request.Headers.Authorization = options switch
        {
            { Profile: InfluxProfile.V1, User: { } user } => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}"))),
            { Token: { } token } => new AuthenticationHeaderValue(options.Profile == InfluxProfile.V2 ? "Token" : "Bearer", token),
            _ => null,
        };
        var (at, began) = (time.GetUtcNow(), time.GetTimestamp());
        return new Answer(await _http.SendAsync(request, cancellationToken), at, time.GetElapsedTime(began));
    }

    /// <param name="At">When the request was sent, by this computer's clock.</param>
    private sealed record Answer(HttpResponseMessage Response, DateTimeOffset At, TimeSpan Took) : IDisposable
    {
        public void Dispose() => Response.Dispose();
    }
}

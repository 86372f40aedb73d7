using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;
using SensorHub.Web.Lab;
using SensorHub.Web.People;
using SensorHub.Web.Tests.Accounts;

namespace SensorHub.Web.Tests.Lab;

public sealed partial class LabEndpointTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_come_by_HTTP_and_the_same_by_WebSocket()
    {
        await using var web = await WebHost.StartAsync();
        var hub = new LabHub(web.Services.GetRequiredService<LabFeed>());
        hub.Describe();
        hub.Clock(1);
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(web.Address, "/lab/stream?kinds=raw"), HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.ToString());
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
        Assert.StartsWith("""{"kind":"hello","schema":"lab/1",""", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(web.Address) { Scheme = "ws", Path = "/lab/stream", Query = "kinds=raw" }.Uri, Cancelled);
        Assert.Contains("hello", await ReadAsync(socket), StringComparison.Ordinal);

        hub.Frame(0);
        hub.Frame(3);
        for (var i = 0; i < 2; i++)
            Assert.Equal(await RawAsync(async () => (await reader.ReadLineAsync(Cancelled))!), await RawAsync(() => ReadAsync(socket)));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Theory]
    [InlineData("?kinds=raw,pulse", "kinds has 'pulse', and takes raw, estimates, events, clock, with commas between.")]
    [InlineData("?kinds=", "kinds has '', and takes raw, estimates, events, clock, with commas between.")]
    [InlineData("?kind=raw", "'kind' is no parameter here: subject and kinds are.")]
    [InlineData("?subject=Not%20A%20Name", "subject is not a name. Leave it out for your own.")]
    public async Task A_query_that_is_wrong_is_told_in_one_line(string query, string detail)
    {
        await using var web = await WebHost.StartAsync();
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(web.Address, "/lab/stream" + query), Cancelled);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(detail, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Pages_of_other_sites_open_nothing()
    {
        await using var web = await WebHost.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://elsewhere.example");
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(web.Address) { Scheme = "ws", Path = "/lab/stream" }.Uri, Cancelled));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Fact]
    public async Task With_a_key_a_program_reads_what_its_owner_may_and_changes_nothing_until_it_is_taken_back()
    {
        await using var community = await Community.StartAsync();
        var (anna, emil) = (await community.AddAsync("anna", Role.Subject), await community.AddAsync("emil", Role.Researcher));
        await community.GrantAsync(anna, emil, ConsentPurpose.Study);
        var browser = await community.SignInAsync("emil");
        using var made = await Community.PostFormAsync(browser, "/account", "key", ("Key.Name", "rig 2"), ("Key.Days", "7"));
        var key = Key().Match(await made.Content.ReadAsStringAsync(Cancelled)).Value;
        Assert.DoesNotContain(key, await browser.GetStringAsync("/account", Cancelled), StringComparison.Ordinal); // shown once

        var program = community.Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("anna")).StatusCode);
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await GetAsync("anna");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("bert")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.GetAsync("/account", Cancelled)).StatusCode); // nor makes itself another
        Assert.Equal(HttpStatusCode.Forbidden, (await program.PostAsync("/live/command?subject=anna", null, Cancelled)).StatusCode);
        var log = community.Web.Services.GetRequiredService<AuditLog>();
        Assert.Contains(await log.ListAsync(Slug.Parse("anna"), 10, Cancelled), e => e is { What: nameof(Act.WatchLive), By: "emil (key: rig 2)" });

        var keys = community.Web.Services.GetRequiredService<AccessKeys>();
        await keys.RevokeAsync(Community.ViewerOf(emil), (await keys.ListAsync(Community.ViewerOf(emil), Cancelled)).Single().Id, Cancelled);
        Assert.Equal("You may not watch this any more.", await EndOfAsync(answer));
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("anna")).StatusCode);

        Task<HttpResponseMessage> GetAsync(string subject) => program.GetAsync($"/lab/stream?subject={subject}", HttpCompletionOption.ResponseHeadersRead, Cancelled);
    }

    [Fact]
    public async Task A_stream_ends_when_the_consent_is_withdrawn()
    {
        await using var community = await Community.StartAsync();
        var (anna, emil) = (await community.AddAsync("anna", Role.Subject), await community.AddAsync("emil", Role.Researcher));
        await community.GrantAsync(anna, emil, ConsentPurpose.Study);
        using var answer = await (await community.SignInAsync("emil")).GetAsync("/lab/stream?subject=anna", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        await community.WithdrawAllAsync(anna);
        Assert.Equal("You may not watch this any more.", await EndOfAsync(answer));
    }

    /// <summary>Of the last line.</summary>
    private static async Task<string?> EndOfAsync(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
        var last = "";
        while (await reader.ReadLineAsync(Cancelled) is { } line)
            last = line;
        return JsonDocument.Parse(last).RootElement.GetProperty("reason").GetString();
    }

    private static async Task<string> RawAsync(Func<Task<string>> read)
    {
        while (true)
            if (await read() is var line && line.StartsWith("""{"kind":"raw",""", StringComparison.Ordinal))
                return line;
    }

    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), Cancelled);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    [GeneratedRegex("shk_[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();
}

using System.Net;

namespace SensorHub.Web.Tests.Security;

public sealed class ProtectionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task A_loopback_name_is_answered(string host)
    {
        await using var web = await WebHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(web, HttpMethod.Get, "/", ("Host", host + ":5080"))).StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.2")]
    public async Task A_foreign_name_that_resolves_here_is_refused(string host)
    {
        await using var web = await WebHost.StartAsync();
        foreach (var path in (string[])["/", "/live/stream", "/_content/SensorHub.Web/live.css"])
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(web, HttpMethod.Get, path, ("Host", host))).StatusCode);
    }

    [Fact]
    public async Task Every_answer_forbids_foreign_and_inline_scripts()
    {
        await using var web = await WebHost.StartAsync();
        foreach (var path in (string[])["/", "/nowhere", "/_content/SensorHub.Web/live/page.js"])
        {
            var response = await SendAsync(web, HttpMethod.Get, path);
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_page_of_another_origin_can_change_nothing(string header, string value)
    {
        await using var web = await WebHost.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(web, HttpMethod.Post, "/live/calibrate-standing", (header, value))).StatusCode);
    }

    [Fact]
    public async Task An_address_that_does_not_exist_gets_a_page_that_says_so()
    {
        await using var web = await WebHost.StartAsync();
        var response = await SendAsync(web, HttpMethod.Get, "/nowhere");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no such page", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(WebHost web, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(web.Address, path));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
    }
}

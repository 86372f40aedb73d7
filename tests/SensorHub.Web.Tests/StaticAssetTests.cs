using System.Net;

namespace SensorHub.Web.Tests;

public sealed class StaticAssetTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Styles_and_scripts_are_there_and_compressed(string environment)
    {
        await using var web = await WebHost.StartAsync(environment);
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        foreach (var path in (string[])["MudBlazor/MudBlazor.min.css", "SensorHub.Web/shell.css", "SensorHub.Web/live.css", "SensorHub.Web/live/page.js", "SensorHub.Web/sensors.css", "SensorHub.Web/sensors/page.js", "SensorHub.Web/board.css", "SensorHub.Web/board/board.js", "SensorHub.Web/preferences.js"])
        {
            using var response = await client.GetAsync(new Uri(web.Address, "/_content/" + path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
            Assert.InRange(response.Content.Headers.ContentLength!.Value, 100, 100_000);
        }
    }

    [Fact]
    public async Task The_page_asks_nothing_of_other_servers()
    {
        await using var web = await WebHost.StartAsync();
        using var client = new HttpClient();
        var html = await client.GetStringAsync(web.Address, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"//", html, StringComparison.Ordinal);
    }
}

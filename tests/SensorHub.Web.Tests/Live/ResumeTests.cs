using Microsoft.Playwright;
using SensorHub.Web.Access;
using SensorHub.Web.Live;
using SensorHub.Web.People;
using SensorHub.Web.Tests.Accounts;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Live;

/// <summary>A page finds its way back by itself, and only to what may still be seen.</summary>
public sealed class ResumeTests(Browser browser)
{
    /// <summary>Keeps what banners said, however short they were there.</summary>
    private const string WatchBanners =
        """
        () => {
          window.banners = "";
          new MutationObserver(() => document.querySelectorAll(".banner").forEach(banner => { window.banners += banner.textContent; }))
            .observe(document.body, { subtree: true, childList: true, characterData: true });
        }
        """;

    private readonly Person _person = new();

    [Theory]
    [InlineData("/")]
    [InlineData("/roll")]
    [InlineData("/board")]
    public async Task A_connection_that_ends_or_falls_silent_is_made_anew(string path)
    {
        await using var web = await StartAsync();
        await using var way = new Relay(web.Address.Port);
        var page = await OpenAsync(web, way.Port, path);
        await Expect(Connecting(page)).ToHaveCountAsync(0);

        foreach (var breaks in new[] { way.Cut, way.Strand }) // the second as after sleep or a change of network: neither end is told
        {
            await page.EvaluateAsync(WatchBanners);
            breaks();
            await page.WaitForFunctionAsync("() => window.banners.includes('does not answer')", null, new() { Timeout = 60_000 });
            await Expect(Unanswered(page)).ToHaveCountAsync(0, new() { Timeout = 120_000 }); // the browser may still believe in other old connections
        }
    }

    [Fact]
    public async Task What_came_while_a_page_was_away_is_on_it_when_it_is_back()
    {
        await using var web = await StartAsync();
        await using var way = new Relay(web.Address.Port);
        var page = await OpenAsync(web, way.Port, "/");
        web.Feed.Receive(_person.All(3));
        await page.ShowsAsync("rolling.strokes", "1");

        way.Shut();
        await Expect(Unanswered(page)).ToHaveCountAsync(1);
        web.Feed.Receive(_person.All(33));
        way.Reopen();
        await page.ShowsAsync("rolling.strokes", "11");
    }

    [Fact]
    public async Task A_stream_that_the_browser_has_given_up_is_tried_again()
    {
        await using var web = await StartAsync();
        var page = await web.OpenAsync(browser, path: "/not-found");
        var refusals = 0;
        await page.RouteAsync("**/live/stream", route => Interlocked.Increment(ref refusals) <= 3 ? route.FulfillAsync(new() { Status = 502 }) : route.ContinueAsync());
        await page.GotoAsync(web.Address.ToString());
        await Expect(Connecting(page)).ToHaveCountAsync(0);
        Assert.True(refusals > 3);
    }

    [Fact]
    public async Task A_page_of_somebody_who_ends_the_permission_shows_nothing_of_them_any_more()
    {
        await using var community = await Community.StartAsync();
        var (anna, carl) = (await community.AddAsync("anna", Role.Subject), await community.AddAsync("carl", Role.Therapist));
        await community.GrantAsync(anna, carl, ConsentPurpose.Care);
        var page = await community.OpenAsync(browser, "carl", "/board/anna");
        await Expect(Connecting(page)).ToHaveCountAsync(0);
        await community.WithdrawAllAsync(anna);
        await Expect(page.Locator("sensorhub-person")).ToHaveCountAsync(0);
        await Expect(page.Locator("main")).ToContainTextAsync("This is not yours to see");
    }

    private static async Task<WebHost> StartAsync()
    {
        var web = await WebHost.StartAsync();
        _ = web.Services.GetService(typeof(BrokerFeed));
        web.Feed.Trouble = static () => null; // as if there were a broker
        return web;
    }

    private async Task<IPage> OpenAsync(WebHost web, int port, string path)
    {
        var page = await web.OpenAsync(browser, path: "/not-found");
        await page.GotoAsync(new UriBuilder(web.Address) { Port = port, Path = path }.ToString());
        return page;
    }

    private static ILocator Connecting(IPage page) => page.Locator("main [data-state=connecting]");

    private static ILocator Unanswered(IPage page) => page.Locator(".banner", new() { HasText = "does not answer" });
}

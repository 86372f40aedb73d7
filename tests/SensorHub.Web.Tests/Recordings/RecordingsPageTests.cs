using System.Net;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Tests.Accounts;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Recordings;

public sealed class RecordingsPageTests(Browser browser)
{
    private static readonly Slug Me = Slug.Parse("me");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_session_has_its_score_with_the_reasons_and_leads_to_its_page_with_what_to_do()
    {
        await using var web = await StartAsync();
        var page = await web.OpenAsync(browser, path: "/recordings");
        await Expect(page.Locator("[data-recording]")).ToHaveCountAsync(3);
        var friday = page.Locator("[data-recording='friday']");
        await Expect(friday.Locator("[data-score]")).ToHaveAttributeAsync("data-score", "59");
        await Expect(friday).ToContainTextAsync("The clip moved on the skin.");
        await Expect(page.Locator("[data-recording='saturday']")).ToContainTextAsync("Not measured yet");

        await friday.GetByRole(AriaRole.Link).ClickAsync();
        var clip = page.Locator("[data-sensor='clip-1']");
        await Expect(clip.Locator(".reasons li")).ToHaveCountAsync(4);
        await Expect(clip.Locator(".reasons li").First).ToContainTextAsync("Calibrate standing, at the beginning");
        await Expect(clip).ToContainTextAsync("43,750 of 45,000, 320 of them late");
        await Expect(clip.Locator("svg")).ToHaveCountAsync(6);
        await Expect(clip.Locator("svg .span.b")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-sensor='roller-1'] svg")).ToHaveCountAsync(5); // nothing was saturated
        await Expect(page.Locator("[data-sensor='roller-1']")).ToContainTextAsync("Nothing was taken off.");
    }

    [Fact]
    public async Task Where_nothing_is_recorded_or_nothing_is_there_or_cannot_be_read_one_line_says_so()
    {
        await using var clinic = await WebHost.StartAsync();
        using var client = new HttpClient();
        Assert.Contains("Nothing is recorded here: recordings stay on the hub", await client.GetStringAsync(new Uri(clinic.Address, "/recordings"), Cancelled), StringComparison.Ordinal);
        await using var web = await StartAsync();
        await SaysAsync("/recordings/sunday", HttpStatusCode.NotFound, "There is no such page");
        await SaysAsync("/recordings/..%2Fkeys", HttpStatusCode.NotFound, "");
        await SaysAsync("/recordings/broken", HttpStatusCode.ServiceUnavailable, "cannot be read: Input/output error");
        Assert.Contains("Nothing is recorded yet", await client.GetStringAsync(new Uri(web.Address, "/recordings?subject=bert"), Cancelled), StringComparison.Ordinal);

        async Task SaysAsync(string path, HttpStatusCode status, string text)
        {
            using var answer = await client.GetAsync(new Uri(web.Address, path), Cancelled);
            Assert.Equal(status, answer.StatusCode);
            Assert.Contains(text, await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_researcher_reads_those_of_whoever_consented_and_of_nobody_else()
    {
        await using var community = await Community.StartAsync(options => options with { Recordings = new FakeRecordings(Slug.Parse("anna")) });
        var (anna, emil) = (await community.AddAsync("anna", Role.Subject), await community.AddAsync("emil", Role.Researcher));
        await community.GrantAsync(anna, emil, SensorHub.Web.People.ConsentPurpose.Study);
        var client = await community.SignInAsync("emil");
        Assert.Contains("recordings/friday?subject=anna", await client.GetStringAsync("/recordings?subject=anna", Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/recordings/friday?subject=anna", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/recordings/friday?subject=bert", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/recordings/friday", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        await using var web = await StartAsync();
        var page = await web.OpenAsync(browser, new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme }, "/recordings");
        await page.AxeFindsNothingAsync("list");
        await page.NothingIsCutOffAtTheSideAsync();
        await page.GotoAsync(new Uri(web.Address, "/recordings/friday").ToString());
        await page.PictureAsync("recordings-quality");
        await page.GetByText("As a table").First.ClickAsync();
        await page.AxeFindsNothingAsync("table");
        await page.NothingIsCutOffAtTheSideAsync();
    }

    private static Task<WebHost> StartAsync() => WebHost.StartAsync(configure: options => options with { Subject = Me, Recordings = new FakeRecordings(Me) });
}

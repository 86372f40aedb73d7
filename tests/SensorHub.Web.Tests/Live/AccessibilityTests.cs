using Microsoft.Playwright;
using SensorHub.Core.Protocol;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Live;

public sealed class AccessibilityTests(Browser browser) : IAsyncLifetime
{
    private readonly Person _person = new();
    private WebHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await WebHost.StartAsync();

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_while_empty_live_seen_from_afar_and_stale(bool phone, ColorScheme scheme)
    {
        var page = await OpenAsync(phone ? Browser.Phone : Browser.Desktop, scheme);
        await page.AxeFindsNothingAsync("empty");

        using var stop = new CancellationTokenSource();
        var playing = _person.PlayAsync(_web.Feed, 0, stop.Token);
        await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");
        await page.AxeFindsNothingAsync("live");
        await page.Locator(".far-switch").ClickAsync();
        await page.AxeFindsNothingAsync("far");
        await page.Locator(".far-switch").ClickAsync();

        _person.ClipLink = LinkState.Lost;
        await Expect(page.Locator("[data-banner='lost']")).ToBeVisibleAsync();
        await stop.CancelAsync();
        await playing;
        await Expect(page.Locator("[data-banner='stale']")).ToBeVisibleAsync();
        await page.AxeFindsNothingAsync("stale");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_cut_off_at_the_side(bool phone)
    {
        _web.Feed.Receive(_person.All(3599));
        var page = await OpenAsync(phone ? Browser.Phone : Browser.Desktop, ColorScheme.Light);
        await Expect(page.Locator("[data-field='session.duration_s']")).ToHaveTextAsync("59:59");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public async Task The_keyboard_reaches_every_control_and_works_it()
    {
        _web.Feed.Receive(_person.All(1));
        var page = await OpenAsync(Browser.Desktop, ColorScheme.Light);
        await Expect(page.Locator(".pressure")).ToBeVisibleAsync();
        List<string> reached = [];
        string[] sections = [.. Shell.Sections.For(SensorHub.Web.Access.Viewer.AtThisComputer(default), hasStudies: false).Select(section => section.Name)];
        for (var n = 0; n < 5 + sections.Length; n++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("(document.activeElement.value || document.activeElement.innerText).trim()"));
            Assert.Equal($"{reached[^1]}: solid", reached[^1] + ": " + await page.EvaluateAsync<string>("getComputedStyle(document.activeElement.closest('label') ?? document.activeElement).outlineStyle"));
            switch (n - sections.Length)
            {
                case 2:
                    await page.Keyboard.PressAsync("Space");
                    await Expect(page.Locator("html")).ToHaveAttributeAsync("data-far", "true");
                    await page.Keyboard.PressAsync("Space");
                    await Expect(page.Locator("html")).ToHaveAttributeAsync("data-far", "false");
                    break;
                case 3:
                    await page.Keyboard.PressAsync("ArrowRight");
                    await page.Keyboard.PressAsync("ArrowRight");
                    await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
                    break;
                default:
                    break;
            }
        }
        Assert.Equal(["Skip to the content", "SensorHub", .. sections, "Far view", "auto", "Calibrate standing"], reached);
    }

    [Fact]
    public async Task The_theme_follows_the_system_until_it_is_chosen_and_is_remembered()
    {
        var page = await OpenAsync(Browser.Desktop, ColorScheme.Dark);
        var dark = await GroundAsync();
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        var light = await GroundAsync();
        Assert.NotEqual(dark, light);
        await page.GetByText("Dark", new() { Exact = true }).ClickAsync();
        Assert.Equal(dark, await GroundAsync());
        await page.ReloadAsync();
        Assert.Equal(dark, await GroundAsync());
        await Expect(page.GetByLabel("Dark")).ToBeCheckedAsync();

        Task<string> GroundAsync() => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [Theory]
    [InlineData("<img src='x'>", ColorScheme.Light, "image-alt")]
    [InlineData("<p style='color: #777; background: #888'>Faint</p>", ColorScheme.Dark, "color-contrast")]
    public async Task Axe_finds_what_is_wrong(string html, ColorScheme scheme, string rule)
    {
        var page = await OpenAsync(Browser.Desktop, scheme);
        await page.EvaluateAsync("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html);
        var found = await Assert.ThrowsAsync<Xunit.Sdk.EqualException>(() => page.AxeFindsNothingAsync("broken"));
        Assert.Contains(rule, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_phase_is_said_once_and_numbers_are_not()
    {
        var page = await OpenAsync(Browser.Desktop, ColorScheme.Light);
        using var stop = new CancellationTokenSource();
        var playing = _person.PlayAsync(_web.Feed, 0, stop.Token);
        await Expect(page.Locator("[data-field='session.phase']")).ToHaveTextAsync("Rolling");
        await Expect(page.Locator(".announcer")).ToHaveTextAsync("");
        _person.Phase = Core.Posture.Phase.Slouching;
        await Expect(page.Locator(".announcer")).ToHaveTextAsync("Slouching");
        _person.Band = Core.Rolling.Band.TooHard;
        await Expect(page.Locator(".announcer")).ToHaveTextAsync("Pressure: too hard");
        await stop.CancelAsync();
        await playing;
        Assert.Equal(0, await page.Locator("[aria-live] [data-field], [role=status] [data-field]").CountAsync());
    }

    /// <summary>Or a screen reader would hear the last of them alone.</summary>
    [Fact]
    public async Task Changes_that_have_lasted_at_the_same_look_are_said_together()
    {
        var page = await _web.OpenAsync(browser, path: "/not-found");
        var said = await page.EvaluateAsync<string[]>("""
            async () => {
              const { Announcer } = await import('/_content/SensorHub.Web/live/announcer.js');
              const host = document.createElement('p');
              const announcer = new Announcer(host);
              return [
                [0, 'rolling', null], [1, 'rolling', 'good'], [10, 'slouching', 'good'], [11, 'slouching', 'hard'], [12.5, 'slouching', 'hard'],
                [13, 'standing', 'good'], [14, 'standing', 'good'], [15, 'standing', 'good'], [16, 'walking', 'good'], [17, 'standing', 'good'], [19, 'standing', 'good'],
              ].map(([at, phase, band]) => (announcer.look(at, ['phase', phase, phase], ['band', band, `Pressure: ${band}`]), host.textContent));
            }
            """);
        Assert.Equal(["", "", "", "", "slouching. Pressure: hard", .. Enumerable.Repeat("slouching. Pressure: hard", 2), .. Enumerable.Repeat("standing. Pressure: good", 4)], said);
    }

    private async Task<IPage> OpenAsync(ViewportSize size, ColorScheme scheme)
    {
        var page = await _web.OpenAsync(browser, new() { ViewportSize = size, ColorScheme = scheme });
        await Expect(page.Locator("sensorhub-live")).Not.ToHaveAttributeAsync("data-state", "connecting");
        return page;
    }
}

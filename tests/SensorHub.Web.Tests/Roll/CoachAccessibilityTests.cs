using Microsoft.Playwright;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Web.Tests.BeforeAfter;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Roll;

public sealed class CoachAccessibilityTests(Browser browser) : IAsyncLifetime
{
    private readonly Person _person = new();
    private WebHost _web = null!;
    private Coached _coached = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await WebHost.StartAsync(outcomes: new FakeOutcomes());
        _coached = new Coached(_web, _person);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_on_the_coach_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var page = await _coached.OpenAsync(browser, options: Options(phone, scheme));
        await CheckAsync(page, "orders");
        await Coached.PrescribeAsync(_web, _person, Coached.Evening);
        await page.ReloadAsync();
        await page.Locator(".offer").First.ClickAsync();
        await Expect(page.Locator(".work")).ToBeVisibleAsync();
        await _coached.WhileRollingAsync(42, async () =>
        {
            await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");
            await CheckAsync(page, "rolling");
            _coached.Say(CueCode.OverForce, CueLevel.Warn);
            await Expect(page.Locator(".coach-cue")).ToBeVisibleAsync();
            await page.Locator(".wrong").ClickAsync();
            await CheckAsync(page, "picking");
        });
        await Expect(page.Locator(".lost")).ToBeVisibleAsync();
        await CheckAsync(page, "lost");
        await _coached.WhileRollingAsync(60, async () =>
        {
            await Expect(page.Locator(".ask")).ToBeVisibleAsync();
            await CheckAsync(page, "pain");
            await page.Locator(".ask [data-pain='4']").ClickAsync();
            await Expect(page.Locator(".after")).ToBeVisibleAsync();
            await CheckAsync(page, "rest");
        });
        _coached.Say(CueCode.Pain, CueLevel.Stop);
        await Expect(page.Locator(".stop")).ToBeVisibleAsync();
        await CheckAsync(page, "stop");
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_before_and_after_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var guided = new Guided(_web, _person);
        _web.Feed.Receive(_person.Posture(150));
        var page = await _coached.OpenAsync(browser, "/test", Options(phone, scheme));
        await Expect(page.Locator(".outcome-verdict")).ToBeVisibleAsync();
        await CheckAsync(page, "intro");
        await guided.WhileAsync(ProtocolStep.Bend, async () =>
        {
            await Expect(page.Locator(".advice")).ToBeVisibleAsync();
            await CheckAsync(page, "bend");
        }, number: 2, of: 3, trouble: StepTrouble.TooFast);
        await guided.WhileAsync(ProtocolStep.Stand, async () =>
        {
            await Expect(page.Locator(".ring")).ToBeVisibleAsync();
            await CheckAsync(page, "stand");
        }, of: 3, left: 7);
        await guided.WhileAsync(ProtocolStep.Pain, async () =>
        {
            await Expect(page.Locator(".step .levels")).ToBeVisibleAsync();
            await CheckAsync(page, "pain");
        });
    }

    private static BrowserNewContextOptions Options(bool phone, ColorScheme scheme) => new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme };

    private static async Task CheckAsync(IPage page, string state)
    {
        await page.AxeFindsNothingAsync(state);
        await page.NothingIsCutOffAtTheSideAsync();
    }
}

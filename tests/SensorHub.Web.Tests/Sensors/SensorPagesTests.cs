using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Web.Sensors;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Sensors;

public sealed partial class SensorPagesTests(Browser browser) : IAsyncLifetime
{
    private readonly FakeDesk _desk = new();
    private WebHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await WebHost.StartAsync(sensors: _desk);

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task Without_sensors_the_page_says_what_to_do()
    {
        var page = await OpenAsync("/sensors");
        await Expect(page.Locator(".empty")).ToBeVisibleAsync();
        await Expect(page.Locator(".empty")).ToContainTextAsync("Switch one on and hold it near");
        await page.Locator(".scan").ClickAsync();
        await Expect(page.Locator(".scan-label")).ToHaveTextAsync("Stop looking");
        await page.Locator(".scan").ClickAsync();
        await Expect(page.Locator(".scan-label")).ToHaveTextAsync("Look for sensors");
        Assert.Equal(["scan True", "scan False"], _desk.Asked);
    }

    [Fact]
    public async Task A_sensor_is_shown_with_its_state_in_words_its_battery_its_signal_and_its_trouble()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync("/sensors");
        var roller = page.Locator($".sensor-cards [data-key='{FakeDesk.Roller}']");
        await Expect(roller.Locator("[data-field='name']")).ToHaveTextAsync("Blue roller");
        await Expect(roller.Locator("[data-field='link']")).ToHaveTextAsync("Streaming · 12 min");
        await Expect(roller.Locator("[data-field='battery']")).ToHaveTextAsync("83 %");
        await Expect(roller.Locator("[data-field='signal']")).ToHaveTextAsync("strong −58 dBm");
        await Expect(roller.Locator("[data-field='trouble']")).ToBeHiddenAsync();
        var clip = page.Locator($".sensor-cards [data-key='{FakeDesk.Clip}']");
        await Expect(clip.Locator("[data-field='trouble']")).ToHaveTextAsync(FakeDesk.ClipNow.Trouble!);
        await Expect(clip.Locator("[data-field='link']")).ToHaveAttributeAsync("data-mood", "bad");

        // What changes arrives by itself.
        _desk.With(FakeDesk.ClipNow with { Link = LinkState.Streaming, Since = _desk.State.Time, Trouble = null, Battery = 60 });
        await Expect(clip.Locator("[data-field='link']")).ToHaveTextAsync(StreamingNow());
        await Expect(clip.Locator("[data-field='trouble']")).ToBeHiddenAsync();
        await roller.Locator("a").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Blue roller");
    }

    [Fact]
    public async Task A_sensor_nearby_is_looked_at_and_added()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync("/sensors");
        var nearby = page.Locator(".nearby-list [data-key='n1']");
        await Expect(nearby.Locator("[data-field='name']")).ToHaveTextAsync("SH Clip 0077");
        await nearby.Locator(".look").ClickAsync();
        await Expect(nearby.Locator("[data-field='details']")).ToContainTextAsync("clip-sh-c-000077 · battery 64 % · firmware 1.0.0");
        await nearby.Locator(".add").ClickAsync();
        await Expect(page.Locator(".sensor-cards [data-key='clip-sh-c-000077']")).ToBeVisibleAsync();
        await Expect(nearby).ToHaveCountAsync(0);
        Assert.Equal(["look n1", "add n1"], _desk.Asked);
    }

    [Fact]
    public async Task What_is_refused_and_what_the_radio_lacks_is_said_with_its_remedy()
    {
        _desk.State = FakeDesk.Busy with { RadioTrouble = "Bluetooth is switched off: rfkill unblock bluetooth" };
        var page = await OpenAsync("/sensors");
        await Expect(page.Locator("[data-banner='radio']")).ToHaveTextAsync("Bluetooth is switched off: rfkill unblock bluetooth");
        _desk.Refusal = "The sensor did not answer. Is it switched on?";
        await page.Locator("[data-key='n1'] .add").ClickAsync();
        await Expect(page.Locator(".nearby .said")).ToHaveTextAsync("The sensor did not answer. Is it switched on?");
        _desk.State = _desk.State with { RadioTrouble = null };
        await Expect(page.Locator("[data-banner='radio']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_passkey_is_shown_large_and_answered_once()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync("/sensors");
        _desk.State = _desk.State with { Pairing = new PairingPrompt("p1", "SH Clip 0077", "048213", NeedsAnswer: true) };
        await Expect(page.Locator(".pairing .passkey")).ToHaveTextAsync("048213");
        Assert.True(await page.Locator(".passkey").EvaluateAsync<double>("e => parseFloat(getComputedStyle(e).fontSize)") >= 56);
        await page.AxeFindsNothingAsync("pairing");
        // The first button has the focus. The question goes at once, the answer is on its way then.
        await page.RunAndWaitForResponseAsync(() => page.Keyboard.PressAsync("Enter"), answer => answer.Url.Contains("/pairing/", StringComparison.Ordinal));
        await Expect(page.Locator(".pairing")).ToBeHiddenAsync();
        Assert.Equal(["pairing p1 True"], _desk.Asked);

        _desk.State = _desk.State with { Pairing = new PairingPrompt("p2", "SH Clip 0077", "991002", NeedsAnswer: false) };
        await Expect(page.Locator(".pairing")).ToContainTextAsync("Type this number in at the sensor.");
        _desk.State = _desk.State with { Pairing = null };
        await Expect(page.Locator(".pairing")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Name_and_person_are_kept_and_the_light_blinks()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync($"/sensors/{FakeDesk.Roller}");
        await page.Locator(".rename input").FillAsync("Grey roller");
        await page.Locator(".rename button").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Grey roller");
        await page.Locator(".assign input").FillAsync("p-07");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".setup .said")).ToHaveTextAsync("It is p-07's now.");
        await page.Locator(".assign input").FillAsync("Anna Muster");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".setup .said")).ToContainTextAsync("A pseudonym has 1 to 40 of a-z");
        await page.Locator(".identify").ClickAsync();
        await Expect(page.Locator(".setup .said")).ToContainTextAsync("blinks");
        Assert.Equal([$"rename {FakeDesk.Roller} Grey roller", $"assign {FakeDesk.Roller} p-07", $"identify {FakeDesk.Roller}"], _desk.Asked);
    }

    [Fact]
    public async Task A_sensors_page_has_battery_firmware_clock_losses_and_the_rates_of_its_streams()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync($"/sensors/{FakeDesk.Roller}");
        foreach (var (field, text) in ((string, string)[])
            [("battery", "83 %"), ("firmware", "1.0.0"), ("clock", "± 1.7 ms"), ("drift", "−12.4 ppm"), ("lost", "2 · 21"), ("link", "Streaming · 12 min"), ("force", "90")])
            await Expect(page.Locator($"[data-field='{field}']").First).ToHaveTextAsync(text);
        Assert.Equal(
            ["Motion|100 Hz|100 Hz", "Load|50 Hz|50 Hz", "Battery|every 10 s|", "Events|when they happen|"],
            await page.Locator(".streams tbody tr").EvaluateAllAsync<string[]>("rows => rows.map(r => [...r.cells].map(c => c.textContent).join('|'))"));
        await Expect(page.Locator(".guide")).ToContainTextAsync("How to place the roller");
        await page.GotoAsync(new Uri(_web.Address, $"/sensors/{FakeDesk.Clip}").ToString());
        await Expect(page.Locator(".guide")).ToContainTextAsync("How to wear the clip");
        await Expect(page.Locator(".load")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Load_cells_are_zeroed_weighed_kept_and_checked()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync($"/sensors/{FakeDesk.Roller}");
        await page.Locator(".zero").ClickAsync();
        await Expect(page.Locator(".zero-said")).ToHaveTextAsync("Zero is set: it took away 3.2 N.");
        await Expect(page.Locator(".keep-gains")).ToBeDisabledAsync();
        await page.Locator("[name=weight]").FillAsync("10");
        await page.Locator(".weigh button").ClickAsync();
        await Expect(page.Locator(".verdict")).ToContainTextAsync("Good");
        await Expect(page.Locator(".more-placements")).ToContainTextAsync("only the sum of the cells is seen");
        Assert.Equal(["in the middle|10.00 kg|9.18 kg|−8.2 %"], await RowsAsync(".placements"));
        Assert.Equal("Cell 1|1.250|1.362|+9.0 %", (await RowsAsync(".gains"))[0]);
        await page.Locator("[name=place]").SelectOptionAsync("over cell 2");
        await page.Locator(".weigh button").ClickAsync();
        await Expect(page.Locator(".placements tbody tr")).ToHaveCountAsync(2);
        await page.Locator(".keep-gains").ClickAsync();
        await Expect(page.Locator(".verdict")).ToContainTextAsync("Weigh a known weight again");
        Assert.Equal("Cell 1|1.250|1.362|+9.0 %", (await RowsAsync(".gains"))[0]);
        await page.Locator("[name=place]").SelectOptionAsync("in the middle");
        await page.Locator(".weigh button").ClickAsync();
        await Expect(page.Locator(".verdict")).ToContainTextAsync("10.00 kg is weighed as 10.10 kg, +1.0 %: right");
        Assert.Equal(
            [$"zero {FakeDesk.Roller}", $"weigh {FakeDesk.Roller} 10", $"weigh {FakeDesk.Roller} 10 1", $"keep {FakeDesk.Roller}", $"weigh {FakeDesk.Roller} 10"], _desk.Asked);

        Task<string[]> RowsAsync(string table) =>
            page.Locator($"{table} tbody tr").EvaluateAllAsync<string[]>("rows => rows.map(r => [...r.cells].map(c => c.textContent).join('|'))");
    }

    [Fact]
    public async Task Forgetting_asks_first()
    {
        _desk.State = FakeDesk.Busy;
        var page = await OpenAsync($"/sensors/{FakeDesk.Clip}");
        await page.Locator(".open-forget").ClickAsync();
        await Expect(page.Locator(".confirm-forget")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".confirm-forget")).ToBeHiddenAsync();
        Assert.Empty(_desk.Asked);
        await page.Locator(".open-forget").ClickAsync();
        await page.Locator(".do-forget").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(_web.Address, "/sensors").ToString());
        Assert.Equal([$"forget {FakeDesk.Clip}"], _desk.Asked);
        using var client = new HttpClient();
        using var gone = await client.GetAsync(new Uri(_web.Address, $"/sensors/{FakeDesk.Clip}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_and_nothing_is_cut_off_at_the_side(bool phone, ColorScheme scheme)
    {
        var options = new BrowserNewContextOptions { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme };
        var page = await OpenAsync("/sensors", options);
        await Expect(page.Locator(".empty")).ToBeVisibleAsync();
        await LookAsync("empty");
        _desk.State = FakeDesk.Busy with { RadioTrouble = "Bluetooth is switched off: rfkill unblock bluetooth" };
        await Expect(page.Locator("[data-key='n1']")).ToBeVisibleAsync();
        await LookAsync("list");
        foreach (var sensor in (Slug[])[FakeDesk.Clip, FakeDesk.Roller])
        {
            await page.GotoAsync(new Uri(_web.Address, $"/sensors/{sensor}").ToString());
            await Expect(page.Locator(".streams tbody tr").First).ToBeVisibleAsync();
            await LookAsync($"{sensor}");
        }
        await page.Locator("[name=weight]").FillAsync("10");
        await page.Locator(".weigh button").ClickAsync();
        await Expect(page.Locator(".gains-box")).ToBeVisibleAsync();
        await LookAsync("weighed");

        async Task LookAsync(string state)
        {
            await page.AxeFindsNothingAsync(state);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{state} is cut off");
        }
    }

    [Fact]
    public async Task The_keyboard_reaches_every_control_of_both_pages()
    {
        _desk.State = FakeDesk.Busy with { Nearby = [FakeDesk.ClipNearby] };
        var page = await OpenAsync("/sensors");
        await Expect(page.Locator("[data-key='n1']")).ToBeVisibleAsync();
        string[] sections = [.. Shell.Sections.For(SensorHub.Web.Access.Viewer.AtThisComputer(default), hasStudies: false).Select(section => section.Name)];
        Assert.Equal(
            ["Skip to the content", "SensorHub", .. sections, "auto", "Blue roller", "Clip 0042", "Stop looking", "Look", "Add"],
            await ReachedAsync(page, 8 + sections.Length));
        await page.GotoAsync(new Uri(_web.Address, $"/sensors/{FakeDesk.Roller}").ToString());
        await Expect(page.Locator(".streams tbody tr").First).ToBeVisibleAsync();
        Assert.Equal(
            ["All sensors", "name", "Save", "subject", "Save", "Blink its light", "Set zero", "weight", "place", "Weigh", "Forget…"],
            (await ReachedAsync(page, 14 + sections.Length))[(3 + sections.Length)..]);
    }

    [Fact]
    public async Task A_page_of_another_origin_can_change_nothing()
    {
        _desk.State = FakeDesk.Busy;
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_web.Address, $"/sensors/{FakeDesk.Roller}/forget")) { Content = JsonContent.Create(new { }) };
        request.Headers.Add("Origin", "http://elsewhere.example");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(_desk.Asked);
    }

    [Fact]
    public async Task A_hub_that_plays_a_recording_says_that_it_has_no_sensors()
    {
        await using var web = await WebHost.StartAsync();
        var page = await web.OpenAsync(browser, path: "/sensors");
        await Expect(page.Locator(".notice")).ToContainTextAsync("plays a recording");
    }

    private static async Task<List<string>> ReachedAsync(IPage page, int count)
    {
        List<string> reached = [];
        for (var i = 0; i < count; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("(document.activeElement.name !== 'theme' && document.activeElement.name || document.activeElement.value || document.activeElement.innerText).trim()"));
        }
        return reached;
    }


    private Task<IPage> OpenAsync(string path, BrowserNewContextOptions? options = null) => _web.OpenAsync(browser, options, path);

    [GeneratedRegex("^Streaming")]
    private static partial Regex StreamingNow();
}

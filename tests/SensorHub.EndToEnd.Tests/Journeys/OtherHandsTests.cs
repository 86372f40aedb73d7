using Microsoft.Playwright;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Journeys;

/// <summary>The same pages with a thumb on a phone, and with a keyboard alone.</summary>
[Collection("journeys")]
public sealed class OtherHandsTests(Browser browser)
{
    [Fact]
    public async Task On_a_phone_everything_is_reached_by_a_thumb_and_nothing_is_cut_off()
    {
        await using var home = await Household.StartAsync(browser, "--speed", "4");
        var page = await home.BrowserAsync(new() { ViewportSize = Browser.Phone, HasTouch = true, IsMobile = true, DeviceScaleFactor = 2 });
        await home.GoAsync(page, "");
        await FitsAsync(page, "welcome");
        await Household.MakeAccountAsync(page, "Anna", Household.Owner);
        await FitsAsync(page, "welcome/sensors");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it" }).TapAsync();
        await FitsAsync(page, "welcome/body");
        await page.GetByRole(AriaRole.Link, new() { Name = "I would rather not say" }).TapAsync();
        await FitsAsync(page, "welcome/safety");
        foreach (var no in await page.GetByLabel("No", new() { Exact = true }).AllAsync())
            await no.TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).TapAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).TapAsync();
        await FitsAsync(page, "welcome/placement");
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).TapAsync();
        await Expect(page.Locator(".calibration-clip")).ToContainTextAsync("is there.");
        await FitsAsync(page, "welcome/calibration");
        await page.Locator("[data-begin='stand']").TapAsync();
        await Expect(page.Locator("[data-step='stand']")).ToHaveAttributeAsync("data-result", "good");
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).TapAsync();
        await page.WaitForURLAsync(home.Url.ToString());
        await FitsAsync(page, "");

        await TapSectionAsync(page, "Roll");
        await Household.FollowsAsync(page);
        await ThumbsHitAsync(page, "choose");
        await page.Locator(".offer").First.TapAsync();
        await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");
        await ThumbsHitAsync(page, "work");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).TapAsync();
        await Expect(page.Locator(".paused")).ToBeVisibleAsync();
        await ThumbsHitAsync(page, "paused");
        await page.Locator(".resume").TapAsync();
        await Expect(page.Locator(".paused")).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Wrong muscle" }).TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Calf, right", Exact = true }).TapAsync();
        await Expect(page.Locator(".undo")).ToBeVisibleAsync();
        await ThumbsHitAsync(page, "undo");
        await page.Locator(".undo").TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "It hurts" }).TapAsync();
        await ThumbsHitAsync(page, "ask");
        await page.Locator(".characters label").Filter(new() { HasText = "Sharp" }).TapAsync();
        await page.Locator(".ask [data-pain='2']").TapAsync();
        await Expect(page.Locator(".stop")).ToBeVisibleAsync();
        await FitsAsync(page, "stop");

        await TapSectionAsync(page, "Before / after");
        await Expect(page.Locator(".outcome-none")).ToBeVisibleAsync();
        await ThumbsHitAsync(page, "test");
        await TapSectionAsync(page, "Posture");
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-state", "live");
        await FitsAsync(page, "posture");
        await page.Locator("[data-snooze]").First.TapAsync();
        await Expect(page.Locator(".snooze-said")).ToContainTextAsync("No reminders until");
        await TapSectionAsync(page, "Progress");
        await FitsAsync(page, "progress");
    }

    [Fact]
    public async Task With_a_keyboard_alone_somebody_signs_in_rolls_reports_pain_measures_snoozes_and_signs_out()
    {
        await using var home = await Household.StartAsync(browser, "--simulate=follow", "--speed", "4");
        await home.OwnerAsync();
        var page = await home.BrowserAsync();
        var keys = page.Keyboard;
        await home.GoAsync(page, "");
        await Expect(page.GetByLabel("User name")).ToBeFocusedAsync();
        await keys.TypeAsync(Household.Owner);
        await page.TabToAsync(page.GetByLabel("Password"));
        await keys.TypeAsync(Household.Password);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("sensorhub-live")).ToHaveAttributeAsync("data-state", "live");

        // Roll: begin a set of the first order, say that it hurts a little.
        await FollowAsync(page, "Roll");
        await Household.FollowsAsync(page);
        await page.TabToAsync(page.Locator(".offer").First);
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".pause")).ToBeFocusedAsync();
        await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");
        await page.TabToAsync(page.GetByRole(AriaRole.Button, new() { Name = "It hurts" }));
        await keys.PressAsync("Space");
        await Expect(page.Locator("#ask-title")).ToBeFocusedAsync();
        await page.TabToAsync(page.Locator(".characters input[value='pressure']"), outlined: ".characters label:focus-within span");
        await keys.PressAsync("ArrowRight");
        await Expect(page.Locator(".characters input[value='sharp']")).ToBeCheckedAsync();
        await keys.PressAsync("ArrowLeft");
        await page.TabToAsync(page.Locator(".ask [data-pain='3']"));
        await keys.PressAsync("Space");
        await Expect(page.Locator(".ask")).ToBeHiddenAsync();
        Assert.Equal("3", (await home.Carried.UntilAsync("session", s => s["pain_nrs"] is not null))["pain_nrs"]);
        await page.TabToAsync(page.Locator(".pause"));
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".resume")).ToBeFocusedAsync();

        await FollowAsync(page, "Before / after");
        await Household.FollowsAsync(page);
        await page.TabToAsync(page.Locator(".begin-worn"));
        await keys.PressAsync("Enter");
        await Expect(page.Locator("[data-field='protocol.step']")).ToHaveTextAsync("Stand still");
        await home.Carried.UntilAsync("events", e => e["type"] == "protocol" && e["step"] == "stand");

        await FollowAsync(page, "Posture");
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-state", "live");
        await page.TabToAsync(page.Locator("[data-snooze]").First);
        await keys.PressAsync("Space");
        await Expect(page.Locator(".snooze-said")).ToContainTextAsync("No reminders until");

        await page.TabToAsync(page.Locator(".account-link"));
        await keys.PressAsync("Enter");
        await page.WaitForURLAsync("**/account");
        await page.TabToAsync(page.GetByRole(AriaRole.Button, new() { Name = "Sign out here" }));
        await keys.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true })).ToBeVisibleAsync();
        await home.GoAsync(page, "roll");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true })).ToBeVisibleAsync();
    }

    private static async Task TapSectionAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).TapAsync();
        await Expect(page.Locator(".sections [aria-current='page']")).ToHaveTextAsync(name);
    }

    private static async Task FollowAsync(IPage page, string section)
    {
        await page.TabToAsync(page.GetByRole(AriaRole.Link, new() { Name = section, Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".sections [aria-current='page']")).ToHaveTextAsync(section);
    }

    private static async Task FitsAsync(IPage page, string state)
    {
        await Expect(page.Locator("main h1").First).ToBeAttachedAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{state} is wider than the screen");
    }

    /// <summary>What is tapped while rolling is at least 44 CSS pixels wide and high.</summary>
    private static async Task ThumbsHitAsync(IPage page, string state)
    {
        await FitsAsync(page, state);
        Assert.Equal("", await page.EvaluateAsync<string>("""
            () => [...document.querySelectorAll("main button, main a, main select, main label:has(input)")].filter(e => e.offsetParent !== null)
              .map(e => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width < 44 || box.height < 44)
              .map(([e, box]) => `${e.textContent.trim()} ${Math.round(box.width)}×${Math.round(box.height)}`).join("\n")
            """));
    }
}

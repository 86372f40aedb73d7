using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Journeys;

/// <summary>Somebody alone at home: reminded of their posture, and rolling while a sensor is lost.</summary>
[Collection("journeys")]
public sealed class AtHomeTests(Browser browser)
{
    [Fact]
    public async Task A_reminder_of_slouching_is_shown_once_on_each_open_page_and_not_again_after_a_reload()
    {
        await using var home = await Household.StartAsync(browser, "--simulate=follow", "--speed", "6");
        var page = await home.OwnerAsync();
        await home.GoAsync(page, "posture");
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-state", "live");
        await page.GetByRole(AriaRole.Button, new() { Name = "Calibrate standing" }).ClickAsync();
        await Expect(page.Locator(".zero-said")).ToHaveAttributeAsync("data-accepted", "true");
        var second = await page.Context.NewPageAsync();
        await home.GoAsync(second, "posture");
        await Expect(second.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-state", "live");

        // They sit down and slump, until they are reminded.
        await AskAsync(page, "sit_slumped");
        var cue = await home.Carried.UntilAsync("cues", c => c["code"] == "slouching");
        await AskAsync(page, "stand");
        foreach (var open in (IPage[])[page, second])
        {
            await Expect(open.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-reminders", "1");
            await Expect(open.Locator("[data-field='reminder.last']")).ToHaveAttributeAsync("data-time", cue.Time);
            await Expect(open.Locator("[data-field='reminder.last']")).ToContainTextAsync("Sit up, or stand tall.");
        }

        // A page that is opened again does not say it again; and they stand up.
        await page.ReloadAsync();
        await Expect(page.Locator("[data-field='posture.phase']")).ToHaveTextAsync("Standing");
        var stood = await home.Carried.UntilAsync("posture", p => p["phase"] == "standing" && string.CompareOrdinal(p.Time, cue.Time) > 0);
        await home.Carried.UntilAsync("posture", p => DateTimeOffset.Parse(p.Time, null) > DateTimeOffset.Parse(stood.Time, null) + TimeSpan.FromSeconds(10));
        await Expect(page.Locator("sensorhub-posture")).Not.ToHaveAttributeAsync("data-reminders", new System.Text.RegularExpressions.Regex(".*"));
        await Expect(second.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-reminders", $"{home.Carried.All("cues").Count(c => c["code"] == "slouching")}");
        Assert.Single(home.Carried.All("cues"), c => c["code"] == "slouching");
    }

    [Fact]
    public async Task A_roller_that_is_lost_pauses_the_page_which_says_so_and_goes_on_with_the_seconds_it_had()
    {
        await using var home = await Household.StartAsync(browser, "--simulate=follow", "--speed", "2", "--outage", "14:10");
        var page = await home.OwnerAsync();
        await page.AddInitScriptAsync(Watching);
        await home.GoAsync(page, "roll");
        await Household.RollFreelyAsync(page, "Hamstrings, left");
        var lost = await home.Carried.UntilAsync("status", s => s["kind"] == "roller" && s["link"] == "lost");
        await home.Carried.UntilAsync("rolling", r => r["contact"] == "True" && r.Number("set_contact_s") > 0 && string.CompareOrdinal(r.Time, lost.Time) > 0);

        var said = await page.Locator(".lost").EvaluateAsync<string>("() => window.seen.lost.join('\\n')");
        Assert.Contains("lost its link. Bring it closer or check its battery. It goes on by itself when it is back.", said);
        await Expect(page.Locator(".lost")).ToBeHiddenAsync();
        await Expect(page.Locator("[data-field='now.eyebrow']")).ToHaveTextAsync("Now");
        await IsSoAsync(page, "window.spoken.includes('It is back. Go on.')");
        Assert.Contains(await page.SpokenAsync(), words => words.StartsWith("Paused. ", StringComparison.Ordinal));

        // The clock of the set never went back, and it goes on.
        await IsSoAsync(page, "Math.max(...window.seen.seconds) > window.seen.before + 3");
        var seconds = JsonSerializer.Deserialize<int[]>(await page.EvaluateAsync<string>("JSON.stringify(window.seen.seconds)"))!;
        Assert.Equal(seconds.Order(), seconds);
        Assert.True(await page.EvaluateAsync<int>("window.seen.before") > 0, await page.EvaluateAsync<string>("JSON.stringify(window.seen)"));
        await home.ShownIsCarriedAsync(page.Locator("[data-field='rolling.set_contact_s']"), "rolling", "set_contact_s");
    }

    private static Task IsSoAsync(IPage page, string condition) => Patiently.Until(() => page.EvaluateAsync<bool>(condition), () => condition);

    /// <summary>The virtual person does a step of the test.</summary>
    private static async Task AskAsync(IPage page, string step) => Assert.Equal(202, await page.EvaluateAsync<int>("""
        async step => (await fetch("live/command", {
          method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ schema: "command/1", command: "begin_step", run: "before", step, side: "none" }),
        })).status
        """, step));

    /// <summary>Keeps each text of the panel that says what is lost, and each second that the set's clock shows.</summary>
    private const string Watching = """
        window.seen = { lost: [], seconds: [], before: 0 };
        const look = () => {
          const lost = document.querySelector(".lost"), clock = document.querySelector("[data-field='rolling.set_contact_s']");
          if (!lost || !clock) return;
          const text = lost.hidden ? "" : lost.textContent.trim();
          if (text && window.seen.lost.at(-1) !== text) window.seen.lost.push(text);
          const [minutes, seconds] = clock.textContent.split(":").map(Number);
          const shown = 60 * minutes + seconds;
          if (!text && !window.seen.lost.length) window.seen.before = shown;
          if (window.seen.seconds.at(-1) !== shown) window.seen.seconds.push(shown);
        };
        document.addEventListener("DOMContentLoaded", () =>
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["hidden"] }));
        """;
}

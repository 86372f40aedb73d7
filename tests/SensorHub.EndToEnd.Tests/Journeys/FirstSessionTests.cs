using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Journeys;

/// <summary>From the first visit to the first outcome, with the simulated sensors that the first run offers, twenty times as fast as life.</summary>
[Collection("journeys")]
public sealed class FirstSessionTests(Browser browser)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_first_visit_to_an_outcome_that_says_what_the_recording_says()
    {
        await using var home = await Household.StartAsync(browser, "--speed", "20");
        var page = await home.BrowserAsync();
        await FirstRunAsync(home, page);

        await home.ShownIsCarriedAsync(page.Locator("[data-field='posture.lordosis_deg']"), "posture", "lordosis_deg");
        await home.ShownIsCarriedAsync(page.Locator("[data-field='session.duration_s']"), "session", "duration_s");

        await page.GetByRole(AriaRole.Link, new() { Name = "Before / after" }).ClickAsync();
        await Expect(page.Locator(".outcome-none")).ToBeVisibleAsync();
        await Household.FollowsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "The clip is on and calibrated" }).ClickAsync();
        await MeasureAsync(page, "Before rolling", pain: 4);

        await page.GetByRole(AriaRole.Link, new() { Name = "Roll now" }).ClickAsync();
        await RollAsync(home, page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Before / after" }).ClickAsync();
        await MeasureAsync(page, "After rolling, first time", pain: 2);

        await Expect(page.Locator(".outcome-run[data-run='after_two_minutes']")).ToBeVisibleAsync();
        var shown = JsonSerializer.Deserialize<Dictionary<string, string[]>>(await page.Locator(".outcome-run[data-run='after_two_minutes']").EvaluateAsync<string>("""
            run => JSON.stringify(Object.fromEntries([...run.querySelectorAll("tr[data-measure]")].map(row => [row.dataset.measure,
              ["before", "after"].map(label => row.querySelector(`[data-label=${label}]`).textContent)])))
            """))!;
        var main = page.Locator(".outcome-main[data-measure='pelvic_rotation']");
        var values = await main.Locator(".outcome-values span:not([aria-hidden]):not(.visually-hidden)").AllInnerTextsAsync();
        var verdict = await main.GetAttributeAsync("data-verdict");

        // The panel says what 'sensorhub analyze outcome' says of the recording.
        await home.Hub.InterruptAsync();
        var rows = await AnalyzeAsync(home);
        Assert.Equal(verdict, rows["pelvic_rotation"]["verdict"]);
        Assert.Equal([Degrees(rows["pelvic_rotation"]["before"]), Degrees(rows["pelvic_rotation"]["after"])], values);
        Assert.Equal(["4", "2"], shown["pain"]);
        foreach (var (measure, beforeAndAfter) in shown.Where(m => rows[m.Key]["unit"] == "deg"))
            Assert.Equal([Degrees(rows[measure]["before"]), Degrees(rows[measure]["after"])], beforeAndAfter);

        // And the bends are those that were said on MQTT, as somebody else found them: three before and three after, whose pelvis went 30° and 40°.
        var (before, after) = BendsHeard(home.Carried);
        Assert.InRange(Number(rows["pelvic_rotation"]["before"]), before - 2, before + 2);
        Assert.InRange(Number(rows["pelvic_rotation"]["after"]), after - 2, after + 2);
        TestContext.Current.TestOutputHelper?.WriteLine(
            FormattableString.Invariant($"pelvis before {rows["pelvic_rotation"]["before"]}° (heard {before:0.0}°, true 30°), after {rows["pelvic_rotation"]["after"]}° (heard {after:0.0}°, true 40°): {verdict}"));
    }

    /// <summary>All steps of the first run, with simulated sensors.</summary>
    private static async Task FirstRunAsync(Household home, IPage page)
    {
        await home.GoAsync(page, "");
        await Expect(page).ToHaveURLAsync(new Uri(home.Url, "welcome").ToString());
        await Household.MakeAccountAsync(page, "Anna", Household.Owner);
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it" }).ClickAsync();
        await page.GetByLabel("Body mass, kg").FillAsync("72");
        await page.GetByLabel("Height, cm").FillAsync("178");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await page.WaitForURLAsync("**/welcome/safety");
        await Household.AnswerSafetyAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Where they go");
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).ClickAsync();

        await Expect(page.Locator(".calibration-clip")).ToContainTextAsync("is there.");
        foreach (var step in (string[])["stand", "bends"])
        {
            await page.Locator($"[data-begin='{step}']").ClickAsync();
            await Expect(page.Locator($"[data-step='{step}']")).ToHaveAttributeAsync("data-result", "good");
            var said = await home.Carried.UntilAsync("events", e => e["type"] == "calibration" && e["step"] == step);
            Assert.Equal("True", said["accepted"]);
            Assert.NotNull(said["calibration"]);
            if (step == "stand")
                await Expect(page.Locator("[data-verdict='stand']")).ToContainTextAsync(FormattableString.Invariant($"The lower part leans {said.Number("lower_standing_deg"):0.0}°"));
            else
                await Expect(page.Locator("[data-verdict='bends']")).ToContainTextAsync(FormattableString.Invariant(
                    $"{Math.Round(100 * Math.Min(said.Number("lower_axis_explained"), said.Number("upper_axis_explained")), MidpointRounding.AwayFromZero)} % in one plane"));
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await page.WaitForURLAsync(home.Url.ToString());
    }

    /// <summary>A run of the test, in which the virtual person does each step as the page says it.</summary>
    private static async Task MeasureAsync(IPage page, string run, int pain)
    {
        var levels = page.Locator(".step .levels");
        await Expect(page.Locator("[data-field='protocol.run']")).ToHaveTextAsync(run);
        await Expect(levels).ToBeVisibleAsync(new() { Timeout = 120_000 });
        await levels.Locator($"[data-pain='{pain}']").ClickAsync();
        await Expect(levels).ToBeHiddenAsync();
    }

    /// <summary>Some seconds of rolling without a plan; what the page sums up is the dose that was carried.</summary>
    private static async Task RollAsync(Household home, IPage page)
    {
        await Household.RollFreelyAsync(page, "Hamstrings, left");
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Hamstrings");
        await home.ShownIsCarriedAsync(page.Locator("[data-field='rolling.set_contact_s']"), "rolling", "set_contact_s");
        await home.Carried.UntilAsync("rolling", r => r.Payload.TryGetProperty("set_contact_s", out var s) && s.GetDouble() > 30);
        if (await page.Locator(".ask").IsVisibleAsync())
            await page.Locator(".ask [data-pain='4']").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Wrong muscle" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Hamstrings, right", Exact = true }).ClickAsync();
        await home.Carried.UntilAsync("rolling", r => r["side"] == "right" && r.Payload.TryGetProperty("set_contact_s", out var s) && s.GetDouble() > 15);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await page.Locator(".paused .finish").ClickAsync();
        var left = await home.Carried.UntilAsync("events", e => e["type"] == "dose" && e["side"] == "left" && e.Number("done_s") > 0);
        await home.Carried.UntilAsync("events", e => e["type"] == "dose" && e["side"] == "right" && e.Number("done_s") > 0);
        var done = (int)home.Carried.All("events").Last(e => e["type"] == "dose" && e["side"] == "left").Number("done_s");
        await Expect(page.Locator(".done-list")).ToContainTextAsync($"Hamstrings, left: {done / 60}:{done % 60:00} in 1 set");
        Assert.True(left.Number("done_s") > 30);
    }

    /// <summary>Mean rotation of the pelvis in the last three bends of each run, °, from what was said of each.</summary>
    private static (double Before, double After) BendsHeard(Carried carried)
    {
        var rolled = carried.All("events").Last(e => e["type"] == "set").Time;
        // After the bends that calibrate: those of the steps, of which the guide takes the first three.
        var began = carried.All("events").First(e => e["type"] == "protocol" && e["step"] == "bend").Time;
        var bends = carried.All("events").Where(e => e["type"] == "bend" && e.Payload.TryGetProperty("pelvis_deg", out _) && string.CompareOrdinal(e.Time, began) > 0).ToList();
        return (
            bends.Where(b => string.CompareOrdinal(b.Time, rolled) < 0).Take(3).Average(b => b.Number("pelvis_deg")),
            bends.Where(b => string.CompareOrdinal(b.Time, rolled) > 0).Take(3).Average(b => b.Number("pelvis_deg")));
    }

    /// <summary>The first run after rolling of <c>analyze outcome</c>'s table, by measure and column.</summary>
    private static async Task<Dictionary<string, Dictionary<string, string>>> AnalyzeAsync(Household home)
    {
        var csv = Path.Combine(home.Data, "outcome.csv");
        var recording = Directory.GetDirectories(Path.Combine(home.Data, "recordings")).Single(folder => !folder.EndsWith(".tmp", StringComparison.Ordinal));
        await HubProgram.SaysAsync("analyze", "outcome", recording, "--out", csv);
        var lines = await File.ReadAllLinesAsync(csv, Cancelled);
        var header = lines[0].Split(',');
        return lines.Skip(1).Select(line => line.Split(',')).Where(cells => cells[0] == "after_two_minutes").ToDictionary(
            cells => cells[1], cells => header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>As the page writes it.</summary>
    private static string Degrees(string number) => Number(number).ToString("0", CultureInfo.InvariantCulture).Replace('-', '−') + "°";
}

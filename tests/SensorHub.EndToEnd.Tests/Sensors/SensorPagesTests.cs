using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SensorHub.Sensors;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Sensors;

/// <summary>The sensor pages of <c>sensorhub run --simulate</c>, in a browser.</summary>
public sealed partial class SensorPagesTests(Browser browser)
{
    [Fact]
    public async Task Roller_and_clip_stream_the_light_blinks_and_a_name_survives_a_restart()
    {
        var data = HubProgram.NewFolder();
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);

        await using (var hub = Start(data))
        {
            await page.GotoAsync($"{await hub.Page}sensors");
            foreach (var kind in (string[])["roller", "clip"])
                await Expect(page.Locator($".sensor-cards [data-kind='{kind}'] [data-field='link']")).ToHaveTextAsync(Streaming());
            await page.Locator(".sensor-cards [data-kind='roller'] a").ClickAsync();
            await Expect(page.Locator(".streams tbody tr").First).ToContainTextAsync("100 Hz");
            await Expect(page.Locator("[data-field='firmware']")).ToHaveTextAsync("1.0.0-sim");
            await Expect(page.Locator("[data-field='battery']")).ToHaveTextAsync(Percent());
            await Expect(page.Locator("[data-field='clock']")).ToHaveTextAsync(Milliseconds());
            await Expect(page.Locator(".cell-force").First).ToHaveTextAsync(Newtons());
            await page.Locator(".identify").ClickAsync();
            await Expect(page.Locator(".setup .said")).ToContainTextAsync("blinks");
            await page.Locator(".rename input").FillAsync("Blue roller");
            await page.Locator(".rename button").ClickAsync();
            await Expect(page.Locator("h1")).ToHaveTextAsync("Blue roller");
            Assert.Equal(0, await hub.InterruptAsync());
            Assert.Empty(hub.Errors);
        }
        Assert.DoesNotContain("virtual-", await page.ContentAsync()); // an address

        await using var next = Start(data);
        await page.GotoAsync($"{await next.Page}sensors");
        await Expect(page.Locator(".sensor-cards [data-kind='roller'] [data-field='name']")).ToHaveTextAsync("Blue roller");
        Assert.True(File.Exists(Path.Combine(data, KnownSensors.SimulatedFileName)));
        Assert.False(File.Exists(Path.Combine(data, KnownSensors.FileName)));
        Assert.Equal(0, await next.InterruptAsync());
    }

    private static HubProgram Start(string data) => HubProgram.Start("run", "--simulate", "--port", "0", "--mqtt-port", "0", "--data", data);

    [GeneratedRegex("^Streaming")]
    private static partial Regex Streaming();

    [GeneratedRegex(@"^\d+ %$")]
    private static partial Regex Percent();

    [GeneratedRegex(@"^± \d+\.\d ms$")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"^−?\d+ N$")]
    private static partial Regex Newtons();
}

#if PICTURES
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Journeys;

/// <summary>
/// What a session page costs through the whole program, and how late it is. Built with <c>-p:Pictures=true</c> alone: it prints and asserts nothing, for numbers are a machine's.
/// The virtual sensors run in real time, so a sample's event time is the wall clock when it was taken, to within the fit of the sample clock (a millisecond or two, shown on the page).
/// </summary>
[Collection("journeys")]
public sealed class SessionMeasurements(Browser browser)
{
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Live_and_roll_while_somebody_rolls()
    {
        await using var home = await Household.StartAsync(browser, "--simulate=follow");
        var page = await home.OwnerAsync();
        await home.GoAsync(page, "posture");
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-state", "live");
        await page.GetByRole(AriaRole.Button, new() { Name = "Calibrate standing" }).ClickAsync();
        await Expect(page.Locator(".zero-said")).ToHaveAttributeAsync("data-accepted", "true");
        await home.GoAsync(page, "roll");
        await Household.RollFreelyAsync(page, "Hamstrings, left");
        await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");

        Say(FormattableString.Invariant($"processors {Environment.ProcessorCount}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, a busy loop is credited with {Processors.CreditOfABusyLoop(TimeSpan.FromSeconds(2)):0} % of one"));
        Say($"/roll  {await CostAsync(home, page)}");
        await home.GoAsync(page, "");
        await Expect(page.Locator("sensorhub-live")).ToHaveAttributeAsync("data-state", "live");
        Say($"/      {await CostAsync(home, page)}");
    }

    private static async Task<string> CostAsync(Household home, IPage page)
    {
        await Task.Delay(Warm, TimeProvider.System, Cancelled);
        await page.EvaluateAsync(Watching);
        var (server, chromium, start) = (Processors.Of(home.Hub.Id), Processors.OfBrowser(), TimeProvider.System.GetTimestamp());
        await Task.Delay(Measured, TimeProvider.System, Cancelled);
        using var json = JsonDocument.Parse(await page.EvaluateAsync<string>("JSON.stringify(window.measured)"));
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        var measured = json.RootElement;
        return string.Create(CultureInfo.InvariantCulture,
            $"drawn/s {measured.GetProperty("frames").GetInt32() / elapsed.TotalSeconds:0.0}; stamp → page {Delays("arrived")}; stamp → gauge {Delays("gauge")}; stamp → numbers {Delays("numbers")}; server {100 * (Processors.Of(home.Hub.Id) - server) / elapsed:0} %, browser {100 * (Processors.OfBrowser() - chromium) / elapsed:0} %");

        string Delays(string what)
        {
            double[] delays = [.. measured.GetProperty(what).EnumerateArray().Select(d => d.GetDouble()).Order()];
            return delays.Length == 0 ? "never" : string.Create(CultureInfo.InvariantCulture, $"p50 {delays[delays.Length / 2]:0} p95 {delays[delays.Length * 95 / 100]:0} ms ({delays.Length})");
        }
    }

    /// <summary>Frames in which the page itself drew the gauge or the chart; and for each estimate of rolling how old it was when it came, when the gauge showed it and when the numbers did, ms.</summary>
    private const string Watching = """
        () => {
          const page = document.querySelector("sensorhub-live, sensorhub-roll");
          const age = time => Date.now() - Date.parse(time);
          const measured = window.measured = { frames: 0, arrived: [], gauge: [], numbers: [] };
          let frame = null, drawn = null, came = null;
          const count = () => { frame ??= requestAnimationFrame(() => { frame = null; }) && ++measured.frames; };
          const draw = page.gauge.draw.bind(page.gauge);
          page.gauge.draw = reading => {
            draw(reading);
            count();
            if (page.rolling && page.rolling.time !== drawn) measured.gauge.push(age(drawn = page.rolling.time));
          };
          if (page.chart) {
            const chart = page.chart.draw.bind(page.chart);
            page.chart.draw = (...how) => { chart(...how); count(); };
          }
          const take = page.accept ? "accept" : "take";
          const taken = page[take].bind(page);
          page[take] = (message, known) => {
            if (message.topic.endsWith("/rolling") && message.payload.time !== came) measured.arrived.push(age(came = message.payload.time));
            taken(message, known);
          };
          const field = document.querySelector("[data-field='rolling.strokes']");
          new MutationObserver(() => measured.numbers.push(age(field.dataset.time))).observe(field, { attributeFilter: ["data-time"] });
        }
        """;

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine($"MEASURED {line}");
}
#endif

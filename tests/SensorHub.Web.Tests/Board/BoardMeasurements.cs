#if PICTURES
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Mqtt.Contract;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Board;

/// <summary>What the board costs. Built with <c>-p:Pictures=true</c> alone: it prints and asserts nothing, for numbers are a machine's.</summary>
public sealed class BoardMeasurements(Browser browser)
{
    private const int Twelve = 12;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Twelve_tiles_fed_at_25_Hz()
    {
        await using var web = await WebHost.StartAsync(allHubs: true);
        Person[] people = [.. Enumerable.Range(1, Twelve).Select(n => new Person($"p{n}", $"s{n}"))];
        using var stop = new CancellationTokenSource();
        var feeding = FeedAsync(web, people, stop.Token);
        var idle = await CostAsync(); // of feeding alone
        var page = await web.OpenAsync(browser, path: "/board");
        await Expect(page.Locator(".board-tile")).ToHaveCountAsync(Twelve);
        await Task.Delay(Warm, TimeProvider.System, TestContext.Current.CancellationToken);
        await page.EvaluateAsync("""
            () => {
              window.delays = [];
              for (const tile of document.querySelector('sensorhub-board').tiles.values()) {
                const draw = tile.draw.bind(tile);
                let last = null;
                tile.draw = () => {
                  draw();
                  const time = tile.rolling?.time;
                  if (time && time !== last) window.delays.push(Date.now() - Date.parse(time));
                  last = time;
                  tile.counted = (tile.counted ?? 0) + 1;
                };
              }
            }
            """);
        var (server, chromium) = await CostAsync();
        var drawn = await page.EvaluateAsync<double[]>("() => [...document.querySelector('sensorhub-board').tiles.values()].map(t => t.counted)");
        var delays = await page.EvaluateAsync<double[]>("() => window.delays.sort((a, b) => a - b)");
        await stop.CancelAsync();
        await feeding;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"MEASURED drawn/s per tile {drawn.Average() / Measured.TotalSeconds:0.0} (least {drawn.Min() / Measured.TotalSeconds:0.0}), stamp → drawn p50 {delays[delays.Length / 2]:0} ms, p95 {delays[delays.Length * 95 / 100]:0} ms, server {server:0} % (of it feeding {idle.Server:0} %), browser {chromium:0} %, processors {Environment.ProcessorCount}"));

        async Task<(double Server, double Browser)> CostAsync()
        {
            var (own, others, start) = (Process.GetCurrentProcess().TotalProcessorTime, Processors.OfBrowser(), TimeProvider.System.GetTimestamp());
            await Task.Delay(Measured, TimeProvider.System, TestContext.Current.CancellationToken);
            var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            return (100 * (Process.GetCurrentProcess().TotalProcessorTime - own).TotalSeconds / seconds, 100 * (Processors.OfBrowser() - others).TotalSeconds / seconds);
        }
    }

    private static async Task FeedAsync(WebHost web, Person[] people, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(40), TimeProvider.System);
        HubMessages[] hubs = [.. people.Select((_, n) => new HubMessages(Core.Slug.Parse($"hub-{n + 1}")))];
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                for (var n = 0; n < people.Length; n++)
                {
                    var second = (TimeProvider.System.GetUtcNow() - Person.Begin.ToDateTimeOffset()).TotalSeconds;
                    foreach (var feature in people[n].All(second))
                        web.Feed.Receive(hubs[n].Write(feature));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
#endif

using Microsoft.Playwright;

namespace SensorHub.Web.Tests.Live;

public sealed class PlaybackClockTests(Browser browser)
{
    [Fact]
    public async Task Runs_smoothly_behind_data_that_come_in_bursts()
    {
        // 25 points a second in bursts of five; 60 frames a second for 10 s.
        var steps = await StepsAsync("at => Math.floor(at / 0.2) * 0.2");
        Assert.All(steps.Skip(60), step => Assert.InRange(step, 0.5, 1.5));
        Assert.Equal(1, steps.Skip(60).Average(), 0.02);
    }

    [Fact]
    public async Task Runs_on_through_an_outage_and_stays_behind_afterwards()
    {
        var steps = await StepsAsync("at => at < 4 || at > 6 ? at : 4");
        Assert.All(steps.Skip(60), step => Assert.InRange(step, 0.5, 1.5));
    }

    [Fact]
    public async Task Follows_a_replay_that_is_faster_than_life()
    {
        var steps = await StepsAsync("at => at * 10");
        Assert.All(steps.Skip(240), step => Assert.InRange(step, 7, 13));
    }

    [Fact]
    public async Task History_delivered_at_once_is_not_a_fast_replay()
    {
        var steps = await StepsAsync("at => at + 30", "for (let t = 0; t < 30; t += 0.04) clock.arrived(t, 0, true);");
        Assert.All(steps.Skip(1), step => Assert.InRange(step, 0.5, 1.5));
    }

    /// <summary>Event seconds per real second from frame to frame.</summary>
    /// <param name="newest">The newest event time that has arrived by a real time, as a function in JavaScript.</param>
    /// <param name="before">What happens to the clock first.</param>
    private async Task<double[]> StepsAsync(string newest, string before = "")
    {
        await using var web = await WebHost.StartAsync();
        var page = await web.OpenAsync(browser, path: "/not-found");
        return await page.EvaluateAsync<double[]>($$"""
            async () => {
              const { PlaybackClock } = await import('/_content/SensorHub.Web/live/playback-clock.js');
              const clock = new PlaybackClock();
              const newest = {{newest}};
              {{before}}
              const steps = [];
              let shown = null;
              for (let n = 0; n < 600; n++) {
                const now = n / 60;
                clock.arrived(newest(now), now, false);
                const next = clock.tick(now);
                if (shown !== null) steps.push((next - shown) * 60);
                shown = next;
              }
              return steps;
            }
            """);
    }
}

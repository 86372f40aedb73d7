using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Live;

public sealed class LivePageTests(Browser browser) : IAsyncLifetime
{
    private readonly Person _person = new();
    private WebHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await WebHost.StartAsync();

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task Every_number_on_the_page_is_one_that_was_carried_with_its_event_time()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(100));
        _web.Feed.Receive(_person.All(125.4));
        await Expect(page.Locator("[data-field='rolling.strokes']")).ToHaveTextAsync("41");

        var carried = new Dictionary<string, JsonElement>
        {
            ["session"] = Parse(_person.SessionAt(125.4)),
            ["posture"] = Parse(_person.Posture(125.4)),
            ["rolling"] = Parse(_person.Rolling(125.4)),
        };
        foreach (var health in _person.Health(125.4))
            carried["sensor " + health.Sensor] = Parse(health);
        var checkedFields = 0;
        foreach (var shown in await ShownAsync(page))
        {
            var (kind, name) = (shown.Field.Split('.')[0], shown.Field.Split('.')[1]);
            var payload = carried[shown.Sensor is null ? kind : $"{kind} {shown.Sensor}"];
            Assert.Equal(payload.GetProperty("time").GetString(), shown.Time);
            if (!payload.TryGetProperty(name, out var field))
                continue; // made of several: checked by its text below
            Assert.Equal(field.ToString(), shown.Value);
            checkedFields++;
        }
        Assert.Equal(24, checkedFields);
    }

    [Fact]
    public async Task Numbers_are_rounded_to_what_they_are_worth()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(125.4));
        foreach (var (field, text) in ((string, string)[])
            [
                ("session.phase", "Rolling"),
                ("session.muscle", "Hamstrings"),
                ("session.side", ", left"),
                ("session.duration_s", "2:05"),
                ("rolling.band", "Good"),
                ("rolling.pressure_kpa", "≈ 32 kPa"),
                ("rolling.pressure_interval", "likely 7–56 kPa"),
                ("rolling.band_kpa", "target 20–50 kPa"),
                ("rolling.force_n", "207 N"),
                ("rolling.body_weight_pct", "28 % of body weight"),
                ("rolling.tempo_s", "3.1"),
                ("rolling.tempo_hint", "✓ good pace"),
                ("rolling.in_band_s", "1:27"),
                ("rolling.contact_s", "1:52"),
                ("posture.lordosis_deg", "23°"),
                ("posture.lordosis_change_deg", "9° flatter than standing"),
            ])
            await Expect(page.Locator($"[data-field='{field}']")).ToHaveTextAsync(text);
    }

    [Fact]
    public async Task A_sensors_health_is_shown_with_battery_loss_rate_and_clock()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(5));
        var clip = page.Locator("[data-sensor='clip-1']");
        await Expect(clip.Locator("dd")).ToHaveTextAsync(["61 %", "2.3 %", "104 Hz", "± 1.3 ms"]);
        await Expect(clip.Locator(".chip")).ToHaveTextAsync("Streaming");
        var roller = page.Locator("[data-sensor='roller-1']");
        await Expect(roller.Locator("dd")).ToHaveTextAsync(["9 %", "0.0 %", "100 Hz", "–"]);
        await Expect(roller).ToHaveAttributeAsync("data-battery", "low");
    }

    [Fact]
    public async Task Pressure_is_told_by_a_word_and_a_shape_besides_the_colour()
    {
        var page = await OpenAsync();
        foreach (var (band, word, shape) in ((Band, string, string)[])[(Band.TooLight, "Too light", "light"), (Band.Good, "Good", "good"), (Band.TooHard, "Too hard", "hard")])
        {
            _person.Band = band;
            _web.Feed.Receive(_person.All(5));
            await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync(word);
            await Expect(page.Locator($".shape-{shape}")).ToBeVisibleAsync();
            await Expect(page.Locator(".shape > *:visible")).ToHaveCountAsync(1);
        }
    }

    [Fact]
    public async Task Where_the_body_mass_is_known_the_gauge_shows_the_force_in_percent_of_it()
    {
        var page = await OpenAsync();
        _web.Feed.Receive([_person.SessionAt(5), _person.Rolling(5) with { BodyWeightBand = (15, 35), Source = ForceSource.Measured }]);
        await Expect(page.Locator("[data-field='rolling.load_pct']")).ToHaveTextAsync("28 % of weight");
        await Expect(page.Locator("[data-field='rolling.pressure_interval']")).ToHaveTextAsync("likely 26–30 %");
        await Expect(page.Locator("[data-field='rolling.band_kpa']")).ToHaveTextAsync("target 15–35 %");
        await Expect(page.Locator("[data-field='rolling.source']")).ToBeEmptyAsync();
        _web.Feed.Receive([_person.Rolling(6) with { BodyWeightBand = (15, 35), Source = ForceSource.Modelled }]);
        await Expect(page.Locator("[data-field='rolling.source']")).ToHaveTextAsync("estimated from body weight, not measured");
    }

    [Fact]
    public async Task A_cue_is_said_in_words_and_a_lesser_one_does_not_cover_a_graver_one()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(5));
        var cue = page.Locator(".cue");
        await Expect(cue).ToBeHiddenAsync();
        _web.Feed.Receive(_person.Cue(6, CueCode.OverForce, CueLevel.Warn));
        await Expect(cue).ToHaveTextAsync("Ease off: less weight on the roller.");
        _web.Feed.Receive(_person.Cue(6.1, CueCode.Pain, CueLevel.Stop), _person.Cue(6.2, CueCode.SetDone, CueLevel.Info));
        await Expect(cue).ToHaveTextAsync("Stop rolling.");
        await Expect(cue).ToHaveAttributeAsync("data-level", "stop");
    }

    [Fact]
    public async Task Before_the_first_session_the_page_says_how_to_begin()
    {
        var page = await OpenAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No session yet" })).ToBeVisibleAsync();
        await Expect(page.GetByText("sensorhub run --simulate")).ToBeVisibleAsync();
        await Expect(page.Locator(".pressure")).ToBeHiddenAsync();
        _web.Feed.Receive(_person.All(1));
        await Expect(page.Locator(".pressure")).ToBeVisibleAsync();
        await Expect(page.Locator(".empty")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_banner_says_when_data_stop_and_goes_when_they_come_again()
    {
        var page = await OpenAsync();
        var stale = page.Locator("[data-banner='stale']");
        await PlayWhileAsync(0, async () =>
        {
            await Expect(page.Locator("sensorhub-live")).ToHaveAttributeAsync("data-state", "live");
            await Expect(stale).ToHaveCountAsync(0);
        });
        await Expect(stale).ToContainTextAsync("No data.");
        await PlayWhileAsync(10, () => Expect(stale).ToHaveCountAsync(0));
    }

    [Fact]
    public async Task A_lost_sensor_has_a_banner_with_its_name()
    {
        _person.ClipLink = LinkState.Lost;
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(1));
        await Expect(page.Locator("[data-banner='lost']")).ToContainTextAsync("Clip 1 lost its link.");
        await Expect(page.Locator("[data-sensor='clip-1'] .chip")).ToHaveTextAsync("Lost");
        _person.ClipLink = LinkState.Streaming;
        _web.Feed.Receive(_person.All(2));
        await Expect(page.Locator("[data-banner='lost']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task When_the_hub_is_gone_the_page_says_so()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(1));
        await Expect(page.Locator("sensorhub-live")).ToHaveAttributeAsync("data-state", "live");
        await _web.StopAsync();
        await Expect(page.Locator("[data-banner='hub']")).ToContainTextAsync("The hub does not answer.");
    }

    [Fact]
    public async Task After_the_end_the_result_stays_and_no_data_is_no_alarm()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(125.4));
        _person.State = SessionEvent.Ended;
        _web.Feed.Receive(_person.SessionAt(125.5));
        await Expect(page.Locator("[data-field='session.phase']")).ToHaveTextAsync("Finished");
        await Expect(page.Locator("[data-field='session.event']")).ToHaveTextAsync("Session ended");
        await Expect(page.Locator("[data-field='rolling.strokes']")).ToHaveTextAsync("41");
        await Expect(page.Locator("sensorhub-live")).ToHaveAttributeAsync("data-stale", "false");
    }

    [Fact]
    public async Task A_page_that_opens_late_has_the_whole_chart_and_gaps_break_its_line()
    {
        for (var n = 0; n < 750; n++)
            if (n is < 250 or > 300)
                _web.Feed.Receive(_person.Posture(n / 25.0));
        var page = await OpenAsync();
        await Expect(page.Locator(".gaps rect")).ToHaveCountAsync(1);
        // The drawn line, as (x from, x to) of each run of joined pieces.
        var runs = await page.EvaluateAsync<double[][]>("""
            () => {
              const chart = document.querySelector('sensorhub-live').chart;
              const runs = [];
              for (const { points } of chart.chunks) {
                const [from, to] = [chart.x(points[0].t), chart.x(points.at(-1).t)];
                if (runs.length && Math.abs(runs.at(-1)[1] - from) < 0.01) runs.at(-1)[1] = to;
                else runs.push([from, to]);
              }
              return runs.map(run => run.map(x => x / chart.scale));
            }
            """);
        Assert.Equal(2, runs.Length);
        Assert.Equal(9.96, runs[0][1] - runs[0][0], 0.002);
        Assert.Equal(2.08, runs[1][0] - runs[0][1], 0.002);
    }

    [Fact]
    public async Task The_chart_scrolls_with_each_frame_and_in_steps_for_whoever_prefers_less_motion()
    {
        var (smooth, stepped) = (await OpenAsync(), await OpenAsync(ReducedMotion.Reduce));
        await PlayWhileAsync(0, async () =>
        {
            Assert.Contains(await StepsAsync(smooth), step => Math.Abs(step - Math.Round(step)) > 0.01);
            Assert.All(await StepsAsync(stepped), step => Assert.Equal(Math.Round(step), step, 0.01));
        });

        // From frame to frame, by how many seconds the chart has moved.
        static async Task<double[]> StepsAsync(IPage page)
        {
            await Expect(page.Locator(".lines path").First).ToBeAttachedAsync();
            return await page.EvaluateAsync<double[]>("""
                async () => {
                  const { chart } = document.querySelector('sensorhub-live');
                  const places = [];
                  for (let n = 0; n < 60; n++) {
                    await new Promise(requestAnimationFrame);
                    const x = chart.moving.transform.baseVal.getItem(0).matrix.e / chart.scale;
                    if (x !== places.at(-1)) places.push(x);
                  }
                  return places.slice(1).map((x, n) => places[n] - x);
                }
                """);
        }
    }

    [Fact]
    public async Task Another_persons_session_takes_the_page_over()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.All(125.4));
        await Expect(page.Locator("[data-field='rolling.strokes']")).ToHaveTextAsync("41");
        var other = new Person("p2", "s2") { Phase = Phase.Standing };
        _web.Feed.Receive(other.SessionAt(1), other.Posture(1));
        await Expect(page.Locator("[data-field='session.phase']")).ToHaveTextAsync("Standing");
        await Expect(page.Locator("[data-field='rolling.strokes']")).ToHaveTextAsync("–");
    }

    [Fact]
    public async Task Nothing_is_asked_of_other_servers_and_nothing_breaks_the_policy()
    {
        var page = await _web.OpenAsync(browser, path: "/not-found");
        List<string> asked = [], complaints = [];
        page.Request += (_, request) => asked.Add(request.Url);
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        await page.GotoAsync(_web.Address.ToString());
        _web.Feed.Receive(_person.All(1));
        await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");
        Assert.All(asked, url => Assert.StartsWith(_web.Address.ToString(), url, StringComparison.Ordinal));
        Assert.Empty(complaints);
    }

    private async Task<IPage> OpenAsync(ReducedMotion motion = ReducedMotion.NoPreference)
    {
        var page = await _web.OpenAsync(browser, new() { ViewportSize = Browser.Desktop, ReducedMotion = motion });
        await Expect(page.Locator("sensorhub-live")).Not.ToHaveAttributeAsync("data-state", "connecting");
        return page;
    }

    private async Task PlayWhileAsync(double from, Func<Task> check)
    {
        using var stop = new CancellationTokenSource();
        var playing = _person.PlayAsync(_web.Feed, from, stop.Token);
        await check();
        await stop.CancelAsync();
        await playing;
    }

    private static JsonElement Parse(Feature feature) => JsonDocument.Parse(feature.Json()).RootElement;

    private sealed record Shown(string Field, string Value, string Time, string? Sensor);

    private static async Task<IReadOnlyList<Shown>> ShownAsync(IPage page)
    {
        var all = await page.EvaluateAsync<JsonElement>("""
            () => [...document.querySelectorAll('[data-value]')].map(e =>
              ({ Field: e.dataset.field, Value: e.dataset.value, Time: e.dataset.time, Sensor: e.closest('[data-sensor]')?.dataset.sensor ?? null }))
            """);
        return all.Deserialize<List<Shown>>()!;
    }
}

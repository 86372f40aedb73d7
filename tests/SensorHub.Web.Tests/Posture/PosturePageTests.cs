using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Web.Live;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Posture;

public sealed class PosturePageTests(Browser browser) : IAsyncLifetime
{
    private const string Path = "/posture?day=2026-03-02";

    private readonly Person _person = new() { Phase = Phase.Standing };
    private readonly StoredHistory _stored = new();
    private readonly List<IBrowserContext> _contexts = [];
    private WebHost _web = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await WebHost.StartAsync(history: _stored.History);
        _web.Services.GetRequiredService<BrokerFeed>();
        _web.Feed.Trouble = static () => null; // as if there were a broker
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
        await _web.DisposeAsync();
        await _stored.DisposeAsync();
    }

    [Fact]
    public async Task The_angle_its_band_and_the_phase_are_those_that_were_carried()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.Posture(1));
        _web.Feed.Receive(_person.Posture(125.4));
        var carried = Parse(_person.Posture(125.4));
        await page.ShowsAsync("posture.angle", "23°");
        await page.ShowsAsync("posture.interval", "likely 18° to 27°");
        await page.ShowsAsync("posture.words", "9° flatter than standing");
        await page.ShowsAsync("posture.phase", "Standing");
        foreach (var (field, name) in ((string, string)[])[("angle", "lordosis_deg"), ("interval", "lordosis_u_deg"), ("words", "lordosis_change_deg"), ("phase", "phase")])
        {
            await Expect(page.Locator($"[data-field='posture.{field}']")).ToHaveAttributeAsync("data-value", carried.GetProperty(name).ToString());
            await Expect(page.Locator($"[data-field='posture.{field}']")).ToHaveAttributeAsync("data-time", carried.GetProperty("time").GetString()!);
        }
    }

    [Fact]
    public async Task One_element_gives_a_change_and_says_what_it_assumes()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.Posture(1) with { Method = "one-element-change", Lordosis = null, LordosisChange = new Measured(-4.2, 1.4) });
        await page.ShowsAsync("posture.angle", "−4°");
        await page.ShowsAsync("posture.interval", "likely −7° to −1°");
        await page.ShowsAsync("posture.words", "Flatter than when calibrated. One element: assumes the chest is upright.");
        _web.Feed.Receive(_person.Posture(2) with { Method = "one-element-change", Lordosis = null, LordosisChange = null });
        await page.ShowsAsync("posture.angle", "–");
        await page.ShowsAsync("posture.words", "Not to be seen in this position.");
    }

    [Fact]
    public async Task The_angle_and_the_verdict_are_large_enough_for_two_metres()
    {
        var page = await OpenAsync();
        _web.Feed.Receive([_person.Posture(1), Bend(1, BendPattern.HipHinge)]);
        await page.ShowsAsync("bend.verdict", "Hip hinge");
        // CSS pixels are 1/96 inch: 96 px are 25 mm, ten times the 2.5 mm that good eyes need at 2 m.
        Assert.True(await SizeAsync(".huge") >= 96);
        Assert.True(await SizeAsync(".verdict") >= 44);

        Task<double> SizeAsync(string selector) => page.Locator(selector).EvaluateAsync<double>("e => parseFloat(getComputedStyle(e).fontSize)");
    }

    [Fact]
    public async Task A_reminder_is_shown_once_for_each_cue_and_outside_the_page_only_when_that_is_allowed()
    {
        var page = await OpenAsync(notifications: "default");
        var cue = _person.Cue(6, CueCode.Slouching, CueLevel.Remind);
        _web.Feed.Receive(cue);
        await Expect(page.Locator(".cue")).ToHaveTextAsync("Sit up, or stand tall.");
        _web.Feed.Receive(cue, cue, _person.Cue(7, CueCode.SittingLong, CueLevel.Remind));
        await Expect(page.Locator(".cue")).ToHaveTextAsync("Time for a short walk.");
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-reminders", "2");
        await Expect(page.Locator("[data-field='reminder.last']")).ToContainTextAsync("Time for a short walk.");
        Assert.Equal(0, await page.EvaluateAsync<int>("notified.length"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Also outside this page" }).ClickAsync();
        await Expect(page.GetByText("Your browser shows reminders outside this page too.")).ToBeVisibleAsync();
        var again = _person.Cue(400, CueCode.Slouching, CueLevel.Remind);
        _web.Feed.Receive(again, again, cue);
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-reminders", "3");
        Assert.Equal(["Sit up, or stand tall."], await page.EvaluateAsync<string[]>("notified"));
    }

    [Fact]
    public async Task Mode_snooze_and_calibration_go_to_the_hub_as_commands_and_its_answer_is_shown()
    {
        await using var broker = await EmbeddedBrokerAsync();
        await using var web = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control), history: _stored.History);
        await using var hub = new MqttLink(broker.Connection(BrokerRole.Hub), new MqttLinkOptions { ClientId = "hub" }, TimeProvider.System);
        var commands = hub.Subscribe(Topics.Command(WebHost.Hub));
        await hub.ConnectAsync(TestContext.Current.CancellationToken);
        var page = await web.OpenAsync(browser, path: "/posture");
        _person.Calibration = null;
        web.Feed.Receive(_person.Posture(1));
        await page.ShowsAsync("calibration.state", "Not calibrated");

        await page.GetByRole(AriaRole.Button, new() { Name = "30 min" }).ClickAsync();
        Assert.Equal(new Marker.Snoozed(TimeSpan.FromMinutes(30)), await NextAsync());
        await Expect(page.Locator(".snooze-said")).ToContainTextAsync("No reminders until");

        await page.GetByLabel("Training").CheckAsync();
        Assert.Equal(new Marker.RemindersSet(ReminderMode.Training), await NextAsync());
        await Expect(page.Locator(".mode-said")).ToHaveTextAsync("Kept.");

        await page.GetByRole(AriaRole.Button, new() { Name = "Calibrate standing" }).ClickAsync();
        await Expect(page.Locator(".zero-said")).ToHaveTextAsync("Get ready. Stand upright and still.");
        Assert.Equal(new Marker.StandCalibration(TimeSpan.FromSeconds(10)), await NextAsync());
        await Expect(page.Locator(".countdown")).ToBeVisibleAsync();
        web.Feed.Receive(_person.Refused(12, "You moved: stand still and try again."));
        await Expect(page.Locator(".zero-said")).ToHaveTextAsync("✗ Not accepted. You moved: stand still and try again.");
        await Expect(page.Locator(".countdown")).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Calibrate three bends" }).ClickAsync();
        Assert.Equal(new Marker.BendCalibration(TimeSpan.FromSeconds(30)), await NextAsync());
        var calibrated = Calibrated(40, CalibrationStep.Bends, "The clip sits well.");
        web.Feed.Receive(calibrated);
        await Expect(page.Locator(".zero-said")).ToHaveTextAsync("✓ Accepted. The clip sits well.");
        _person.Calibration = calibrated.Calibration!.Id;
        web.Feed.Receive(_person.Posture(41));
        await page.ShowsAsync("calibration.state", "Calibrated");
        await Expect(page.Locator("[data-field='calibration.state']")).ToHaveAttributeAsync("data-value", calibrated.Calibration.Id);
        await Expect(page.Locator("[data-field='calibration.age']")).ToContainTextAsync("at ");

        async Task<Marker?> NextAsync() => Commands.Read((await commands.Messages.ReadAsync(TestContext.Current.CancellationToken)).Payload.Span).Marker;
    }

    [Fact]
    public async Task The_mode_is_kept_for_the_person_and_the_hub_hears_it_when_a_session_begins_whether_or_not_a_page_is_open()
    {
        await using var broker = await EmbeddedBrokerAsync();
        await using var web = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control), history: _stored.History);
        await using var hub = new MqttLink(broker.Connection(BrokerRole.Hub), new MqttLinkOptions { ClientId = "hub" }, TimeProvider.System);
        var commands = hub.Subscribe(Topics.Command(WebHost.Hub));
        await hub.ConnectAsync(TestContext.Current.CancellationToken);
        web.Feed.Receive(_person.SessionAt(1));

        var page = await web.OpenAsync(browser, path: "/posture");
        await Expect(page.GetByLabel("Quiet")).ToBeCheckedAsync();
        await page.GetByLabel("Training").CheckAsync();
        await Expect(page.Locator(".mode-said")).ToHaveTextAsync("Kept.");
        Assert.Equal(new Marker.RemindersSet(ReminderMode.Training), await NextAsync());
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Training")).ToBeCheckedAsync();
        using (var people = await web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
            Assert.Equal(ReminderMode.Training, people.Subjects.Single(s => s.Id == "p1").Reminders);

        await page.CloseAsync();
        web.Feed.Receive(_person.SessionAt(2));
        var next = new Person(session: "s2");
        web.Feed.Receive(next.SessionAt(1));
        web.Feed.Receive(next.SessionAt(2));
        Assert.Equal(new Marker.RemindersSet(ReminderMode.Training), await NextAsync());
        web.Feed.Receive(new Person("stranger", "s3").SessionAt(1)); // of whom nothing is known
        web.Feed.Receive(new Person(session: "s4").SessionAt(1));
        Assert.Equal(new Marker.RemindersSet(ReminderMode.Training), await NextAsync());
        Assert.False(commands.Messages.TryRead(out _));

        async Task<Marker?> NextAsync() => Commands.Read((await commands.Messages.ReadAsync(TestContext.Current.CancellationToken)).Payload.Span).Marker;
    }

    [Fact]
    public async Task Modes_chosen_on_several_pages_at_once_are_each_kept()
    {
        _web.Feed.Receive(_person.SessionAt(1));
        using var client = new HttpClient { BaseAddress = _web.Address };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostAsync(
            "posture/reminders", new StringContent("""{"mode":"training"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken)));
        Assert.All(answers, answer => Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode));
    }

    [Fact]
    public async Task A_mode_that_does_not_exist_is_refused_in_one_line()
    {
        using var client = new HttpClient { BaseAddress = _web.Address };
        var answer = await client.PostAsync("posture/reminders", new StringContent("""{"mode":"loud"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("mode is training or quiet.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Each_bend_of_a_set_is_judged_listed_and_spoken_until_a_tap_silences_it()
    {
        var page = await OpenAsync();
        _web.Feed.Receive(_person.Posture(1));
        _web.Feed.Receive(_person.Cue(3, CueCode.LumbarBend, CueLevel.Remind), Bend(1, BendPattern.LumbarBend), Bend(1, BendPattern.LumbarBend));
        await page.ShowsAsync("bend.verdict", "Lower back");
        await page.ShowsAsync("bend.words", "Next time from the hips, keep the back long.");
        _web.Feed.Receive(Bend(2, BendPattern.HipHinge));
        await page.ShowsAsync("bend.verdict", "Hip hinge");
        var carried = Parse(Bend(2, BendPattern.HipHinge));
        foreach (var (name, text) in ((string, string)[])[("trunk_deg", "72°"), ("pelvis_deg", "51°"), ("lumbar_deg", "22°"), ("share_max", "30 %")])
        {
            await page.ShowsAsync($"bend.{name}", text);
            await Expect(page.Locator($"[data-field='bend.{name}']")).ToHaveAttributeAsync("data-value", carried.GetProperty(name).ToString());
        }
        await Expect(page.Locator(".set tbody tr")).ToHaveTextAsync(["2Hip hinge72°51°22°30 %", "1Lower back71°50°22°30 %"]);
        await Expect(page.Locator(".set caption")).ToHaveTextAsync("This set: 2 bends, 1 from the hips");
        Assert.Equal(["Bend from the hips, keep the back long."], await page.EvaluateAsync<string[]>("spoken"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Spoken word" }).ClickAsync();
        _web.Feed.Receive(_person.Cue(20, CueCode.HipHinge, CueLevel.Info), Bend(3, null));
        await page.ShowsAsync("bend.verdict", "Not judged");
        Assert.Equal(1, await page.EvaluateAsync<int>("spoken.length"));
        await page.ReloadAsync();
        await Expect(page.Locator(".set caption")).ToHaveTextAsync("This set: 3 bends, 1 from the hips");
        await page.GetByRole(AriaRole.Button, new() { Name = "New set" }).ClickAsync();
        await page.ShowsAsync("bend.verdict", "Bend and come up");
        await Expect(page.Locator(".set")).ToBeHiddenAsync();
        await page.ReloadAsync();
        _web.Feed.Receive(Bend(4, BendPattern.HipHinge));
        await Expect(page.Locator(".set caption")).ToHaveTextAsync("This set: 1 bend, 1 from the hips");
    }

    [Fact]
    public async Task The_day_adds_up_to_what_was_done_and_to_the_stored_minutes()
    {
        var (done, totals) = await StoreDayAsync();
        var page = await OpenAsync();
        foreach (var phase in done.Select(d => d.Phase).Distinct())
        {
            var seconds = done.Where(d => d.Phase == phase).Sum(d => d.Seconds);
            var longest = done.Where(d => d.Phase == phase).Max(d => d.Seconds);
            var row = page.Locator($"[data-phase='{EnumNames.Of(phase)}']");
            await Expect(row.Locator("[data-total]")).ToHaveAttributeAsync("data-total", $"{seconds}");
            await Expect(row.Locator("[data-longest]")).ToHaveAttributeAsync("data-longest", $"{longest}");
        }
        await Expect(page.Locator("[data-phase='walking'] [data-total]")).ToHaveTextAsync("4 min");
        await Expect(page.Locator("[data-day='seen']")).ToHaveAttributeAsync("data-seconds", $"{done.Sum(d => d.Seconds)}");

        // The minutes count what was between two estimates: a fifth of a second less at each end.
        Near(totals.Sum(t => t.Standing.TotalSeconds), await TotalAsync("standing"));
        Near(totals.Sum(t => t.Sitting.TotalSeconds), await TotalAsync("sitting") + await TotalAsync("slouching"));
        Near(totals.Sum(t => t.Walking.TotalSeconds), await TotalAsync("walking"));
        Near(totals.Sum(t => t.Lying.TotalSeconds), await TotalAsync("lying"));
        Assert.Equal(await TotalAsync("standing") + await TotalAsync("sitting"), double.Parse((await page.Locator("[data-day='upright']").GetAttributeAsync("data-seconds"))!));
        Assert.Equal(1, totals.Sum(t => t.Reminders));
        await Expect(page.Locator("[data-day='reminders']")).ToHaveTextAsync("1");
        await Expect(page.Locator("[data-day='corrections']")).ToHaveTextAsync($"1, in {totals.Sum(t => t.TimeToCorrect.TotalSeconds):0} s");
        await Expect(page.Locator("[data-day='breaks']")).ToHaveTextAsync("1");

        static void Near(double stored, double shown) => Assert.InRange(shown, stored - 3, stored + 3);
        async Task<double> TotalAsync(string phase) => double.Parse((await page.Locator($"[data-phase='{phase}'] [data-total]").GetAttributeAsync("data-total"))!);
    }

    [Fact]
    public async Task Another_day_is_a_click_away_and_a_day_without_data_says_what_will_be_there()
    {
        await StoreDayAsync();
        var page = await OpenAsync();
        await Expect(page.Locator(".lanes")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "The day before" }).ClickAsync();
        await Expect(page.Locator(".day")).ToContainTextAsync("Nothing was measured on Sunday, 1 March 2026. When you wear the clip,");
        await page.GetByLabel("Day", new() { Exact = true }).FillAsync("2026-03-02");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(page.Locator(".lanes")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_a_store_the_page_says_that_nothing_is_kept()
    {
        await using var web = await WebHost.StartAsync();
        var page = await web.OpenAsync(browser, path: "/posture");
        await Expect(page.Locator(".day")).ToContainTextAsync("Nothing is kept here");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No clip is heard yet" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_keyboard_alone_calibrates_chooses_the_mode_and_silences_the_voice()
    {
        await StoreDayAsync();
        var page = await OpenAsync();
        _web.Feed.Receive(_person.Posture(1));
        await page.ShowsAsync("posture.phase", "Standing");
        await page.TabToAsync(page.GetByRole(AriaRole.Button, new() { Name = "Calibrate standing" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".zero-said")).ToHaveTextAsync("Get ready. Stand upright and still.");
        await page.TabToAsync(page.GetByRole(AriaRole.Button, new() { Name = "Spoken word" }));
        await page.Keyboard.PressAsync("Space");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Spoken word" })).ToHaveAttributeAsync("aria-pressed", "false");
        await page.TabToAsync(page.GetByLabel("Quiet"));
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.GetByLabel("Training")).ToBeCheckedAsync();
        await page.TabToAsync(page.GetByRole(AriaRole.Button, new() { Name = "Show" }));
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var page = await OpenAsync(scheme: scheme, size: phone ? Browser.Phone : Browser.Desktop, path: "/posture", known: false);
        await Expect(page.Locator("sensorhub-posture")).ToHaveAttributeAsync("data-state", "empty");
        await page.AxeFindsNothingAsync("empty");
        await StoreDayAsync();
        await page.GotoAsync(new Uri(_web.Address, Path).ToString());
        using var stop = new CancellationTokenSource();
        _person.Calibration = "19c8f2a4b10";
        var playing = _person.PlayAsync(_web.Feed, 100, stop.Token);
        await page.ShowsAsync("posture.phase", "Standing");
        for (var n = 1; n <= 5; n++)
            _web.Feed.Receive(Bend(n, n is 2 ? BendPattern.LumbarBend : n is 3 ? BendPattern.Mixed : BendPattern.HipHinge));
        await Expect(page.Locator("[data-field='set.count']")).Not.ToHaveTextAsync("0 bends");
        _web.Feed.Receive(_person.Cue(6, CueCode.Slouching, CueLevel.Remind));
        await Expect(page.Locator(".cue")).ToBeVisibleAsync();
        await page.AxeFindsNothingAsync("live");
        await page.NothingIsCutOffAtTheSideAsync();
        await page.Locator(".far-switch").ClickAsync();
        await page.AxeFindsNothingAsync("far");
        await stop.CancelAsync();
        await playing;
        await Expect(page.Locator("[data-banner='stale']")).ToBeVisibleAsync();
        await page.AxeFindsNothingAsync("stale");
    }

    /// <param name="notifications">What the browser's permission is; asking grants it.</param>
    /// <param name="known">A session has begun: the stream does not change over to the person while cues and bends come.</param>
    private async Task<IPage> OpenAsync(string notifications = "denied", ViewportSize? size = null, ColorScheme scheme = ColorScheme.Light, string path = Path, bool known = true)
    {
        if (known)
            _web.Feed.Receive(_person.SessionAt(0));
        var context = await browser.NewContextAsync(new() { ViewportSize = size ?? Browser.Desktop, ColorScheme = scheme });
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync($$"""
            globalThis.notified = [];
            globalThis.Notification = class {
              static permission = "{{notifications}}";
              static async requestPermission() { return Notification.permission = "granted"; }
              constructor(text) { notified.push(text); }
            };
            globalThis.spoken = [];
            Object.defineProperty(globalThis, "speechSynthesis", { value: { cancel() { }, speak(said) { spoken.push(said.text); } } });
            """);
        await page.GotoAsync(new Uri(_web.Address, path).ToString());
        await Expect(page.Locator("sensorhub-posture")).Not.ToHaveAttributeAsync("data-state", "connecting");
        return page;
    }

    private BendRepetition Bend(int number, BendPattern? pattern) => new()
    {
        Time = Person.Begin + TimeSpan.FromSeconds(10 * number), End = Person.Begin + TimeSpan.FromSeconds(10 * number + 6), Session = _person.Session, Subject = _person.Subject,
        Sensor = Slug.Parse("clip-1"), Number = number, Down = TimeSpan.FromSeconds(2.5), Hold = TimeSpan.FromSeconds(1), Up = TimeSpan.FromSeconds(2.5), Dips = 1,
        Trunk = new Measured(70.31 + number, 2), Pelvis = new Measured(48.93 + number, 2), Lumbar = new Measured(21.64, 2.1), ShareAtMaximum = new Measured(0.3021, 0.03),
        Pattern = pattern, Quality = Quality.Good, Calibration = "19b",
    };

    private CalibrationResult Calibrated(double second, CalibrationStep step, string reason) => new()
    {
        Time = Person.Begin + TimeSpan.FromSeconds(second), Session = _person.Session, Subject = _person.Subject, Sensor = Slug.Parse("clip-1"), Step = step, Accepted = true, Reason = reason,
        Calibration = new PostureCalibration
        {
            Time = Person.Begin + TimeSpan.FromSeconds(second), Sensor = Slug.Parse("clip-1"), Method = CalibrationMethod.StandAndBends,
            Lower = new ElementCalibration { Alignment = Rotation.Identity, Mounting = Mounting.Nominal, Up = Vector3D.UnitX, Standing = new Measured(18, 1), Sway = 0.3 },
        },
    };

    /// <summary>20 minutes from ten on, local time, with a pause in which nothing was seen; as posture at 5 Hz and as the minutes that the program makes of it.</summary>
    private async Task<((Phase Phase, int Seconds)[] Done, List<PostureTotals> Totals)> StoreDayAsync()
    {
        (Phase Phase, int Seconds)[] done =
        [
            (Phase.Standing, 150), (Phase.Sitting, 240), (Phase.Slouching, 130), (Phase.Sitting, 170), (Phase.Walking, 240), (Phase.Standing, 60), (Phase.Lying, 120), (Phase.Bending, 20), (Phase.Sitting, 70),
        ];
        var local = new DateTime(2026, 3, 2, 10, 0, 0);
        var time = Timestamp.FromDateTimeOffset(new DateTimeOffset(local, TimeZoneInfo.Local.GetUtcOffset(local)));
        var reminders = new PostureReminders(Slug.Parse("clip-1"));
        List<Feature> features = [];
        foreach (var (phase, seconds) in done)
        {
            for (var n = 0; n < 5 * seconds; n++, time += TimeSpan.FromSeconds(0.2))
            {
                var estimate = new PostureEstimate
                {
                    Time = time, Session = _person.Session, Subject = _person.Subject, Sensor = Slug.Parse("clip-1"), Phase = phase, Method = "two-element-gravity", Quality = Quality.Good, Calibration = "19b",
                    TrunkRotation = new Measured(0, 1), LordosisChange = new Measured(phase switch { Phase.Slouching => -44, Phase.Sitting => -26, _ => 0 }, 2),
                };
                features.Add(estimate);
                features.AddRange(reminders.Update(estimate));
            }
            if (phase == Phase.Lying)
                time += TimeSpan.FromMinutes(40);
        }
        features.AddRange(reminders.Mark(time, new Marker.SessionEnded(_person.Session)));
        features = [.. features.Select(f => f with { Session = _person.Session, Subject = _person.Subject })];
        await _stored.AddAsync(features);
        _web.Feed.Receive(_person.SessionAt(0));
        return (done, [.. features.OfType<PostureTotals>()]);
    }

    private static Task<EmbeddedBroker> EmbeddedBrokerAsync() =>
        EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Port = 0 }, BrokerCredentials.Generate(), TimeProvider.System);

    private static JsonElement Parse(Feature feature) => JsonDocument.Parse(feature.Json()).RootElement;
}

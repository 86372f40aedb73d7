using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Screening;
using SensorHub.Core.Timing;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Roll;

public sealed class RollPageTests(Browser browser) : IAsyncLifetime
{
    private readonly Person _person = new();
    private WebHost _web = null!;
    private Coached _coached = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await WebHost.StartAsync();
        _coached = new Coached(_web, _person);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task What_the_stream_says_is_what_the_person_sees()
    {
        var page = await BeginPlanAsync();
        await _coached.WhileRollingAsync(42.4, async () =>
        {
            await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Hamstrings");
            await Expect(page.Locator("[data-field='now.side']")).ToHaveTextAsync("Left");
            await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");
            await Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:42");
            await Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveAttributeAsync("data-value", "42.4");
            await Expect(page.Locator("[data-field='now.planned']")).ToHaveTextAsync("of 1:00");
            await Expect(page.Locator("[data-field='now.set']")).ToHaveTextAsync("Set 1 of 2");
            await Expect(page.Locator("[data-field='rolling.strokes']")).ToHaveTextAsync("33");
            await Expect(page.Locator("[data-field='rolling.tempo_s']")).ToHaveTextAsync("3.1");
            await Expect(page.Locator("[data-field='rolling.tempo_hint']")).ToHaveTextAsync("✓ good pace");
            await Expect(page.Locator("[data-field='now.near']")).ToHaveTextAsync("Keep off the back of the knee.");
            await Expect(page.Locator(".region[data-lit]")).ToHaveCountAsync(1);
            await Expect(page.Locator(".region[data-lit]")).ToHaveAttributeAsync("data-muscle", "hamstrings");
            await Expect(page.Locator(".region[data-lit]")).ToHaveAttributeAsync("data-side", "left");
            await Expect(page.Locator(".steps [aria-current='step']")).ToHaveTextAsync("Hamstrings, left2 × 1:00");
        });
        _person.Band = Band.TooHard;
        await _coached.WhileRollingAsync(44, () => Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Too hard"));
        _person.Band = Band.TooLight;
        await _coached.WhileRollingAsync(45, () => Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Too light"));
    }

    [Fact]
    public async Task One_cue_at_a_time_in_words_and_speech_and_by_vibration_and_never_one_that_asks_for_more_pressure()
    {
        _person.Band = Band.TooLight;
        var page = await BeginPlanAsync();
        var cue = page.Locator(".coach-cue");
        await Expect(cue).ToBeHiddenAsync();
        _coached.Say(CueCode.OverForce, CueLevel.Warn);
        await Expect(cue).ToHaveTextAsync("Ease off: less weight on the roller.");
        await Expect(cue).ToHaveAttributeAsync("data-level", "warn");
        _coached.Say(CueCode.LongHold, CueLevel.Remind); // the graver one still stands
        await _coached.WhileRollingAsync(20, async () =>
        {
            await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Too light");
            await Expect(cue).ToHaveTextAsync("Ease off: less weight on the roller.");
            await Expect(cue).ToBeHiddenAsync(); // it has stood for its time, and being too light is nothing to say
        });
        var silence = (string[])["Paused.", "It is back."]; // where this machine paused
        Assert.Equal(
            ["Now hamstrings, left.", "Ease off: less weight on the roller."],
            (await Coached.SpokenAsync(page)).Where(said => !silence.Any(s => said.StartsWith(s, StringComparison.Ordinal))));
        Assert.Equal(1, await page.EvaluateAsync<int>("window.shaken.length"));

        _person.Band = Band.TooHard;
        await _coached.WhileRollingAsync(21, () => Expect(cue).ToHaveTextAsync("Ease off: less weight on the roller."));
    }

    [Theory]
    [InlineData("8", "pressure")]
    [InlineData("2", "sharp")]
    [InlineData("1", "tingling")]
    public async Task Pain_of_8_or_sharp_or_tingling_pain_says_stop_and_ends_rolling(string level, string character)
    {
        var page = await BeginPlanAsync();
        await page.Locator(".hurts").ClickAsync();
        await page.Locator($".characters [value='{character}']").CheckAsync(new() { Force = true });
        await page.Locator($".ask [data-pain='{level}']").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Stop rolling" })).ToBeVisibleAsync();
        await Expect(page.Locator(".work")).ToBeHiddenAsync();
        await _coached.AskedAsync("choose_plan evening", "choose_muscle hamstrings left", $"report_pain {level} {character}", "choose_muscle none none");
        Assert.Contains("Stop rolling.", await Coached.SpokenAsync(page));

        // It stays so for this session, also on a page that is opened again.
        await page.ReloadAsync();
        await Expect(page.Locator(".stop")).ToBeVisibleAsync();
        await Expect(page.Locator(".offer")).ToHaveCountAsync(2);
        await Expect(page.Locator(".offer").First).ToBeHiddenAsync();
    }

    [Fact]
    public async Task What_is_finished_stays_so_over_a_reload_until_something_else_is_rolled()
    {
        var page = await BeginPlanAsync();
        await page.Locator(".pause").ClickAsync();
        await page.Locator(".paused .finish").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Done" })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Done" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll something else" }).ClickAsync();
        await Expect(page.Locator(".offer").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Pain_below_8_is_no_reason_to_stop_and_7_asks_for_less_weight()
    {
        var page = await BeginPlanAsync();
        await page.Locator(".hurts").ClickAsync();
        await page.Locator(".ask [data-pain='7']").ClickAsync();
        await Expect(page.Locator(".ask")).ToBeHiddenAsync();
        await Expect(page.Locator(".stop")).ToBeHiddenAsync();
        await Expect(page.Locator(".coach-cue")).ToHaveTextAsync("That is much. Use less weight: 4 to 6 is enough.");
        await _coached.AskedAsync("choose_plan evening", "choose_muscle hamstrings left", "report_pain 7 pressure");
    }

    [Fact]
    public async Task When_the_hub_says_that_pain_ends_the_session_the_page_stops()
    {
        var page = await BeginPlanAsync();
        _coached.Say(CueCode.Pain, CueLevel.Stop);
        await Expect(page.Locator(".stop")).ToBeVisibleAsync();
        await Expect(page.Locator(".coach-cue")).ToHaveTextAsync("Stop rolling.");
    }

    [Fact]
    public async Task A_roller_that_is_lost_pauses_says_which_and_goes_on_when_it_is_back()
    {
        var page = await BeginPlanAsync();
        var lost = page.Locator(".lost");
        await _coached.WhileRollingAsync(20, () => Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:20"));
        await Expect(lost).ToContainTextAsync("No data from Roller 1."); // nothing has come for a second
        await Expect(page.Locator("[data-field='now.eyebrow']")).ToHaveTextAsync("Paused");
        _coached.RollerLink = LinkState.Lost;
        _web.Feed.Receive(_coached.Health());
        await Expect(lost).ToContainTextAsync("Roller 1 lost its link.");
        await Coached.HasSaidAsync(page, "Paused. ");
        _coached.RollerLink = LinkState.Searching; // what the hub does next
        _web.Feed.Receive(_coached.Health());
        _coached.Say(CueCode.HipHinge, CueLevel.Remind); // shown, so what came before it has been too
        await Expect(page.Locator(".coach-cue")).ToHaveTextAsync("From the hips. Good.");
        await Expect(lost).ToContainTextAsync("Roller 1 lost its link.");

        _coached.RollerLink = LinkState.Streaming;
        await _coached.WhileRollingAsync(21, async () =>
        {
            await Expect(lost).ToBeHiddenAsync();
            await Expect(page.Locator("[data-field='now.eyebrow']")).ToHaveTextAsync("Now");
            await Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:21");
            await Coached.HasSaidAsync(page, "It is back. Go on.");
        });
        await _coached.AskedAsync("choose_plan evening", "choose_muscle hamstrings left"); // the hub was asked for nothing
    }

    [Fact]
    public async Task A_tap_pauses_and_another_goes_on_with_the_seconds_already_counted()
    {
        var page = await BeginPlanAsync();
        await _coached.WhileRollingAsync(20, () => Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:20"));
        _coached.EndSet(20, sets: 1, done: 20); // as the hub does when nothing is chosen any more
        await page.Locator(".pause").ClickAsync();
        await Expect(page.Locator(".paused")).ToBeVisibleAsync();
        await _coached.WhileRollingAsync(0, async () =>
        {
            await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Hamstrings");
            await Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:20");
        });
        await page.Locator(".resume").ClickAsync();
        await Expect(page.Locator(".paused")).ToBeHiddenAsync();
        await _coached.WhileRollingAsync(15, () => Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:35"));
        await _coached.AskedAsync("choose_plan evening", "choose_muscle hamstrings left", "choose_muscle none none", "choose_muscle hamstrings left");
    }

    [Fact]
    public async Task A_wrong_muscle_is_undone_and_the_page_says_what_happens_to_the_seconds()
    {
        var page = await BeginPlanAsync();
        await _coached.WhileRollingAsync(20, () => Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:20"));
        await page.Locator(".wrong").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Calf, right" }).ClickAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Calf");
        await Expect(page.Locator("[data-field='moved.text']")).ToHaveTextAsync("What was counted stays with hamstrings, left.");
        (_coached.Muscle, _coached.Side) = (Muscle.Hamstrings, Side.Left);
        _coached.EndSet(20, sets: 1, done: 20);
        (_coached.Muscle, _coached.Side) = (Muscle.Calf, Side.Right);
        _coached.Roll(0);
        await Expect(page.Locator(".region[data-lit]")).ToHaveAttributeAsync("data-muscle", "calf");
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Hamstrings");
        await Expect(page.Locator("[data-field='rolling.set_contact_s']")).ToHaveTextAsync("0:20");
        await _coached.AskedAsync("choose_plan evening", "choose_muscle hamstrings left", "choose_muscle calf right", "choose_muscle hamstrings left");
    }

    [Fact]
    public async Task The_seconds_of_the_set_that_a_correction_ends_are_told_as_the_hub_counted_them()
    {
        var page = await BeginPlanAsync();
        await page.Locator(".wrong").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Calf, right" }).ClickAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Calf");
        var ended = new RollingSet
        {
            Time = _coached.Rolling().Time, Session = _person.Session, Subject = _person.Subject, Sensor = Slug.Parse("roller-1"), Muscle = Muscle.Hamstrings, Side = Side.Left, Number = 1,
            Start = _coached.Rolling().Time, ContactTime = TimeSpan.FromSeconds(12), TimeInBand = default, Strokes = 3, Dwells = 0, LongestDwell = default, Source = ForceSource.Measured, Quality = Quality.Good,
        };
        _web.Feed.Receive(ended);
        await Expect(page.Locator("[data-field='moved.text']")).ToHaveTextAsync("0:12 stays counted for hamstrings, left.");
    }

    [Fact]
    public async Task A_whole_set_and_the_change_of_side_with_the_keyboard_alone()
    {
        var page = await OpenPlanAsync();
        await TabToAsync(page, ".offer >> nth=0");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".pause")).ToBeFocusedAsync();
        await _coached.WhileRollingAsync(60.2, () => Expect(page.Locator("#ask-title")).ToBeFocusedAsync());
        Assert.Contains("Set done. Rest.", await Coached.SpokenAsync(page));
        await TabToAsync(page, ".ask [data-pain='4']");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#after-title")).ToBeFocusedAsync();
        await Expect(page.Locator("#after-title")).ToHaveTextAsync("Set 2 of 2 comes");
        await TabToAsync(page, ".go");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".after")).ToBeHiddenAsync();
        _coached.EndSet(60.2, sets: 1, done: 60.2);
        await _coached.WhileRollingAsync(3, () => Expect(page.Locator("[data-field='now.set']")).ToHaveTextAsync("Set 2 of 2"));

        await _coached.WhileRollingAsync(60.1, () => Expect(page.Locator("#ask-title")).ToBeFocusedAsync());
        await TabToAsync(page, ".ask [data-pain='5']");
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("#after-title")).ToHaveTextAsync("Next: hamstrings, right");
        Assert.Contains("Change sides. Next: hamstrings, right.", await Coached.SpokenAsync(page));
        await TabToAsync(page, ".go");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[data-field='now.side']")).ToHaveTextAsync("Right");
        await Expect(page.Locator(".pause")).ToBeFocusedAsync();
        await _coached.AskedAsync(
            "choose_plan evening", "choose_muscle hamstrings left", "report_pain 4 pressure", "choose_muscle hamstrings left", "report_pain 5 pressure", "choose_muscle hamstrings right");
    }

    [Fact]
    public async Task The_next_set_goes_on_by_itself_when_the_person_rolls_again()
    {
        var page = await BeginPlanAsync();
        await _coached.WhileRollingAsync(60, () => Expect(page.Locator(".ask")).ToBeVisibleAsync());
        await page.Locator(".ask [data-pain='3']").ClickAsync();
        await Expect(page.Locator(".after")).ToBeVisibleAsync();
        _coached.EndSet(60, sets: 1, done: 60);
        await _coached.WhileRollingAsync(2, () => Expect(page.Locator(".after")).ToBeHiddenAsync());
        await Expect(page.Locator("[data-field='now.set']")).ToHaveTextAsync("Set 2 of 2");
    }

    [Fact]
    public async Task Without_a_plan_of_the_persons_own_both_orders_are_offered_as_a_therapists_choice()
    {
        var page = await _coached.OpenAsync(browser);
        await Expect(page.Locator(".choice-note")).ToContainTextAsync("a therapist's choice");
        await Expect(page.Locator(".offer strong")).ToHaveTextAsync(["Order A", "Order B"]);
        await page.Locator(".offer").Nth(1).ClickAsync();
        await Expect(page.Locator(".steps button").First).ToContainTextAsync("Quadriceps and rectus femoris, left");
        await _coached.AskedAsync("choose_plan order-b", "choose_muscle quadriceps left");
    }

    [Fact]
    public async Task Rolling_without_a_plan_picks_muscle_and_side_on_the_body()
    {
        var page = await _coached.OpenAsync(browser);
        await page.Locator("[data-free]").ClickAsync();
        await Expect(page.Locator(".plan")).ToBeHiddenAsync();
        await page.Locator(".region[data-muscle='calf'][data-side='right']").ClickAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Calf");
        await Expect(page.Locator("[data-field='now.side']")).ToHaveTextAsync("Right");
        await Expect(page.Locator(".region[data-lit]")).ToHaveAttributeAsync("data-side", "right");
        await _coached.AskedAsync("choose_muscle calf right");
    }

    [Fact]
    public async Task Speech_that_is_off_stays_off()
    {
        var page = await OpenPlanAsync();
        await page.Locator(".speech-switch").ClickAsync();
        await Expect(page.Locator(".speech-switch")).ToHaveAttributeAsync("aria-pressed", "false");
        await page.ReloadAsync();
        await Expect(page.Locator(".coach")).ToHaveAttributeAsync("data-following", "true");
        await Expect(page.Locator(".speech-switch")).ToHaveAttributeAsync("aria-pressed", "false");
        await page.Locator(".offer").First.ClickAsync();
        _coached.Say(CueCode.OverForce, CueLevel.Warn);
        await Expect(page.Locator(".coach-cue")).ToHaveTextAsync("Ease off: less weight on the roller.");
        Assert.Empty(await Coached.SpokenAsync(page));
        await page.Locator(".speech-switch").ClickAsync();
        _coached.Say(CueCode.OverForce, CueLevel.Warn);
        await Coached.HasSaidAsync(page, "Ease off: less weight on the roller.");
    }

    [Fact]
    public async Task What_the_screening_excludes_is_not_offered()
    {
        await Coached.PrescribeAsync(_web, _person, Coached.Evening);
        await Coached.ScreenAsync(_web, _person, Screened("varicose_veins", Answer.No, new(Muscle.Calf, Side.None), new(Muscle.Hamstrings, Side.Left)));
        var page = await _coached.OpenAsync(browser);
        await Expect(page.Locator(".choose")).ToContainTextAsync("Left out, as your answers say: calf, hamstrings, left.");
        await page.Locator(".offer").First.ClickAsync();
        await Expect(page.Locator(".steps button")).ToHaveCountAsync(1);
        await Expect(page.Locator(".steps button")).ToContainTextAsync("Hamstrings, right");
        await page.Locator(".wrong").ClickAsync();
        await Expect(page.Locator(".pick-side[data-muscle='calf']")).ToHaveCountAsync(0);
        await Expect(page.Locator(".pick-side[data-muscle='hamstrings']")).ToHaveTextAsync(["right"]);
        await page.Locator(".region[data-muscle='calf'][data-side='left']").ClickAsync();
        await page.Locator(".region[data-muscle='glutes'][data-side='left']").ClickAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Glutes and piriformis");
        await _coached.AskedAsync("choose_plan evening", "choose_muscle hamstrings right", "choose_muscle glutes left");
    }

    [Theory]
    [InlineData("thrombosis", "Do not roll")]
    [InlineData("osteoporosis", "Ask a clinician whether you may roll, and where not.")]
    public async Task Who_is_blocked_or_needs_a_clinicians_word_is_offered_nothing(string code, string advice)
    {
        await Coached.ScreenAsync(_web, _person, Screened(code, Answer.Yes));
        var page = await _coached.OpenAsync(browser);
        await Expect(page.Locator(".refusal")).ToContainTextAsync(advice);
        await Expect(page.Locator(".offer, .work, .pick-side")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Answers_that_cannot_be_read_are_asked_for_again()
    {
        await Coached.ScreenAsync(_web, _person, "{ \"thrombosis\": \"no\" }");
        var page = await _coached.OpenAsync(browser);
        await Expect(page.Locator(".refusal")).ToContainTextAsync("Please answer them again.");
    }

    [Fact]
    public async Task The_lumbar_region_is_there_only_in_a_plan_that_a_therapist_has_unlocked()
    {
        await Coached.PrescribeAsync(_web, _person, Coached.Evening);
        var page = await _coached.OpenAsync(browser);
        await Expect(page.Locator(".region.lumbar, .pick-side[data-muscle='lumbar_paraspinals']")).ToHaveCountAsync(0);

        var lumbar = new PlanItem { Muscle = Muscle.LumbarParaspinals, Side = Side.Left, Sets = 1, SetDuration = TimeSpan.FromSeconds(30), BodyWeightPercent = (5, 15) };
        await Coached.PrescribeAsync(_web, _person, Coached.Evening with { Id = Slug.Parse("unlocked"), Unlocked = true, Items = [.. Coached.Evening.Items, lumbar] });
        await page.ReloadAsync();
        await Expect(page.Locator(".region.lumbar")).ToHaveCountAsync(2);
        await page.Locator(".offer").First.ClickAsync();
        await page.Locator(".region.lumbar[data-side='right']").ClickAsync(); // the plan has the left one
        await page.Locator(".region.lumbar[data-side='left']").ClickAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Muscles beside the lumbar spine");
        await _coached.AskedAsync("choose_plan unlocked", "choose_muscle hamstrings left", "choose_muscle lumbar_paraspinals left");
    }

    [Fact]
    public async Task A_plan_that_cannot_be_read_is_told_and_the_orders_are_offered()
    {
        await Coached.PrescribeAsync(_web, _person, Coached.Evening with { Items = [] });
        var page = await _coached.OpenAsync(browser);
        await Expect(page.Locator(".choose")).ToContainTextAsync("The plan that was set for you cannot be read.");
        await Expect(page.Locator(".offer strong")).ToHaveTextAsync(["Order A", "Order B"]);
    }

    [Fact]
    public async Task A_hub_that_does_not_take_a_command_is_told_and_nothing_is_shown_as_done()
    {
        await Coached.PrescribeAsync(_web, _person, Coached.Evening);
        var page = await _coached.OpenAsync(browser);
        await page.RouteAsync("**/live/command", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = """{ "detail": "The broker is not there." }""" }));
        await page.Locator(".offer").First.ClickAsync();
        await Expect(page.Locator(".said")).ToHaveTextAsync("The broker is not there.");
        await Expect(page.Locator(".choose")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_was_done_is_known_to_a_page_that_is_opened_again()
    {
        var page = await BeginPlanAsync();
        _coached.EndSet(120, sets: 2, done: 120);
        await Expect(page.Locator(".steps li").First).ToHaveAttributeAsync("data-done", "true");
        await page.ReloadAsync();
        await Expect(page.Locator(".steps li").First).ToHaveAttributeAsync("data-done", "true");
        await Expect(page.Locator(".steps li").Nth(1)).ToHaveAttributeAsync("data-done", "false");
    }

    private async Task<IPage> OpenPlanAsync()
    {
        await Coached.PrescribeAsync(_web, _person, Coached.Evening);
        return await _coached.OpenAsync(browser);
    }

    private async Task<IPage> BeginPlanAsync()
    {
        var page = await OpenPlanAsync();
        await page.Locator(".offer").First.ClickAsync();
        await Expect(page.Locator(".work")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-field='now.muscle']")).ToHaveTextAsync("Hamstrings");
        return page;
    }

    private static async Task TabToAsync(IPage page, string selector)
    {
        var target = page.Locator(selector);
        for (var n = 0; n < 40; n++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
                return;
        }
        Assert.Fail($"{selector} is not reached by the keyboard.");
    }

    /// <summary>As the first run keeps it.</summary>
    private static string Screened(string code, Answer answer, params ExcludedSite[] excluded) => KeptScreening.Write(SafetyScreening.Judge(
        ScreeningQuestion.All.ToDictionary(q => q.Code, q => q.Code == code ? answer : Answer.No), excluded, Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow())).Outcome);
}

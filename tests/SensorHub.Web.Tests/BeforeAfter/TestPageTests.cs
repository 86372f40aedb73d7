using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Web.Tests.Roll;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.BeforeAfter;

public sealed class TestPageTests(Browser browser) : IAsyncLifetime
{
    private readonly Person _person = new();
    private readonly FakeOutcomes _outcomes = new();
    private WebHost _web = null!;
    private Coached _coached = null!;
    private Guided _guided = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await WebHost.StartAsync(outcomes: _outcomes);
        _coached = new Coached(_web, _person);
        _guided = new Guided(_web, _person);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task The_step_its_instruction_and_the_seconds_left_are_what_the_hub_says()
    {
        var page = await OpenAsync();
        await _guided.WhileAsync(ProtocolStep.Stand, async () =>
        {
            await Expect(page.Locator("[data-field='protocol.run']")).ToHaveTextAsync("Before rolling");
            await Expect(page.Locator(".step-title")).ToHaveTextAsync("Stand still");
            await Expect(page.Locator("[data-field='protocol.number']")).ToHaveTextAsync("stand 2 of 3");
            await Expect(page.Locator("[data-field='protocol.instruction']")).ToHaveTextAsync(ProtocolText.Instruction(ProtocolStep.Stand));
            await Expect(page.Locator("[data-field='protocol.left_s']")).ToHaveTextAsync("7");
            await Expect(page.Locator("[data-field='protocol.left_s']")).ToHaveAttributeAsync("data-value", "6.4");
            await Expect(page.Locator(".advice")).ToBeHiddenAsync();
        }, number: 2, of: 3, left: 6.4);
        await _guided.WhileAsync(ProtocolStep.Wait, async () =>
        {
            await Expect(page.Locator(".step-title")).ToHaveTextAsync("Rest");
            await Expect(page.Locator("[data-field='protocol.run']")).ToHaveTextAsync("After rolling, first time");
            await Expect(page.Locator("[data-field='protocol.left_s']")).ToHaveTextAsync("1:35");
            await Expect(page.Locator(".runs [aria-current='step']")).ToHaveTextAsync("After 2 min");
        }, run: ProtocolRun.AfterTwoMinutes, left: 94.2);
    }

    [Fact]
    public async Task A_step_that_must_be_repeated_says_why_until_it_is_done_well()
    {
        var page = await OpenAsync();
        _guided.Say(
            _guided.State(ProtocolStep.Bend, number: 2, of: 3),
            _guided.State(ProtocolStep.Bend, number: 2, of: 3, result: StepResult.Repeat, trouble: StepTrouble.TooFast),
            _guided.State(ProtocolStep.Bend, number: 2, of: 3));
        await Expect(page.Locator(".advice")).ToHaveTextAsync("Once more, more slowly.");
        Assert.Contains("Once more, more slowly.", await Coached.SpokenAsync(page));
        _guided.Say(_guided.State(ProtocolStep.Bend, number: 2, of: 3, result: StepResult.Done), _guided.State(ProtocolStep.Bend, number: 3, of: 3));
        await Expect(page.Locator("[data-field='protocol.number']")).ToHaveTextAsync("bend 3 of 3");
        await Expect(page.Locator(".advice")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Each_step_is_marked_once_as_it_begins_and_said_aloud()
    {
        var page = await OpenAsync();
        await page.Locator(".begin").ClickAsync();
        _guided.Say(_guided.State(ProtocolStep.Attach));
        await page.Locator(".attached").ClickAsync();
        _guided.Say(_guided.State(ProtocolStep.Attach, result: StepResult.Done), _guided.State(ProtocolStep.Settle, left: 60));
        await Expect(page.Locator("[data-field='protocol.left_s']")).ToHaveTextAsync("1:00");
        _guided.Say(_guided.State(ProtocolStep.Settle, result: StepResult.Done), _guided.State(ProtocolStep.Stand, of: 3, left: 10));
        await Expect(page.Locator(".step-title")).ToHaveTextAsync("Stand still");
        _guided.Say(_guided.State(ProtocolStep.Stand, of: 3, result: StepResult.Done), _guided.State(ProtocolStep.Stand, number: 2, of: 3, left: 10));
        await Expect(page.Locator("[data-field='protocol.number']")).ToHaveTextAsync("stand 2 of 3");
        await _coached.AskedAsync("begin_step before attach none", "attach_clip …", "begin_step before settle none", "begin_step before stand none");
        var spoken = await Coached.SpokenAsync(page);
        Assert.Contains("Put the clip on. Put the clip on the lower back. It stays on until the end.", spoken);
        Assert.Contains("2 of 3.", spoken);

        // Another page, or the same again, does not begin the step anew.
        await page.ReloadAsync();
        await Expect(page.Locator("[data-field='protocol.number']")).ToHaveTextAsync("stand 2 of 3");
        Assert.Equal(4, _coached.Asked.Count);
    }

    [Fact]
    public async Task A_clip_without_a_zero_is_calibrated_before_the_first_stand()
    {
        _person.Calibration = null;
        var page = await OpenAsync();
        _guided.Say(_guided.State(ProtocolStep.Settle, left: 1));
        await Expect(page.Locator(".step-title")).ToHaveTextAsync("Walk about");
        _guided.Say(_guided.State(ProtocolStep.Stand, of: 3, left: 10));
        await Expect(page.Locator("[data-field='protocol.instruction']")).ToContainTextAsync("zero");
        _web.Feed.Receive(_person.Refused(300, "you moved.") with { Accepted = true, Reason = "" });
        await Expect(page.Locator("[data-field='protocol.instruction']")).ToHaveTextAsync(ProtocolText.Instruction(ProtocolStep.Stand));
        await _coached.AskedAsync("begin_step before settle none", "begin_step before stand none", "calibrate_stand 10", "begin_step before stand none");
    }

    [Fact]
    public async Task Pain_is_said_with_one_of_eleven_big_buttons()
    {
        var page = await OpenAsync();
        await _guided.WhileAsync(ProtocolStep.Pain, async () =>
        {
            await Expect(page.Locator(".step .levels button")).ToHaveCountAsync(11);
            await page.Locator(".step [data-pain='3']").ClickAsync();
        });
        await _coached.AskedAsync("begin_step before pain none", "report_pain 3 pressure");
    }

    [Fact]
    public async Task The_outcome_says_the_verdict_in_words_with_its_interval_and_what_it_does_not_mean()
    {
        var page = await OpenAsync();
        var main = page.Locator(".outcome-main");
        await Expect(main).ToHaveAttributeAsync("data-measure", "pelvic_rotation");
        await Expect(main.Locator(".outcome-verdict")).ToHaveTextAsync("Likely real");
        await Expect(main).ToContainTextAsync("52°");
        await Expect(main).ToContainTextAsync("+11°, likely +8° to +14°");
        await Expect(main).ToContainTextAsync("The pelvis turns further in the bend. The change is larger than what measuring twice differs by.");
        await Expect(main).ToContainTextAsync("6 to 9°");
        await Expect(page.Locator("tr[data-measure='standing_lordosis']")).ToContainTextAsync("No detectable change");
        await Expect(page.Locator("tr[data-measure='pain']")).ToContainTextAsync("Uncertain");
        await Expect(page.Locator(".outcome-limits")).ToContainTextAsync(OutcomeText.Limits);
        Assert.Equal([_person.Subject], _outcomes.Asked);
    }

    [Fact]
    public async Task The_outcome_is_asked_for_again_when_the_first_run_after_rolling_is_done()
    {
        _outcomes.Report = _outcomes.Report! with { Runs = [], Missing = "Measured before rolling. Roll now, then measure again." };
        var page = await OpenAsync();
        await Expect(page.Locator(".outcome-none")).ToHaveTextAsync("Measured before rolling. Roll now, then measure again.");
        _outcomes.Report = new FakeOutcomes().Report;
        _guided.Say(_guided.State(ProtocolStep.Wait, ProtocolRun.AfterTenMinutes, left: 300));
        await Expect(page.Locator(".outcome-verdict")).ToHaveTextAsync("Likely real");
    }

    [Fact]
    public async Task A_measurement_that_cannot_be_judged_says_why_and_what_to_do()
    {
        var change = _outcomes.Report!.Runs[0].Changes[0] with { After = null, Difference = null, Verdict = Verdict.Refused, Refusal = Refusal.MissingAfter };
        _outcomes.Report = _outcomes.Report with { Runs = [new(ProtocolRun.AfterTwoMinutes, [change])] };
        var page = await OpenAsync();
        await Expect(page.Locator(".outcome-verdict")).ToHaveTextAsync("Not judged");
        await Expect(page.Locator(".outcome-main")).ToContainTextAsync("It was not measured after rolling: do all steps of the protocol.");
    }

    [Fact]
    public async Task Without_a_recording_the_page_says_what_will_stand_there()
    {
        _outcomes.Report = null;
        var page = await OpenAsync();
        await Expect(page.Locator(".outcome-none")).ToContainTextAsync("Nothing has been measured yet.");
    }

    [Fact]
    public async Task A_clip_that_is_not_heard_is_told_by_its_name()
    {
        var page = await OpenAsync();
        await _guided.WhileAsync(ProtocolStep.Stand, () => Expect(page.Locator("[data-banner]")).ToHaveCountAsync(0), left: 9);
        await Expect(page.Locator("[data-banner='stale']")).ToHaveTextAsync("No data from Clip 1.");
    }

    private async Task<IPage> OpenAsync()
    {
        _web.Feed.Receive(_person.Posture(150));
        return await _coached.OpenAsync(browser, "/test");
    }
}

using System.Text;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines;
using SensorHub.Web.Access;
using SensorHub.Web.People;
using SensorHub.Web.Studies;
using SensorHub.Web.Tests.Accounts;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Studies;

/// <summary>A visit of a study is led from the page; the hub's own pipeline answers.</summary>
public sealed class StudyPageTests(Browser browser) : IAsyncLifetime
{
    private static readonly Study Plan = new()
    {
        Id = Slug.Parse("flat-back"), Name = "Rolling the hamstrings and the flat back", Protocol = "1.2", KeepDays = 3650,
        Arms = [new(Slug.Parse("rolling"), "Rolling, three times a week"), new(Slug.Parse("control"), "Nothing")], Visits = [Slug.Parse("before"), Slug.Parse("after")],
        Tasks =
        [
            new(Slug.Parse("stand"), "Stand still", TimeSpan.FromSeconds(60), 3, "Stand still and relaxed, looking straight ahead."),
            new(Slug.Parse("roll"), "Roll the hamstrings, left and right"),
        ],
        Participants = [new(Slug.Parse("p01"), Slug.Parse("rolling"), Slug.Parse("p1")), new(Slug.Parse("p02"), Slug.Parse("control"), Slug.Parse("anna"))],
    };

    private readonly FeaturePipeline _hub = new();
    private readonly StoredHistory _history = new();
    private readonly List<string> _asked = [];
    private WebHost _web = null!;
    private double _second;

    public async ValueTask InitializeAsync() => _web = await WebHost.StartAsync(history: _history.History, configure: o => o with { Studies = new Planned(Plan) });

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _history.DisposeAsync();
    }

    [Fact]
    public async Task A_visit_is_begun_its_tasks_and_events_are_marked_by_page_and_by_keys_and_the_hub_says_them_back()
    {
        var page = await OpenAsync();
        await page.GetByLabel("Participant").SelectOptionAsync("p01");
        await page.GetByLabel("Visit", new() { Exact = true }).SelectOptionAsync("after");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin the session" }).ClickAsync();
        await page.ShowsAsync("study.line", "p01 · rolling · after · protocol 1.2");
        await page.ShowsAsync("study.task", "No task");

        await page.GetByRole(AriaRole.Button, new() { Name = "Stand still" }).ClickAsync();
        await page.ShowsAsync("study.task", "Stand still, 1 of 3");
        await page.ShowsAsync("study.instruction", "Stand still and relaxed, looking straight ahead.");
        Assert.Contains("Stand still and relaxed, looking straight ahead.", await page.SpokenAsync());
        Tick(20);
        await page.ShowsAsync("study.time", "0:40 left");

        await page.GetByLabel("Number", new() { Exact = true }).FillAsync("7");
        await page.GetByLabel("What", new() { Exact = true }).FillAsync("trigger-2m"); // keys are letters while one types
        await page.Locator("h1").ClickAsync();
        await page.Keyboard.PressAsync("m");
        await Expect(page.Locator(".log li").First).ToContainTextAsync("trigger-2m 7");
        await page.Keyboard.PressAsync("2");
        await page.ShowsAsync("study.task", "Roll the hamstrings, left and right");
        await page.Keyboard.PressAsync("e");
        await page.ShowsAsync("study.task", "No task");
        await page.Keyboard.PressAsync("1");
        await page.ShowsAsync("study.task", "Stand still, 2 of 3");
        await Expect(page.Locator(".tasks li").First).ToContainTextAsync("2 of 3");
        Tick(61); // its time is over: the page ends it
        await page.ShowsAsync("study.task", "No task");
        Assert.Contains("Done.", await page.SpokenAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Keys" }).ClickAsync();
        await page.Keyboard.PressAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "End the session" }).ClickAsync();
        await Expect(page.Locator(".begin")).ToBeVisibleAsync();
        Assert.Matches("begin_session p01-after-[0-9]{8}-[0-9]{6} p1", _asked[0]);
        Assert.Equal(
            ["join_study flat-back 1.2 p01 after rolling", "begin_task stand 1", "mark trigger-2m 7", "begin_task roll 1", "end_task roll", "begin_task stand 2", "end_task stand"],
            _asked[1..^1]);
        Assert.StartsWith("end_session", _asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_opened_later_knows_what_was_marked_before_it()
    {
        Say(new Marker.SessionBegan(Slug.Parse("visit-1"), Slug.Parse("p1"), null));
        Say(new Marker.StudyJoined(Plan.Id, "1.2", Slug.Parse("p01"), Slug.Parse("before"), Slug.Parse("rolling")));
        await KeepAsync(new Marker.TaskBegan(Slug.Parse("stand"), 1));
        await KeepAsync(new Marker.TaskEnded(Slug.Parse("stand")));
        await KeepAsync(new Marker.EventMarked(Slug.Parse("cough"), null));
        await KeepAsync(new Marker.TaskBegan(Slug.Parse("roll"), 1));
        Tick(30);
        var page = await OpenAsync();
        await page.ShowsAsync("study.task", "Roll the hamstrings, left and right");
        await Expect(page.Locator(".log li")).ToHaveCountAsync(4);
        await Expect(page.Locator(".log li").Nth(1)).ToContainTextAsync("cough");
        await Expect(page.Locator(".tasks li").First).ToContainTextAsync("1 of 3");
        await page.ShowsAsync("study.time", "0:30");
    }

    [Fact]
    public async Task A_researcher_sees_participants_who_consented_and_marks_in_their_sessions_alone()
    {
        await using var community = await Community.StartAsync(o => o with { Studies = new Planned(Plan) });
        var anna = await community.AddAsync("anna", Role.Subject);
        var emil = await community.AddAsync("emil", Role.Researcher);
        var client = await community.SignInAsync("emil");
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        Assert.Contains("Nobody who takes part has consented to you yet.", await client.GetStringAsync("/studies", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await community.GrantAsync(anna, emil, ConsentPurpose.Study);
        Assert.Contains("study?subject=anna", await client.GetStringAsync("/studies", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var page = await client.GetStringAsync("/study?subject=anna", TestContext.Current.CancellationToken);
        Assert.Contains("p02", page, StringComparison.Ordinal);
        Assert.DoesNotContain("p01", page, StringComparison.Ordinal); // another participant

        Assert.Equal((403, true), await AskAsync(new Marker.SessionBegan(Slug.Parse("s"), Slug.Parse("p1"), null)));
        Assert.Equal((400, true), await AskAsync(new Marker.PainReported(3, PainCharacter.Pressure)));
        Assert.Equal((503, true), await AskAsync(new Marker.EventMarked(Slug.Parse("cough"), null))); // it may; there is no broker

        async Task<(int, bool)> AskAsync(Marker marker)
        {
            using var body = new ByteArrayContent(Commands.Write(marker));
            body.Headers.ContentType = new("application/json");
            using var answer = await client.PostAsync("/study/command?subject=anna", body, TestContext.Current.CancellationToken);
            return ((int)answer.StatusCode, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("detail", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var page = await OpenAsync(new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme });
        await CheckAsync("begin");
        Say(new Marker.SessionBegan(Slug.Parse("visit-1"), Slug.Parse("p1"), null));
        await KeepAsync(new Marker.StudyJoined(Plan.Id, "1.2", Slug.Parse("p01"), Slug.Parse("before"), Slug.Parse("rolling")));
        await KeepAsync(new Marker.TaskBegan(Slug.Parse("roll"), 1));
        Tick(95);
        await KeepAsync(new Marker.TaskBegan(Slug.Parse("stand"), 1));
        Tick(10);
        await KeepAsync(new Marker.EventMarked(Slug.Parse("trigger"), 7));
        Tick(8);
        await page.ShowsAsync("study.time", "0:42 left");
        await CheckAsync("running");
        await page.GotoAsync(new Uri(_web.Address, "studies").ToString());
        await Expect(page.Locator(".study-card")).ToBeVisibleAsync();
        await CheckAsync("studies");

        async Task CheckAsync(string state)
        {
            await page.AxeFindsNothingAsync(state);
            await page.NothingIsCutOffAtTheSideAsync();
        }
    }

    private async Task<IPage> OpenAsync(BrowserNewContextOptions? options = null)
    {
        var page = await _web.OpenAsync(browser, options, path: "/not-found");
        await page.Context.WriteDownVoiceAsync();
        await page.RouteAsync("**/study/command*", async route =>
        {
            var marker = Commands.Read(Encoding.UTF8.GetBytes(route.Request.PostData!)).Marker;
            lock (_asked)
                _asked.Add(string.Join(' ', System.Text.Json.JsonDocument.Parse(route.Request.PostData!).RootElement.EnumerateObject().Where(p => p.Name != "schema").Select(p => p.Value.ToString())));
            Say(marker ?? throw new InvalidOperationException(route.Request.PostData));
            await route.FulfillAsync(new() { Status = 202 });
        });
        await page.GotoAsync(new Uri(_web.Address, "study").ToString());
        await Expect(page.Locator("sensorhub-study:not([data-state=connecting])")).ToHaveCountAsync(1);
        return page;
    }

    /// <summary>The hub takes it, a little later than what came before.</summary>
    private SessionState[] Say(Marker marker)
    {
        _second += 0.001;
        SessionState[] said = [.. _hub.Update(new SensorRecord.Marked(Now, marker)).OfType<SessionState>()];
        _web.Feed.Receive(said);
        return said;
    }

    private async Task KeepAsync(Marker marker) => await _history.AddAsync(Say(marker));

    /// <summary>Time goes on; the hub says so.</summary>
    private void Tick(double seconds)
    {
        _second += seconds;
        _web.Feed.Receive(_hub.Update(new SensorRecord.Marked(Now, new Marker.Snoozed(TimeSpan.FromMinutes(1)))));
    }

    private Timestamp Now => Began + TimeSpan.FromSeconds(_second);

    private static readonly Timestamp Began = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()); // the log is of the last hours

    private sealed class Planned(params Study[] all) : IStudies
    {
        public bool HasAny => all.Length > 0;

        public IReadOnlyList<Study> All => all;
    }
}

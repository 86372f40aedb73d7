using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using MQTTnet;
using System.Buffers;
using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Embedded;
using SensorHub.Storage.History;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Board;

public sealed class PersonPageTests(Browser browser) : IAsyncLifetime
{
    private const string Bad = "<img src=x onerror=document.title='owned'><b>x</b>";
    private readonly Clinic _clinic = new();
    private readonly Person _person = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-board-").FullName;
    private WebHost _web = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var store = Path.Combine(_folder, "store.db");
        await StoreAsync(store);
        _clinic.Allow("p1");
        _web = await WebHost.StartAsync(history: new SqliteHistory(store), services: _clinic.Replace, allHubs: true);
        await Clinic.AddAsync(_web, "p1", "Ms Reed");
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_live_session_stands_beside_the_last_sessions()
    {
        var page = await OpenAsync();
        Clinic.Play(_web, _person, 125.4);
        await Expect(page.Locator("h1")).ToHaveTextAsync("Ms Reed");
        await Expect(page.Locator(".care-live [data-field='phase']")).ToHaveTextAsync("Rolling");
        await Expect(page.Locator(".care-live [data-field='load']")).ToHaveAttributeAsync("data-value", "28.21");
        await Expect(page.Locator(".chart-now")).ToHaveTextAsync($"{Math.Round(_person.Posture(125.4).Lordosis!.Value.Value)}°");
        await Expect(page.Locator(".strip-chart .lines path").First).ToBeAttachedAsync();
        var rows = page.Locator("[data-session]");
        await Expect(rows).ToHaveCountAsync(4);
        await Expect(rows.First).ToContainTextAsync("2:00"); // two sets of a minute
        await Expect(rows.First).ToContainTextAsync("75 %");
        await Expect(rows.First).ToContainTextAsync("3 → 5");
        await Expect(rows.First).ToContainTextAsync("hamstrings L/R");
        await Expect(page.Locator("[data-field='monitoring-days']")).ToHaveTextAsync("4");
    }

    [Fact]
    public async Task What_is_worth_a_look_stands_on_top()
    {
        var page = await OpenAsync();
        await Expect(page.Locator(".alerts [data-kind='pain']")).ToHaveTextAsync("Pain 5 of 10, from 3, last session");
        await Expect(page.Locator(".alerts [data-kind='asymmetry']").First).ToHaveTextAsync("Hamstrings, impulse: right more, 3 sessions in a row");
    }

    [Fact]
    public async Task A_template_becomes_the_persons_plan_and_what_breaks_a_rule_is_refused_with_its_reason()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Template: order A" }).ClickAsync();
        await Expect(page.Locator(".plan-item")).ToHaveCountAsync(DefaultPlans.OrderA.Items.Count);
        await page.Locator(".plan-item").First.GetByLabel("Sets").FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set this plan" }).ClickAsync();
        await Expect(page.Locator(".plan-said")).ToHaveTextAsync("This is their plan now.");
        var saved = await Clinic.InPeopleAsync(_web, people => people.Prescriptions.SingleAsync(Cancelled));
        Assert.Equal(("p1", "t1", PrescriptionKind.Plan), (saved.SubjectId, saved.AuthorId, saved.Kind));
        var plan = PlanFile.Parse(saved.Json, "saved");
        Assert.Equal(DefaultPlans.OrderA with { Items = [DefaultPlans.OrderA.Items[0] with { Sets = 1 }, .. DefaultPlans.OrderA.Items.Skip(1)] }, plan);

        await page.Locator(".plan-item").First.GetByLabel("To, % of weight").FillAsync("5"); // below its lower end
        await page.GetByRole(AriaRole.Button, new() { Name = "Set this plan" }).ClickAsync();
        await Expect(page.Locator(".plan-said")).ToContainTextAsync("its lower end lies below its upper one");
        Assert.Equal(1, await Clinic.InPeopleAsync(_web, people => people.Prescriptions.CountAsync(Cancelled)));

        await page.ReloadAsync(); // what is set is what is shown
        await Expect(page.Locator(".plan-item").First.GetByLabel("Sets")).ToHaveValueAsync("1");
        await Expect(page.Locator(".plan-set")).ToContainTextAsync("Set on");
    }

    [Fact]
    public async Task Muscles_are_added_moved_and_removed()
    {
        var page = await OpenAsync();
        await page.Locator(".add-item").ClickAsync();
        await page.Locator(".add-item").ClickAsync();
        await page.Locator(".plan-item").Nth(1).GetByLabel("Muscle").SelectOptionAsync("calf");
        await Expect(page.Locator(".plan-item").Nth(1).GetByLabel("Sets")).ToHaveValueAsync("1"); // the calf's default dose
        await page.Locator(".up-item").Nth(1).ClickAsync();
        await Expect(page.Locator(".plan-item legend").First).ToHaveTextAsync("1. Calf");
        await page.Locator(".remove-item").Nth(1).ClickAsync();
        await Expect(page.Locator(".plan-item")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Notes_and_markers_are_kept_and_markup_in_them_is_text()
    {
        var page = await OpenAsync();
        Clinic.Play(_web, _person, 1);
        await Expect(page.Locator("sensorhub-person")).ToHaveAttributeAsync("data-state", "live");
        await page.Locator("#note-text").FillAsync(Bad);
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep as a note" }).ClickAsync();
        await Expect(page.Locator(".notes li").First).ToContainTextAsync(Bad);
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark this moment" }).ClickAsync();
        await Expect(page.Locator(".notes li").First).ToContainTextAsync("Marker: Marked");
        var notes = await Clinic.InPeopleAsync(_web, people => people.Notes.OrderBy(n => n.Id).ToListAsync(Cancelled));
        Assert.Equal([("s1", NoteKind.Note, Bad), ("s1", NoteKind.Marker, "Marked")], notes.Select(n => (n.Session, n.Kind, n.Text)));
        await page.ReloadAsync();
        await Expect(page.Locator(".notes li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".notes li").Last).ToContainTextAsync(Bad);
        Assert.Equal(0, await page.Locator(".notes :is(img, b)").CountAsync());
        Assert.Equal("Ms Reed · SensorHub", await page.TitleAsync());
    }

    [Fact]
    public async Task The_report_of_a_session_prints_on_paper_without_the_pages_frame()
    {
        await Clinic.InPeopleAsync(_web, people =>
        {
            people.Notes.Add(new Note { SubjectId = "p1", Session = "old-4", AuthorId = "t1", Kind = NoteKind.Marker, Text = Bad });
            people.Notes.Add(new Note { SubjectId = "p1", Session = "old-1", AuthorId = "t1", Text = "of another session" });
            people.Prescriptions.Add(new Prescription { SubjectId = "p1", AuthorId = "t1", Json = PlanFile.Write(DefaultPlans.OrderA) });
            return Task.FromResult(0);
        });
        var page = await OpenAsync();
        await page.Locator("[data-session] a").First.ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Session of ");
        await Expect(page.Locator(".report")).ToContainTextAsync("110 ± 4 N");
        await Expect(page.Locator(".report")).ToContainTextAsync("long hold: 1 ×");
        await Expect(page.Locator(".report")).ToContainTextAsync($"Dr Berg: {Bad}");
        await Expect(page.Locator(".report")).ToContainTextAsync($"Marker: {Bad}");
        await Expect(page.Locator(".report")).Not.ToContainTextAsync("of another session");
        Assert.Equal(0, await page.Locator(".report :is(img, b)").CountAsync());
        var hamstrings = page.GetByRole(AriaRole.Region, new() { Name = "Plan" }).Locator("tbody tr").First;
        await Expect(hamstrings).ToContainTextAsync("2 × 60 s");
        await Expect(hamstrings).ToContainTextAsync("1:00");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator(".mud-appbar")).ToBeHiddenAsync();
        await Expect(page.Locator(".report .back")).ToBeHiddenAsync();
        var pdf = await page.PdfAsync(new() { PreferCSSPageSize = true });
        Assert.StartsWith("%PDF", Encoding.ASCII.GetString(pdf, 0, 8), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_see_the_person_sees_neither_page_nor_report_and_writes_nothing()
    {
        _clinic.Withdraw("p1");
        using var client = new HttpClient();
        foreach (var path in (string[])["/board/p1", "/board/p1/report?session=old-4", "/live/stream?subject=p1"])
        {
            using var response = await client.GetAsync(new Uri(_web.Address, path), HttpCompletionOption.ResponseHeadersRead, Cancelled);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
        }
        foreach (var path in (string[])["say", "notes", "plan", "time"])
        {
            using var response = await client.PostAsync(new Uri(_web.Address, $"/board/p1/{path}"), new StringContent("{}", Encoding.UTF8, "application/json"), Cancelled);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_on_the_persons_page_and_the_report_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var page = await _web.OpenAsync(browser, new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme }, "/board/p1");
        await Expect(page.Locator("sensorhub-person")).ToHaveAttributeAsync("data-state", "empty");
        await page.GetByRole(AriaRole.Button, new() { Name = "Template: order A" }).ClickAsync();
        Clinic.Play(_web, _person, 125.4);
        _web.Feed.Receive(_person.Cue(125.4, CueCode.OverForce, CueLevel.Warn));
        await Expect(page.Locator(".cues li")).ToHaveCountAsync(1);
        await page.AxeFindsNothingAsync("person");
        await page.NothingIsCutOffAtTheSideAsync();
        await page.GotoAsync(new Uri(_web.Address, "/board/p1/report?session=old-4").ToString());
        await page.AxeFindsNothingAsync("report");
        await page.NothingIsCutOffAtTheSideAsync();
    }

#if PICTURES
    /// <summary>For docs/pages and for eyes: built with <c>-p:Pictures=true</c>; PICTURES names the folder.</summary>
    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Picture(bool phone, ColorScheme scheme)
    {
        await Clinic.InPeopleAsync(_web, people =>
        {
            people.Notes.Add(new Note { SubjectId = "p1", AuthorId = "t1", At = TimeProvider.System.GetUtcNow(), Text = "Left side first next time; sits a lot this week." });
            people.Prescriptions.Add(new Prescription { SubjectId = "p1", AuthorId = "t1", At = TimeProvider.System.GetUtcNow().AddDays(-6), Json = PlanFile.Write(DefaultPlans.OrderA) });
            return Task.FromResult(0);
        });
        var page = await _web.OpenAsync(browser, new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme }, "/board/p1");
        using var stop = new CancellationTokenSource();
        var playing = _person.PlayAsync(_web.Feed, 60, stop.Token);
        await Expect(page.Locator("sensorhub-person")).ToHaveAttributeAsync("data-state", "live");
        _web.Feed.Receive(_person.Cue(61, CueCode.LongHold, CueLevel.Remind));
        _web.Feed.Receive(_person.Cue(62, CueCode.Message, CueLevel.Warn) with { Text = "A little lighter", SaidBy = "Dr Berg" });
        await Expect(page.Locator(".cues li")).ToHaveCountAsync(2);
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System, Cancelled); // some of the chart
        await page.PictureAsync("board-person", whole: phone);
        await stop.CancelAsync();
        await playing;
        await page.GotoAsync(new Uri(_web.Address, "/board/p1/report?session=old-4").ToString());
        if (scheme == ColorScheme.Light && !phone)
            await page.PictureAsync("board-report");
    }
#endif

    private async Task<IPage> OpenAsync()
    {
        var page = await _web.OpenAsync(browser, path: "/board/p1");
        await Expect(page.Locator("sensorhub-person")).Not.ToHaveAttributeAsync("data-state", "connecting");
        return page;
    }

    /// <summary>Four sessions on the days before today, as the bridge stores them: right pressed more than left, and pain rose in the last one.</summary>
    private static async Task StoreAsync(string file)
    {
        var messages = new HubMessages(WebHost.Hub);
        var now = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        await using var store = SqliteStore.Open(file);
        for (var n = 1; n <= 4; n++)
        {
            var end = now - TimeSpan.FromDays(5 - n);
            var person = new Person("p1", $"old-{n}");
            List<Feature> features = [Set(person, end, Side.Left, 110), Set(person, end, Side.Right, 170)];
            features.Add(person.SessionAt(900) with { Time = end, Event = SessionEvent.Ended, PainAtStart = n == 4 ? 3 : null, Pain = n == 4 ? 5 : null });
            if (n == 4)
            {
                features.Add(person.Cue(0, CueCode.LongHold, CueLevel.Remind) with { Time = end - TimeSpan.FromSeconds(30) });
                features.Add(person.Cue(0, CueCode.Message, CueLevel.Warn) with { Time = end - TimeSpan.FromSeconds(20), Sensor = default, Text = Bad, SaidBy = "Dr Berg" });
            }
            var points = features.Select(f => messages.Write(f)).Select(m => PointReader.Read(m.Topic, m.Payload.ToArray()).Point!).ToList();
            await store.WriteAsync(points, CancellationToken.None);
        }
    }

    private static RollingSet Set(Person person, Timestamp end, Side side, double force) => new()
    {
        Time = end - TimeSpan.FromMinutes(side == Side.Left ? 3 : 1), Session = person.Session, Subject = person.Subject, Sensor = Slug.Parse("roller-1"), Muscle = Muscle.Hamstrings, Side = side,
        Number = 1, Start = end - TimeSpan.FromMinutes(side == Side.Left ? 4 : 2), ContactTime = TimeSpan.FromSeconds(60), TimeInBand = TimeSpan.FromSeconds(45), Strokes = 20, Tempo = 3,
        MeanForce = new Measured(force, 2), BodyWeightPercent = new Measured(force / 7, 1), Impulse = new Measured(60 * force, 100), Dwells = 0, LongestDwell = TimeSpan.Zero,
        Source = ForceSource.Measured, Quality = Quality.Good,
    };
}

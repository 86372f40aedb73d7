using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Sessions.Programmes;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Web.Learn;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;
using Programme = SensorHub.Core.Sessions.Programmes.Programme;

namespace SensorHub.Web.Tests.Progress;

public sealed class ProgressPageTests(Browser browser) : IAsyncLifetime
{
    private static readonly Slug P1 = Slug.Parse("p1");

    /// <summary>Noon of the day that it is.</summary>
    private readonly DateTimeOffset _noon = new(TimeProvider.System.GetLocalNow().Date.AddHours(12), TimeZoneInfo.Local.GetUtcOffset(TimeProvider.System.GetLocalNow().Date.AddHours(12)));

    private readonly StoredHistory _stored = new();
    private WebHost _web = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await WebHost.StartAsync(history: _stored.History);
        _web.Feed.Receive(new Person().SessionAt(1)); // whose pages these are
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _stored.DisposeAsync();
    }

    [Fact]
    public async Task Minutes_of_each_muscle_side_and_week_are_those_stored_beside_those_planned()
    {
        var sets = await StoreWeeksAsync();
        await SetAsync(PrescriptionKind.Programme, ProgrammeFile.Write(Programme.Default(ReleaseOrder.B)), -21);
        var page = await _web.OpenAsync(browser, path: "/progress");
        foreach (var side in (Side[])[Side.Left, Side.Right])
        {
            var row = page.Locator($"[data-muscle='quadriceps'][data-side='{EnumNames.Of(side)}'] td");
            for (var weeksAgo = 0; weeksAgo < 8; weeksAgo++)
            {
                var first = DateOnly.FromDateTime(_noon.Date).AddDays(-7 * weeksAgo);
                var stored = sets.Where(s => s.Muscle == Muscle.Quadriceps && s.Side == side && InWeek(s.Time, first)).Sum(s => s.ContactTime.TotalSeconds);
                var cell = row.Nth(7 - weeksAgo);
                await Expect(cell).ToHaveAttributeAsync("data-done-s", FormattableString.Invariant($"{stored:0.###}"));
                if (weeksAgo <= 3)
                    await Expect(cell).ToHaveAttributeAsync("data-planned-s", "360"); // 3 days × 2 sets × 60 s
                else
                    Assert.Null(await cell.GetAttributeAsync("data-planned-s"));
            }
        }
        Assert.Contains(sets, s => s.Muscle == Muscle.Quadriceps);

        bool InWeek(Timestamp at, DateOnly first) => DateOnly.FromDateTime(at.ToDateTimeOffset().ToLocalTime().DateTime) is var day && day >= first && day < first.AddDays(7);
    }

    [Fact]
    public async Task Days_done_and_due_are_those_of_the_programme()
    {
        var sets = await StoreWeeksAsync();
        var programme = Programme.Default(ReleaseOrder.B);
        await SetAsync(PrescriptionKind.Programme, ProgrammeFile.Write(programme), -21);
        var today = DateOnly.FromDateTime(_noon.Date);
        var truth = ProgrammeProgress.Of(programme, today.AddDays(-21), sets.Select(s => DateOnly.FromDateTime(s.Time.ToDateTimeOffset().ToLocalTime().DateTime)).Distinct(), today);
        var page = await _web.OpenAsync(browser, path: "/progress");
        await Expect(page.Locator("[data-progress='done']")).ToHaveTextAsync($"{truth.Done}");
        await Expect(page.Locator("[data-progress='due']")).ToHaveTextAsync($"{truth.Due}");
        await Expect(page.Locator(".programme")).ToContainTextAsync("week 4 of 12");
        await Expect(page.Locator(".programme")).ToContainTextAsync("set for you on");
        await Expect(page.Locator(".adherence .lead")).ToContainTextAsync($"{truth.AdherencePercent:0} %");
    }

    [Fact]
    public async Task Without_a_programme_the_usual_one_is_shown_and_called_an_example()
    {
        var page = await _web.OpenAsync(browser, path: "/progress");
        await Expect(page.Locator("[data-programme]")).ToContainTextAsync("Nobody has set a programme for you: this is the usual example, order A.");
        await Expect(page.Locator(".dose")).ToContainTextAsync("Roll a muscle with the roller switched on");
        await Expect(page.Locator("[data-trend='pelvic_rotation']")).ToContainTextAsync("Not measured yet.");
        await Expect(page.Locator(".sides")).ToContainTextAsync("Not compared yet.");
    }

    [Fact]
    public async Task An_exercise_ticked_off_survives_a_reload_and_can_be_taken_back()
    {
        var exercises = Programme.Default(ReleaseOrder.A).Phases[1].Exercises;
        await SetAsync(PrescriptionKind.Programme, ProgrammeFile.Write(new Programme
        {
            Id = Slug.Parse("now"), Name = "Strong now", Order = ReleaseOrder.A, Phases = [new ProgrammePhase("Strengthen", 6, 3, null, exercises)],
        }), -2);
        var page = await _web.OpenAsync(browser, path: "/progress");
        await Expect(page.Locator("[name='exercise']")).ToHaveCountAsync(exercises.Count);
        var box = page.GetByLabel("Hip flexors and psoas");
        await box.CheckAsync();
        await Expect(page.Locator(".tick-said")).ToHaveTextAsync("Kept. Good.");
        await page.ReloadAsync();
        await Expect(box).ToBeCheckedAsync();
        await Expect(page.GetByLabel("Quadriceps and rectus femoris")).Not.ToBeCheckedAsync();
        await Expect(page.Locator("[data-progress='done']")).ToHaveTextAsync("1"); // nothing is rolled: the exercises are the day
        using (var people = await PeopleAsync())
            Assert.Equal(("p1", "hip_flexors"), people.ExerciseTicks.Select(t => new ValueTuple<string, string>(t.SubjectId, t.Exercise)).Single());
        await box.UncheckAsync();
        await Expect(page.Locator(".tick-said")).ToHaveTextAsync("Taken back.");
        await page.ReloadAsync();
        await Expect(box).Not.ToBeCheckedAsync();
    }

    [Fact]
    public async Task A_tick_from_another_origin_or_of_no_exercise_is_refused()
    {
        using var client = new HttpClient { BaseAddress = _web.Address };
        Assert.Equal(400, (int)(await PostAsync("""{"exercise":"juggling","done":true}""", null)).StatusCode);
        Assert.Equal(403, (int)(await PostAsync("""{"exercise":"hip_flexors","done":true}""", "http://elsewhere.example")).StatusCode);

        Task<HttpResponseMessage> PostAsync(string json, string? origin)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "progress/tick") { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            return client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Left_and_right_are_pointed_out_only_when_the_rule_says_so()
    {
        await _stored.AddAsync([Set(-1, Muscle.Hamstrings, Side.Left, 200, 58), Set(-1, Muscle.Hamstrings, Side.Right, 270, 61), Set(-1, Muscle.Calf, Side.Left, 200, 60), Set(-1, Muscle.Calf, Side.Right, 214, 60)]);
        var page = await _web.OpenAsync(browser, path: "/progress");
        var truth = SideComparison.OfRolling([Set(-1, Muscle.Hamstrings, Side.Left, 200, 58), Set(-1, Muscle.Hamstrings, Side.Right, 270, 61)]).First(s => s.What == "mean_force");
        Assert.True(truth.Index.Flagged);
        var hamstrings = page.Locator("[data-sides='hamstrings mean_force']");
        await Expect(hamstrings).ToHaveAttributeAsync("data-flagged", "true");
        Assert.Equal(truth.Index.Value!.Value.Value, double.Parse((await hamstrings.Locator("[data-index]").GetAttributeAsync("data-index"))!, System.Globalization.CultureInfo.InvariantCulture), 0.1);
        await Expect(page.Locator("[data-sides='calf mean_force']")).ToHaveAttributeAsync("data-flagged", "false");
    }

    [Fact]
    public async Task Trends_of_bends_and_raised_legs_show_the_stored_values_and_judge_as_the_core_does()
    {
        await StoreTrendsAsync();
        var page = await _web.OpenAsync(browser, path: "/progress");
        var pelvis = page.Locator("[data-trend='pelvic_rotation']");
        await Expect(pelvis.Locator("tbody tr")).ToHaveCountAsync(3);
        await Expect(pelvis.Locator("[data-last]")).ToHaveTextAsync("64°"); // the mean of 63, 64 and 65
        await Expect(pelvis.Locator("[data-verdict]")).ToHaveAttributeAsync("data-verdict", "refusal.new_attachment");
        await Expect(pelvis).ToContainTextAsync("Shaded: ± 9° of the first day, the smallest change to be told from error while the clip stays on.");
        await Expect(page.Locator("[data-trend='lumbar_share'] [data-last]")).ToHaveTextAsync("40 %");

        var leg = page.Locator("[data-trend='straight_leg_raise-left']");
        await Expect(leg.Locator("tbody tr")).ToHaveCountAsync(2);
        var values = await leg.Locator("[data-value]").EvaluateAllAsync<double[]>("cells => cells.map(cell => Number(cell.dataset.value))");
        Assert.Equal(58, values[0], 0.5);
        Assert.Equal(76, values[1], 0.5);
        await Expect(leg.Locator("[data-verdict]")).ToHaveAttributeAsync("data-verdict", "verdict.likely_real");
        await Expect(leg).ToContainTextAsync("Shaded: ± 12° of the first day.");
    }

    [Fact]
    public async Task A_chart_is_gone_through_with_the_arrow_keys_and_says_each_point()
    {
        await StoreWeeksAsync();
        await SetAsync(PrescriptionKind.Programme, ProgrammeFile.Write(Programme.Default(ReleaseOrder.B)), -21);
        var page = await _web.OpenAsync(browser, path: "/progress");
        await Expect(page.Locator(".dose .plot svg")).ToBeVisibleAsync();
        var choice = page.Locator(".choice select");
        await page.TabToAsync(choice);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("End");
        var cell = page.Locator("[data-side='left'] td").Nth(7);
        var minutes = double.Parse((await cell.GetAttributeAsync("data-done-s"))!, System.Globalization.CultureInfo.InvariantCulture) / 60;
        await Expect(page.Locator(".dose [aria-live]")).ToContainTextAsync(FormattableString.Invariant($"Left {Math.Round(minutes, 1)} min"));
        await Expect(page.Locator(".dose [aria-live]")).ToContainTextAsync("planned");
    }

    [Fact]
    public async Task Each_article_has_its_sources_as_links_and_what_does_not_exist_says_so()
    {
        var page = await _web.OpenAsync(browser, path: "/progress");
        foreach (var article in Articles.All)
        {
            await page.GotoAsync(new Uri(_web.Address, $"/learn/{article.Slug}").ToString());
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(article.Title);
            await Expect(page.Locator(".article ul a")).ToHaveCountAsync(article.Sources.Count);
            Assert.All(article.Sources, s => Assert.Matches("^https://(doi.org/10[.]|pubmed.ncbi.nlm.nih.gov/[0-9]+/$|pmc.ncbi.nlm.nih.gov/articles/PMC[0-9]+/$)", s.Address));
            Assert.DoesNotMatch("(?i)diagnos|treatment", string.Join(' ', article.Paragraphs));
        }
        var response = await page.GotoAsync(new Uri(_web.Address, "/learn/nothing").ToString());
        Assert.Equal(404, response!.Status);
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var page = await _web.OpenAsync(browser, new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme }, "/progress");
        await page.AxeFindsNothingAsync("empty");
        await page.NothingIsCutOffAtTheSideAsync();
        await StoreWeeksAsync();
        await StoreTrendsAsync();
        await SetAsync(PrescriptionKind.Programme, ProgrammeFile.Write(Programme.Default(ReleaseOrder.B) with
        {
            Phases = [.. Programme.Default(ReleaseOrder.B).Phases.Select(p => p with { Weeks = 3 })],
        }), -25);
        await page.ReloadAsync();
        await Expect(page.Locator(".dose .plot svg")).ToBeVisibleAsync();
        await page.NothingIsCutOffAtTheSideAsync();
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
        await page.AxeFindsNothingAsync("full");
        await page.NothingIsCutOffAtTheSideAsync();
        await page.GotoAsync(new Uri(_web.Address, "/learn/why-not-harder").ToString());
        await page.AxeFindsNothingAsync("article");
        await page.GotoAsync(new Uri(_web.Address, "/learn").ToString());
        await page.AxeFindsNothingAsync("all");
        await page.NothingIsCutOffAtTheSideAsync();
    }

    private Timestamp At(int day, double seconds = 0) => Timestamp.FromDateTimeOffset(_noon.AddDays(day)) + TimeSpan.FromSeconds(seconds);

    private RollingSet Set(int day, Muscle muscle, Side side, double force, double contact, int number = 1) => new()
    {
        Time = At(day, 100 * (int)muscle + 1000 * (int)side + 5000 * number - 86400 * 0.15), Session = Slug.Parse($"s{day + 100}"), Subject = P1, Sensor = Slug.Parse("roller-1"), Muscle = muscle, Side = side, Number = number,
        Start = At(day), ContactTime = TimeSpan.FromSeconds(contact), TimeInBand = TimeSpan.FromSeconds(0.8 * contact), Strokes = 20, Tempo = 3, MeanForce = new Measured(force, 8),
        Impulse = new Measured(force * contact, 400), Dwells = 0, LongestDwell = TimeSpan.Zero, Source = ForceSource.Measured, Quality = Quality.Good,
    };

    /// <summary>Fifty days with two or three sessions a week.</summary>
    private async Task<List<RollingSet>> StoreWeeksAsync()
    {
        List<RollingSet> sets = [];
        foreach (var day in Enumerable.Range(-49, 49).Where(day => day % 7 is 0 or -3 || day % 14 == -5))
            foreach (var muscle in (Muscle[])[Muscle.Quadriceps, Muscle.TensorFasciaeLatae, Muscle.Calf])
                foreach (var side in (Side[])[Side.Left, Side.Right])
                    for (var number = 1; number <= (muscle == Muscle.Quadriceps ? 2 : 1); number++)
                        sets.Add(Set(day, muscle, side, 220 + day + 10 * (int)side, 52.25 + 0.2 * (49 + day) + (int)side, number));
        await _stored.AddAsync(sets);
        return sets;
    }

    private async Task StoreTrendsAsync()
    {
        List<Feature> features = [];
        foreach (var (day, pelvis) in ((int, double)[])[(-20, 55), (-10, 60), (-1, 64)])
            for (var n = 0; n < 3; n++)
                features.Add(new BendRepetition
                {
                    Time = At(day, 10 * n), End = At(day, 10 * n + 6), Session = Slug.Parse($"b{100 + day}"), Subject = P1, Sensor = Slug.Parse("clip-1"), Number = n + 1,
                    Down = TimeSpan.FromSeconds(3), Hold = TimeSpan.FromSeconds(2), Up = TimeSpan.FromSeconds(3), Dips = 1, Trunk = new Measured(104, 2), Pelvis = new Measured(pelvis - 1 + n, 2),
                    Lumbar = new Measured(104 - pelvis, 2.1), ShareAtMaximum = new Measured(0.40, 0.02), Quality = Quality.Good, Calibration = "19b",
                });
        // A shallow one for practice is no measurement.
        features.Add(features.OfType<BendRepetition>().First() with { Time = At(-1, 500), Trunk = new Measured(40, 2), Pelvis = new Measured(30, 2) });
        foreach (var (day, height) in ((int, double)[])[(-20, 58), (-1, 76)])
        {
            var end = 0;
            for (var n = 0; n < 3; n++)
                for (var tick = 0; tick < 25 * 8; tick++, end++)
                {
                    // 3 s on the mat, up in 1 s, 3 s there, down in 1 s
                    var s = tick / 25.0;
                    var angle = height * Math.Clamp(s < 4 ? s - 3 : 8 - s, 0, 1);
                    features.Add(new PostureEstimate
                    {
                        Time = At(day, 900 + end / 25.0), Session = Slug.Parse($"b{100 + day}"), Subject = P1, Sensor = Slug.Parse("clip-1"), Phase = Phase.Lying, Method = "two-element-gravity", Quality = Quality.Good,
                        PelvicInclination = new Measured(90 - angle, 0.8),
                    });
                }
            for (var second = 0; second <= end / 25; second++)
                features.Add(new ProtocolState
                {
                    Time = At(day, 900 + second), Session = Slug.Parse($"b{100 + day}"), Subject = P1, Sensor = Slug.Parse("clip-1"), Run = ProtocolRun.Before, Step = ProtocolStep.StraightLegRaise, Side = Side.Left,
                    Number = 1, Of = 1, Result = StepResult.Running, Trouble = StepTrouble.None,
                });
        }
        await _stored.AddAsync(features);
    }

    private async Task SetAsync(PrescriptionKind kind, string json, int day)
    {
        using var people = await PeopleAsync();
        people.Prescriptions.Add(new Prescription { SubjectId = "p1", Kind = kind, Json = json, AuthorId = "therapist", At = _noon.AddDays(day) });
        await people.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private Task<PeopleContext> PeopleAsync() => _web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
}

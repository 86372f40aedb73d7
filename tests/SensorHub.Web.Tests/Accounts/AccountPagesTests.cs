using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Sessions.Screening;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Accounts;

public sealed class AccountPagesTests(Browser browser)
{
    [Fact]
    public async Task The_first_run_leads_from_nothing_to_the_live_page()
    {
        var (choice, masses) = (new Choice(), new List<double?>());
        await using var community = await Community.StartAsync(o => o with { Choice = choice, BodyMassChanged = masses.Add });
        var page = await community.Web.OpenAsync(browser);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/welcome$"));

        await page.GetByLabel("How you want to be called").FillAsync("Anna");
        await page.GetByLabel("User name, to sign in").FillAsync("anna");
        await page.GetByLabel("Password", new() { Exact = false }).First.FillAsync("short");
        await page.GetByLabel("Password again").FillAsync("short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make my account" }).ClickAsync(); // the browser keeps it back
        await page.GetByLabel("Password", new() { Exact = false }).First.FillAsync(Community.Password);
        await page.GetByLabel("Password again").FillAsync(Community.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make my account" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Try it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "About you" })).ToBeVisibleAsync();
        Assert.True(choice.IsSimulating);

        await page.GetByLabel("Body mass, kg").FillAsync("7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Your body mass is a number of kg from 20 to 300, or left empty.");
        await page.GetByLabel("Body mass, kg").FillAsync("71,5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "May you roll?" })).ToBeVisibleAsync();
        Assert.Equal([71.5], masses);

        foreach (var question in await page.Locator("fieldset.question").AllAsync())
            await question.GetByLabel("No", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You may roll" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How to wear the clip" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Begin to bend" })).ToBeDisabledAsync();
        var person = new Person("me");
        community.Web.Feed.Receive(person.All(1));
        await Expect(page.GetByText("clip-1 is there.")).ToBeVisibleAsync(); // the page listens: what is said once is heard
        community.Web.Feed.Receive(person.Refused(2, "The clip moved. Stand still."));
        await Expect(page.Locator("[data-verdict=stand]")).ToHaveTextAsync("The clip moved. Stand still.");
        community.Web.Feed.Receive(person.Accepted(3, CalibrationStep.Stand));
        await Expect(page.Locator("[data-verdict=stand]")).ToContainTextAsync("Good.");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Begin to bend" })).ToBeEnabledAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await Expect(page.Locator("[data-field='rolling.band']")).ToHaveTextAsync("Good");

        await using var people = await community.Web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        var subject = await people.Subjects.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("me", true, ScreeningDecision.Cleared), (subject.Id, subject.IsSetUp, KeptScreening.Read(subject.Screening)!.Decision));
        Assert.DoesNotContain("thrombosis", subject.Screening, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_calibration_says_and_speaks_what_the_clip_sees_while_it_looks()
    {
        await using var community = await Community.StartAsync();
        await community.AddAsync("anna", Role.Subject);
        var page = await community.OpenAsync(browser, "anna", "/welcome/calibration");
        await page.EvaluateAsync("() => { window.spoken = []; Object.defineProperty(window, 'speechSynthesis', { value: { cancel() { }, speak: said => window.spoken.push(said.text) } }); }");
        await page.RouteAsync("**/live/command", route => route.FulfillAsync(new() { Status = 202 }));
        var person = new Person("anna");
        community.Web.Feed.Receive(person.All(1));
        await Expect(page.GetByText("clip-1 is there.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Begin to stand" }).ClickAsync();
        await Expect(page.Locator("[data-count=stand]")).ToBeVisibleAsync();
        Lean((2, 10), (2.5, 15));
        await Expect(page.Locator("[data-guide=stand]")).ToHaveTextAsync("You move. Stand quite still.");
        Lean((4, 11), (5, 11.5));
        await Expect(page.Locator("[data-guide=stand]")).ToHaveTextAsync("Still. Stay so.");
        community.Web.Feed.Receive(person.Accepted(6, CalibrationStep.Stand));
        await Expect(page.Locator("[data-guide=stand]")).ToHaveTextAsync("");

        await page.GetByRole(AriaRole.Button, new() { Name = "Begin to bend" }).ClickAsync();
        await Expect(page.Locator("[data-count=bends]")).ToBeVisibleAsync();
        Lean((10, 11));
        await Expect(page.Locator("[data-guide=bends]")).ToHaveTextAsync("Bend forward slowly.");
        foreach (var (second, said) in new[] { (20, "1 of 3. Once more."), (30, "2 of 3. Once more."), (40, "That is enough. Stand and wait.") })
        {
            Lean((second, 60));
            await Expect(page.Locator("[data-guide=bends]")).ToHaveTextAsync("Down. Hold it, then slowly up.");
            Lean((second + 5, 12));
            await Expect(page.Locator("[data-guide=bends]")).ToHaveTextAsync(said);
        }
        Assert.Contains("That is enough. Stand and wait.", await page.EvaluateAsync<string[]>("spoken"));

        void Lean(params (double Second, double Degrees)[] seen) =>
            community.Web.Feed.Receive(seen.Select(s => person.Posture(s.Second) with { UpperInclination = new Core.Units.Measured(s.Degrees, 1) }));
    }

    [Fact]
    public async Task A_consent_is_given_and_ended_on_the_page_and_what_the_therapist_writes_is_text()
    {
        await using var community = await Community.StartAsync();
        await community.AddAsync("anna", Role.Subject);
        await using (var scope = community.Web.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<Enrolment>().MakeAsync("carl", "<img src=x onerror=alert(1)>", Community.Password, Role.Therapist, default, default);
        var page = await community.OpenAsync(browser, "anna", "/account/consents");

        await page.GetByRole(AriaRole.Button, new() { Name = "Give this consent" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The consent is given.");
        await Expect(page.Locator(".consents strong")).ToHaveTextAsync("<img src=x onerror=alert(1)>");
        await page.GetByRole(AriaRole.Button, new() { Name = "End it now" }).ClickAsync();
        await Expect(page.GetByText("To nobody.")).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator("main img").CountAsync());
    }

    [Theory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, false)]
    [InlineData(ColorScheme.Light, true)]
    public async Task Axe_finds_nothing_on_the_pages_of_accounts_and_the_first_run(ColorScheme scheme, bool phone)
    {
        await using var community = await Community.StartAsync(o => o with { Choice = new Choice() });
        var options = new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = phone ? Browser.Phone : Browser.Desktop };
        var first = await community.Web.OpenAsync(browser, options);
        await first.AxeFindsNothingAsync("first");
        var owner = await community.AddAsync("anna", Role.Subject | Role.Admin);
        var carl = await community.AddAsync("carl", Role.Therapist);
        await community.GrantAsync(owner, carl, ConsentPurpose.Care);
        var invitation = await community.Web.Services.GetRequiredService<Invitations>().InviteAsync(Community.ViewerOf(owner), "Dora", Role.Therapist, TestContext.Current.CancellationToken);
        foreach (var path in new[] { "sign-in", "sign-in/code", "join/none", $"join/{invitation}", "no-such-page" })
        {
            await first.GotoAsync(new Uri(community.Web.Address, path).ToString());
            await first.AxeFindsNothingAsync("page");
            await first.NothingIsCutOffAtTheSideAsync();
        }
        var refused = await community.OpenAsync(browser, "carl", "/board", options);
        await refused.GotoAsync(new Uri(community.Web.Address, "/board/nobody").ToString());
        await Expect(refused.GetByRole(AriaRole.Heading, new() { Name = "This is not yours to see" })).ToBeVisibleAsync();
        await refused.AxeFindsNothingAsync("refused");
        var page = await community.OpenAsync(browser, "anna", "/account", options);
        foreach (var path in new[] { "account", "account/second-step", "account/consents", "account/log", "people", "welcome/sensors", "welcome/body", "welcome/safety", "welcome/placement", "welcome/calibration" })
        {
            await page.GotoAsync(new Uri(community.Web.Address, path).ToString());
            await page.AxeFindsNothingAsync("page");
            await page.NothingIsCutOffAtTheSideAsync();
        }
    }

    private sealed class Choice : ISensorChoice
    {
        public bool IsSimulating { get; private set; }

        public void Simulate(bool on) => IsSimulating = on;
    }
}

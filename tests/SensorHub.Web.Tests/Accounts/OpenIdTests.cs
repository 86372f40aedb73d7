using System.Net;
using System.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Accounts;

/// <summary>Signing in at a real provider, with a real browser between the two.</summary>
public sealed class OpenIdTests(Browser browser) : IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private OpenIdProvider _provider = null!;
    private Community _community = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await OpenIdProvider.StartAsync();
        _community = await Community.StartAsync(o => o with { OpenId = _provider.Options });
        await _provider.RegisterAsync(_community.Web.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _community.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Who_opens_an_invitation_with_it_is_linked_and_the_second_time_signs_in_without_a_password()
    {
        var link = await InviteAsync(Role.Therapist);
        var page = await _community.Web.OpenAsync(browser, path: link);
        await page.GetByRole(AriaRole.Button, new() { Name = "Join with Example Id instead" }).ClickAsync();
        await AtProviderAsync(page, "Dr Berg");
        await page.WaitForURLAsync(_community.Web.Address.ToString());
        await page.GotoAsync(Of("/account"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Dr Berg" })).ToBeVisibleAsync();

        var account = await SingleAsync();
        Assert.Equal(("Dr Berg", Role.Therapist, null), (account.DisplayName, account.Role, account.PasswordHash));
        Assert.Contains("This invitation cannot be used", await _community.Client().GetStringAsync(link, Cancelled), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out here" }).ClickAsync();
        await page.GotoAsync(Of("/sign-in?return=%2Faccount%2Fsecond-step"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Example Id" }).ClickAsync(); // the provider remembers them
        await page.WaitForURLAsync(Of("/account/second-step"));
        Assert.Equal(account.Id, (await SingleAsync()).Id);
    }

    [Fact]
    public async Task An_identity_that_nobody_invited_gets_one_line_and_no_account()
    {
        await _community.AddAsync("gina", Role.Admin);
        var page = await SignInAsync("Mallory");

        await TroubleAsync(page, "There is no account for you here yet. Ask for an invitation, and open its link first.");
        Assert.Equal("gina", (await SingleAsync()).UserName);
    }

    [Fact]
    public async Task An_invitation_that_was_used_makes_no_second_account()
    {
        var link = await InviteAsync(Role.Subject);
        var first = await _community.Web.OpenAsync(browser, path: link);
        var second = await _community.Web.OpenAsync(browser, path: link);
        foreach (var (page, name) in new[] { (first, "Anna"), (second, "Mallory") })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Join with Example Id instead" }).ClickAsync();
            await AtProviderAsync(page, name);
        }

        await TroubleAsync(second, "There is no account for you here yet. Ask for an invitation, and open its link first.");
        Assert.Equal("Anna", (await SingleAsync()).DisplayName);
    }

    [Fact]
    public async Task A_closed_account_does_not_come_in_by_the_provider()
    {
        await JoinAsync("Anna", Role.Subject);
        await using (var people = await PeopleAsync())
            await people.Users.ExecuteUpdateAsync(set => set.SetProperty(a => a.LockoutEnd, DateTimeOffset.MaxValue).SetProperty(a => a.Role, Role.None), Cancelled);

        await TroubleAsync(await SignInAsync("Anna"), "This account is closed, or had too many tries. Wait five minutes, then try again.");
    }

    [Fact]
    public async Task A_provider_that_is_away_is_one_line_and_the_password_still_works()
    {
        await _community.AddAsync("anna", Role.Subject);
        await _provider.StopAsync();
        var page = await _community.Web.OpenAsync(browser, path: "/sign-in?return=%2Faccount");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Example Id" }).ClickAsync();
        await TroubleAsync(page, "Example Id cannot be reached now. Sign in with your password, or try again later.");

        await page.GetByLabel("User name").FillAsync("anna");
        await page.GetByLabel("Password").FillAsync(Community.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(Of("/account"));

        await _provider.StartAgainAsync();
        await TroubleAsync(await SignInAsync("Mallory"), "There is no account for you here yet. Ask for an invitation, and open its link first.");
    }

    [Fact]
    public async Task A_provider_that_goes_while_somebody_signs_in_is_one_line()
    {
        _provider.IsAwayForServers = true;
        await TroubleAsync(await SignInAsync("Anna"), "Signing in with Example Id did not work. Try again.");
    }

    [Fact]
    public async Task A_wrong_client_secret_is_one_line_for_the_person_and_one_with_the_reason_for_the_operator()
    {
        var log = new SaidLines();
        await using var provider = await OpenIdProvider.StartAsync();
        await using var misled = await Community.StartAsync(o => o with { OpenId = provider.Options with { ClientSecret = "another" } }, services => services.AddLogging(logging => logging.AddProvider(log)));
        await provider.RegisterAsync(misled.Web.Address);
        var page = await misled.Web.OpenAsync(browser, path: "/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Example Id" }).ClickAsync();
        await AtProviderAsync(page, "Anna");

        await TroubleAsync(page, "Signing in with Example Id did not work. Try again.");
        var line = Assert.Single(log.Lines);
        Assert.Contains("invalid_client", line, StringComparison.Ordinal);
        Assert.EndsWith("compare Web:OpenId with what is registered there.", line, StringComparison.Ordinal);
        Assert.DoesNotContain("another", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_is_taken_only_in_the_browser_that_was_sent_and_only_once()
    {
        await JoinAsync("Anna", Role.Subject);
        var (anna, mallory) = (_community.Client(), _community.Client());
        using var begun = await anna.PostAsync("/sign-in/openid?return=%2Faccount", null, Cancelled);
        // Mallory sees the address to which the provider sends Anna, before she gets there.
        var callback = await _provider.SignInAsync(await LinkAsync(begun), "Anna");

        Assert.Equal("/sign-in?trouble=openid&return=%2Faccount", await ToAsync(mallory, callback));
        Assert.Equal("/sign-in?return=%2Faccount", await ToAsync(mallory, Of("/account")));

        var done = await ToAsync(anna, callback);
        Assert.Equal("/sign-in/openid/done?return=%2Faccount", done);
        Assert.Equal("/account", await ToAsync(anna, Of(done)));
        Assert.Equal("/sign-in?trouble=openid&return=%2Faccount", await ToAsync(anna, callback));
    }

    [Fact]
    public async Task A_callback_without_our_state_or_with_an_error_of_the_provider_signs_nobody_in()
    {
        var client = _community.Client();
        foreach (var query in new[] { "?code=x", "?code=x&state=y", "?error=server_error&error_description=%3Cscript%3E", "" })
        {
            using var answer = await client.GetAsync("/sign-in/openid/callback" + query, Cancelled);
            Assert.Equal((HttpStatusCode.Redirect, "/sign-in?trouble=openid"), (answer.StatusCode, answer.Headers.Location!.ToString()));
        }
        using var done = await client.GetAsync("/sign-in/openid/done?return=%2Faccount", Cancelled);
        Assert.Equal("/sign-in?trouble=openid&return=%2Faccount", done.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("https://example.org/")]
    [InlineData("//example.org")]
    [InlineData("/\\example.org")]
    public async Task The_way_back_leads_to_no_other_host(string to)
    {
        await JoinAsync("Anna", Role.Subject);
        var page = await _community.Web.OpenAsync(browser, path: "/learn"); // something of ours, to begin with
        await page.GotoAsync(Of($"/sign-in?return={Uri.EscapeDataString(to)}"));
        // As if the form had been written by somebody else.
        await page.Locator("form[action^='/sign-in/openid']").EvaluateAsync("(form, to) => form.action = '/sign-in/openid?return=' + encodeURIComponent(to)", to);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Example Id" }).ClickAsync();
        await AtProviderAsync(page, "Anna");
        await page.WaitForURLAsync(Of("/"));
    }

    [Fact]
    public async Task The_request_has_a_challenge_a_state_and_a_nonce_and_its_cookies_are_for_this_browser_alone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/openid");
        using var answer = await _community.Client().SendAsync(request, Cancelled);

        var query = HttpUtility.ParseQueryString((await LinkAsync(answer)).Query);
        Assert.Equal(("code", "S256", null), (query["response_type"], query["code_challenge_method"], query["response_mode"]));
        Assert.All(["state", "nonce", "code_challenge"], name => Assert.True(query[name]?.Length > 20, name));
        var cookies = answer.Headers.GetValues("Set-Cookie").ToList();
        Assert.Contains(cookies, c => c.Contains("Correlation", StringComparison.Ordinal));
        Assert.Contains(cookies, c => c.Contains("Nonce", StringComparison.Ordinal));
        Assert.All(cookies, c => Assert.True(c.Contains("samesite=lax", StringComparison.OrdinalIgnoreCase) && c.Contains("httponly", StringComparison.OrdinalIgnoreCase), c));
    }

    [Fact]
    public async Task Another_site_cannot_begin_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/openid");
        request.Headers.Add("Origin", _provider.Authority.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.Forbidden, (await _community.Client().SendAsync(request, Cancelled)).StatusCode);
    }

    /// <summary>Where the page leads that goes on by itself.</summary>
    private static async Task<Uri> LinkAsync(HttpResponseMessage answer) =>
        new(WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancelled)).Split("0;url=")[1].Split('"')[0]);

    private static async Task<string> ToAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address, Cancelled);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    private string Of(string path) => new Uri(_community.Web.Address, path).ToString();

    private async Task<string> InviteAsync(Role role)
    {
        var token = await _community.Web.Services.GetRequiredService<Invitations>().InviteAsync(new Viewer("admin", "", Role.Admin, default), "Somebody", role, Cancelled);
        return $"/join/{token}";
    }

    private async Task JoinAsync(string name, Role role)
    {
        var page = await _community.Web.OpenAsync(browser, path: await InviteAsync(role));
        await page.GetByRole(AriaRole.Button, new() { Name = "Join with Example Id instead" }).ClickAsync();
        await AtProviderAsync(page, name);
        await page.WaitForURLAsync(new System.Text.RegularExpressions.Regex($"^{_community.Web.Address}"));
    }

    /// <summary>In a browser of their own.</summary>
    private async Task<IPage> SignInAsync(string name)
    {
        var page = await _community.Web.OpenAsync(browser, path: "/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Example Id" }).ClickAsync();
        await AtProviderAsync(page, name);
        return page;
    }

    private static async Task AtProviderAsync(IPage page, string name)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Example Id" })).ToBeVisibleAsync();
        await page.GetByLabel("Name at Example Id").FillAsync(name);
        await page.GetByLabel("Its password").FillAsync(OpenIdProvider.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Let me in" }).ClickAsync();
    }

    private static Task TroubleAsync(IPage page, string line) => Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync(line);

    private Task<PeopleContext> PeopleAsync() => _community.Web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync(Cancelled);

    private async Task<Account> SingleAsync()
    {
        await using var people = await PeopleAsync();
        return await people.Users.SingleAsync(Cancelled);
    }
}

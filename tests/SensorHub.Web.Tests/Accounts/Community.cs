using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Web.Access;
using SensorHub.Web.Accounts;
using SensorHub.Web.People;

namespace SensorHub.Web.Tests.Accounts;

/// <summary>The pages with accounts, and people who have some.</summary>
internal sealed partial class Community : IAsyncDisposable
{
    public const string Password = "four unrelated words";

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-people-").FullName;
    private readonly List<HttpClient> _clients = [];

    private Community()
    {
    }

    /// <summary>The file of accounts.</summary>
    public string People => Path.Combine(_folder, "people.db");

    public WebHost Web { get; private set; } = null!;

    public static async Task<Community> StartAsync(Func<SensorHubWebOptions, SensorHubWebOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var community = new Community();
        community.Web = await WebHost.StartAsync(people: Path.Combine(community._folder, "people.db"), services: services, configure: options =>
        {
            options = options with { Subject = Slug.Parse("me"), TriesAMinute = 10_000 };
            return configure is null ? options : configure(options);
        });
        return community;
    }

    /// <summary>Makes an account; a subject's pseudonym is its user name.</summary>
    public async Task<Account> AddAsync(string name, Role role)
    {
        await using var scope = Web.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Enrolment>().MakeAsync(name, name, Password, role, role.HasFlag(Role.Subject) ? Slug.Parse(name) : default, default);
    }

    /// <summary>A consent of a subject to somebody.</summary>
    public Task GrantAsync(Account subject, Account to, ConsentPurpose purpose, DateTimeOffset? until = null) =>
        Web.Services.GetRequiredService<Consents>().GrantAsync(ViewerOf(subject), to.Id, purpose, "", until ?? TimeProvider.System.GetUtcNow().AddDays(1), default);

    public async Task WithdrawAllAsync(Account subject)
    {
        var consents = Web.Services.GetRequiredService<Consents>();
        foreach (var consent in await consents.ListAsync(Slug.Parse(subject.UserName!), default))
            await consents.WithdrawAsync(ViewerOf(subject), consent.Id, default);
    }

    /// <summary>Those to one.</summary>
    public async Task WithdrawAsync(Account subject, Account from)
    {
        var consents = Web.Services.GetRequiredService<Consents>();
        foreach (var consent in (await consents.ListAsync(Slug.Parse(subject.UserName!), default)).Where(c => c.GrantedTo == from.Id))
            await consents.WithdrawAsync(ViewerOf(subject), consent.Id, default);
    }

    /// <summary>A consent whose day has come.</summary>
    public async Task HadAsync(Account subject, Account to, ConsentPurpose purpose)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var people = await Web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync();
        people.Consents.Add(new Consent { SubjectId = subject.UserName!, GrantedTo = to.Id, Purpose = purpose, From = now.AddDays(-2), Until = now.AddSeconds(-1) });
        await people.SaveChangesAsync();
    }

    /// <summary>As an administrator closes it.</summary>
    public async Task CloseAsync(Account account)
    {
        const string admin = "closes-accounts";
        await AddAsync(admin, Role.Admin);
        var client = await SignInAsync(admin);
        (await PostFormAsync(client, "/people", $"close-{account.Id}", ("Closed", account.Id))).Dispose();
    }

    public static Viewer ViewerOf(Account account) => new(account.Id, account.DisplayName, account.Role, account.Role.HasFlag(Role.Subject) ? Slug.Parse(account.UserName!) : default);

    /// <summary>A browser without pictures: keeps cookies, follows no redirects.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Web.Address };
        _clients.Add(client);
        return client;
    }

    /// <summary>One that has signed in.</summary>
    public async Task<HttpClient> SignInAsync(string name)
    {
        var client = Client();
        using var answer = await SignInAsync(client, name, Password);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return client;
    }

    /// <summary>Fills in the sign-in page.</summary>
    public static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string name, string password, string path = "/sign-in") =>
        await PostFormAsync(client, path, "sign-in", ("Form.UserName", name), ("Form.Password", password));

    /// <summary>Fills in a form of a page.</summary>
    public static async Task<HttpResponseMessage> PostFormAsync(HttpClient client, string path, string form, params (string Name, string Value)[] fields)
    {
        var page = await client.GetStringAsync(path);
        var token = Token().Match(page).Groups[1].Value;
        using var content = new FormUrlEncodedContent([new("_handler", form), new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        return await client.PostAsync(path, content);
    }

    /// <summary>A page of a browser in which somebody has signed in.</summary>
    public async Task<IPage> OpenAsync(Browser browser, string name, string path, BrowserNewContextOptions? options = null)
    {
        var page = await Web.OpenAsync(browser, options, $"/sign-in?return={Uri.EscapeDataString(path)}");
        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(new Uri(Web.Address, path).ToString());
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        await Web.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

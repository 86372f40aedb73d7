using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Journeys;

/// <summary>A hub that was started as a person would, with accounts: its owner, whom they invite, and somebody who listens at its broker. Everybody has a browser of their own.</summary>
internal sealed class Household : IAsyncDisposable
{
    public const string Owner = "anna";
    public const string Password = "four unrelated words";

    private readonly Browser _browser;
    private readonly List<IBrowserContext> _contexts = [];

    private Household(Browser browser, HubProgram hub, string data, Uri url, Carried carried) => (_browser, Hub, Data, Url, Carried) = (browser, hub, data, url, carried);

    public HubProgram Hub { get; }

    public string Data { get; }

    public Uri Url { get; }

    /// <summary>What the hub's broker carries.</summary>
    public Carried Carried { get; }

    /// <param name="arguments">Of <c>sensorhub run</c>, beside ports and folder.</param>
    public static async Task<Household> StartAsync(Browser browser, params string[] arguments)
    {
        var (data, port) = (HubProgram.NewFolder(), ServerProcess.FreePort());
        var hub = HubProgram.StartWith(
            new() { ["SENSORHUB_WEB__ACCOUNTS"] = "true" }, ["run", .. arguments, "--port", "0", "--mqtt-port", $"{port}", "--data", data]);
        try
        {
            var url = await hub.Page;
            return new Household(browser, hub, data, url, await Carried.ListenAsync(data, port));
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    /// <summary>Somebody's browser, with nothing in it; its voice writes down what it says.</summary>
    public async Task<IPage> BrowserAsync(BrowserNewContextOptions? options = null)
    {
        var context = await _browser.NewContextAsync(options);
        _contexts.Add(context);
        context.SetDefaultTimeout(60_000);
        await context.WriteDownVoiceAsync();
        return await context.NewPageAsync();
    }

    public Task GoAsync(IPage page, string path) => page.GotoAsync(new Uri(Url, path).ToString());

    /// <summary>The owner, who has made their account and answered the safety questions: no to each.</summary>
    public async Task<IPage> OwnerAsync(BrowserNewContextOptions? options = null)
    {
        var page = await BrowserAsync(options);
        await GoAsync(page, "");
        await MakeAccountAsync(page, "Anna", Owner);
        await GoAsync(page, "welcome/safety");
        await AnswerSafetyAsync(page);
        return page;
    }

    public static async Task MakeAccountAsync(IPage page, string name, string userName)
    {
        await page.GetByLabel("How you want to be called").FillAsync(name);
        await page.GetByLabel("User name, to sign in").FillAsync(userName);
        await page.Locator("[name='Form.Password']").FillAsync(Password);
        await page.GetByLabel("Password again").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make my account" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("/join") && !url.EndsWith("/welcome", StringComparison.Ordinal));
    }

    public static async Task AnswerSafetyAsync(IPage page)
    {
        foreach (var no in await page.GetByLabel("No", new() { Exact = true }).AllAsync())
            await no.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.Locator("[data-decision='cleared'] h1")).ToHaveTextAsync("You may roll");
    }

    /// <summary>A therapist whom the owner has invited, and has allowed to watch and guide them.</summary>
    public async Task<IPage> TherapistAsync(IPage owner)
    {
        await GoAsync(owner, "people");
        await owner.GetByLabel("Their name").FillAsync("Dr Berg");
        await owner.Locator("[name='New.Roles'][value='Therapist']").CheckAsync();
        await owner.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = await owner.Locator("code.link").InnerTextAsync();

        var therapist = await BrowserAsync();
        await therapist.GotoAsync(link);
        await Expect(therapist.Locator("h1")).ToHaveTextAsync("Welcome, Dr Berg");
        await MakeAccountAsync(therapist, "Dr Berg", "berg");

        await GoAsync(owner, "account/consents");
        await owner.GetByLabel("To whom").SelectOptionAsync(new SelectOptionValue { Index = 0 });
        await owner.GetByRole(AriaRole.Button, new() { Name = "Give this consent" }).ClickAsync();
        await Expect(owner.Locator(".consents").First).ToContainTextAsync("Dr Berg may watch and guide me");
        return therapist;
    }

    /// <summary>Rolls a muscle without a plan, once the page follows the stream.</summary>
    public static async Task RollFreelyAsync(IPage page, string muscle)
    {
        await FollowsAsync(page);
        await page.Locator("[data-free]").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = muscle, Exact = true }).ClickAsync();
    }

    /// <summary>The page's script has begun and hears the hub: now it takes clicks.</summary>
    public static Task FollowsAsync(IPage page) => Expect(page.Locator(".coach")).ToHaveAttributeAsync("data-following", "true");

    /// <summary>What is shown there was carried so, at that time; and it is shown with three different times, so it moves.</summary>
    /// <param name="kind">Of the message, such as rolling.</param>
    /// <param name="field">Of the message.</param>
    public async Task ShownIsCarriedAsync(ILocator shown, string kind, string field)
    {
        var times = new HashSet<string>();
        await Patiently.Until(async () =>
        {
            // One look at both: between two looks the page moves on.
            var pair = await shown.EvaluateAsync<JsonElement>("e => [e.dataset.value ?? null, e.dataset.time ?? null]");
            if (pair[1].GetString() is not { } time)
                return false;
            Assert.Equal(await Carried.ValueAsync(kind, field, time), double.Parse(pair[0].GetString()!, System.Globalization.CultureInfo.InvariantCulture));
            return times.Add(time) && times.Count == 3;
        }, () => $"{shown} shows {kind}.{field} of {string.Join(", ", times)} only.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
        await Carried.DisposeAsync();
        await Hub.DisposeAsync();
    }
}

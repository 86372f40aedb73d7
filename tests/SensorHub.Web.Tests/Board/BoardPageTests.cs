using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Board;

public sealed class BoardPageTests(Browser browser) : IAsyncLifetime
{
    private const int Twelve = 12;
    private readonly Clinic _clinic = new();
    private readonly Person[] _people = [.. Enumerable.Range(1, Twelve).Select(n => new Person($"p{n}", $"s{n}"))];
    private WebHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await WebHost.StartAsync(services: _clinic.Replace, allHubs: true);

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task A_tile_shows_the_numbers_that_were_fed()
    {
        await Clinic.AddAsync(_web, "p1", "Ms Reed");
        _clinic.Allow("p1");
        var page = await OpenAsync();
        Clinic.Play(_web, _people[0], 125.4, "hub-1");
        var tile = Tile(page, "p1");
        await Expect(tile.Locator("[data-field='alias']")).ToHaveTextAsync("Ms Reed");
        await Expect(tile.Locator("[data-field='phase']")).ToHaveTextAsync("Rolling");
        await Expect(tile.Locator("[data-field='muscle']")).ToHaveTextAsync("Hamstrings, left");
        await Expect(tile.Locator("[data-field='band']")).ToHaveTextAsync("Good");
        var fed = JsonDocument.Parse(_people[0].Rolling(125.4).Json()).RootElement;
        await Expect(tile.Locator("[data-field='load']")).ToHaveAttributeAsync("data-value", fed.GetProperty("body_weight_pct").ToString());
        await Expect(tile.Locator("[data-field='load']")).ToHaveAttributeAsync("data-time", fed.GetProperty("time").GetString()!);
        await Expect(tile.Locator("[data-field='load']")).ToHaveTextAsync("28 % of weight");
        await Expect(tile.Locator("[data-field='duration']")).ToHaveTextAsync("2:05");
        await Expect(tile.Locator("[data-field='link']")).ToHaveTextAsync("Roller battery low");
    }

    [Fact]
    public async Task Twelve_people_at_twelve_hubs_have_a_tile_each_and_each_its_own_numbers()
    {
        _clinic.Allow([.. _people.Select(p => p.Subject.ToString())]);
        var page = await OpenAsync();
        for (var n = 0; n < Twelve; n++)
            Clinic.Play(_web, _people[n], 60 * (n + 1), $"hub-{n + 1}");
        await Expect(page.Locator(".board-tile")).ToHaveCountAsync(Twelve);
        for (var n = 0; n < Twelve; n++)
            await Expect(Tile(page, $"p{n + 1}").Locator("[data-field='duration']")).ToHaveTextAsync($"{n + 1}:00");
        await Expect(page.Locator(".board-count")).ToHaveTextAsync("12 sessions");
    }

    [Fact]
    public async Task A_tile_without_data_says_so_and_takes_up_again_by_itself()
    {
        _clinic.Allow("p1");
        var page = await OpenAsync();
        Clinic.Play(_web, _people[0], 1);
        await Expect(Tile(page, "p1")).ToHaveAttributeAsync("data-stale", "true");
        await Expect(Tile(page, "p1").Locator("[data-field='stale']")).ToContainTextAsync("No data for 0:0");
        using var stop = new CancellationTokenSource();
        var playing = _people[0].PlayAsync(_web.Feed, 2, stop.Token);
        await Expect(Tile(page, "p1")).ToHaveAttributeAsync("data-stale", "false");
        await Expect(Tile(page, "p1").Locator("[data-field='stale']")).ToHaveTextAsync("");
        await stop.CancelAsync();
        await playing;
    }

    [Fact]
    public async Task Whoever_has_not_consented_is_not_on_the_board_and_not_in_the_stream()
    {
        await Clinic.AddAsync(_web, "p2", "Secret Name");
        _clinic.Allow("p1");
        var page = await OpenAsync();
        using var client = new HttpClient();
        await using var stream = await client.GetStreamAsync(new Uri(_web.Address, "/board/stream"), Cancelled);
        using var reader = new StreamReader(stream);
        Clinic.Play(_web, _people[1], 1, "hub-2");
        Clinic.Play(_web, _people[0], 2, "hub-1");
        await Expect(page.Locator(".board-tile")).ToHaveCountAsync(1);
        var heard = "";
        while (!heard.Contains("\"subject\":\"p1\"", StringComparison.Ordinal))
            heard += await reader.ReadLineAsync(Cancelled) + "\n";
        Assert.DoesNotContain("p2", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret Name", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("hub-2", heard, StringComparison.Ordinal);

        _clinic.Allow("p2"); // from then on they are there, with what is known of them
        await Expect(Tile(page, "p2").Locator("[data-field='alias']")).ToHaveTextAsync("Secret Name");
        _clinic.Withdraw("p2");
        await Expect(page.Locator(".board-tile")).ToHaveCountAsync(1);
        Clinic.Play(_web, _people[1], 3, "hub-2");
        Clinic.Play(_web, _people[0], 4, "hub-1");
        await Expect(Tile(page, "p1").Locator("[data-field='duration']")).ToHaveTextAsync("0:04");
        await Expect(Tile(page, "p2")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Pain_and_too_much_force_are_told_on_the_tile()
    {
        _clinic.Allow("p1", "p2");
        var page = await OpenAsync();
        Clinic.Play(_web, _people[0], 1, "hub-1");
        Clinic.Play(_web, _people[1], 1, "hub-2");
        var (hub1, hub2) = (new HubMessages(Slug.Parse("hub-1")), new HubMessages(Slug.Parse("hub-2")));
        _web.Feed.Receive(hub1.Write(_people[0].SessionAt(2) with { Pain = 6, PainAtStart = 4 }));
        _web.Feed.Receive(hub2.Write(_people[1].Rolling(2) with { BodyWeightPercent = new(61, 2) }));
        await Expect(Tile(page, "p1").Locator("[data-field='alerts']")).ToHaveTextAsync("Pain 6 of 10, from 4");
        await Expect(Tile(page, "p1").Locator("[data-field='pain']")).ToHaveTextAsync("6 (4)");
        await Expect(Tile(page, "p2").Locator("[data-field='alerts']")).ToHaveTextAsync("Force 61 % of body weight");
        await Expect(Tile(page, "p2")).ToHaveAttributeAsync("data-alert", "over_force");
    }

    [Fact]
    public async Task Sensors_of_one_hub_are_not_told_of_anothers_person()
    {
        _clinic.Allow("p1", "p2");
        var page = await OpenAsync();
        _people[1].ClipLink = LinkState.Lost;
        Clinic.Play(_web, _people[0], 1, "hub-1");
        Clinic.Play(_web, _people[1], 1, "hub-2");
        Clinic.Play(_web, _people[0], 2, "hub-1");
        Clinic.Play(_web, _people[1], 2, "hub-2");
        await Expect(Tile(page, "p2").Locator("[data-field='link']")).ToHaveTextAsync("Clip lost");
        await Expect(Tile(page, "p1").Locator("[data-field='link']")).ToHaveTextAsync("Roller battery low");
    }

    [Fact]
    public async Task Markup_in_an_alias_or_a_message_is_text()
    {
        const string Bad = "<img src=x onerror=document.title='owned'><b>x</b>";
        await Clinic.AddAsync(_web, "p1", Bad);
        _clinic.Allow("p1");
        var page = await OpenAsync();
        Clinic.Play(_web, _people[0], 1);
        _web.Feed.Receive(_people[0].Cue(1, CueCode.Message, CueLevel.Info) with { Text = Bad, SaidBy = Bad });
        await Expect(Tile(page, "p1").Locator("[data-field='alias']")).ToHaveTextAsync(Bad);
        await Expect(Tile(page, "p1").Locator("[data-field='cue']")).ToHaveTextAsync($"{Bad}: {Bad}");
        Assert.Equal(0, await Tile(page, "p1").Locator("img, b").CountAsync());
        Assert.Equal("Board · SensorHub", await page.TitleAsync());
    }

    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Axe_finds_nothing_on_an_empty_board_a_live_one_and_one_with_alerts_and_nothing_is_cut_off(bool phone, ColorScheme scheme)
    {
        var page = await _web.OpenAsync(browser, new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme }, "/board");
        await Expect(page.Locator("sensorhub-board")).ToHaveAttributeAsync("data-state", "empty");
        await page.AxeFindsNothingAsync("empty");
        await FillAsync(page);
        await page.AxeFindsNothingAsync("live");
        await Expect(Tile(page, "p3")).ToHaveAttributeAsync("data-stale", "true");
        await page.AxeFindsNothingAsync("stale");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public async Task Twelve_people_are_seen_in_one_look_whatever_there_is_to_say_of_them()
    {
        var page = await OpenAsync();
        await FillAsync(page);
        await Expect(Tile(page, "p3")).ToHaveAttributeAsync("data-stale", "true");
        Assert.True(await page.EvaluateAsync<double>("Math.max(...[...document.querySelectorAll('.board-tile')].map(tile => tile.getBoundingClientRect().bottom)) - innerHeight") <= 0);
        Assert.Equal(1, await page.EvaluateAsync<int>("new Set([...document.querySelectorAll('.board-tile')].map(tile => Math.round(tile.getBoundingClientRect().height))).size"));
    }

    [Fact]
    public async Task The_keyboard_goes_from_tile_to_tile_and_opens_one()
    {
        var page = await OpenAsync();
        await FillAsync(page);
        await page.Locator(".board-tile a").First.FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Ben", await page.EvaluateAsync<string>("document.activeElement.textContent"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Ben");
    }

    [Fact]
    public async Task Who_is_no_therapist_has_no_board()
    {
        _clinic.Viewer = new Viewer("a1", "Anna", Role.Subject, Slug.Parse("p1"));
        using var client = new HttpClient();
        foreach (var path in (string[])["/board", "/board/stream", "/board/p1"])
        {
            using var response = await client.GetAsync(new Uri(_web.Address, path), HttpCompletionOption.ResponseHeadersRead, Cancelled);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

#if PICTURES
    /// <summary>For docs/pages and for eyes: built with <c>-p:Pictures=true</c>; PICTURES names the folder.</summary>
    [Theory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(false, ColorScheme.Dark)]
    [InlineData(true, ColorScheme.Light)]
    public async Task Picture(bool phone, ColorScheme scheme)
    {
        var page = await _web.OpenAsync(browser, new() { ViewportSize = phone ? Browser.Phone : Browser.Desktop, ColorScheme = scheme }, "/board");
        await FillAsync(page);
        using var stop = new CancellationTokenSource();
        var playing = Task.WhenAll(_people.Skip(1).Select((p, n) => KeepAsync(p, n + 2)));
        await Expect(Tile(page, "p1")).ToHaveAttributeAsync("data-stale", "true");
        await Expect(Tile(page, "p4")).ToHaveAttributeAsync("data-stale", "false");
        await page.PictureAsync("board", whole: phone);
        await stop.CancelAsync();
        await playing;

        async Task KeepAsync(Person person, int n)
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var hub = new HubMessages(Slug.Parse($"hub-{n}"));
                foreach (var feature in person.All(100 + 50 * n + 0.2 * i))
                    if (n != 2 || feature is not SessionState)
                        _web.Feed.Receive(hub.Write(feature));
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancelled);
            }
        }
    }
#endif

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly string[] Names = ["Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gina", "Hugo", "Ines", "Jon", "Kim", "Lea"];

    /// <summary>Twelve people with this and that, each at their own hub.</summary>
    private async Task FillAsync(IPage page)
    {
        for (var n = 0; n < Twelve; n++)
        {
            await Clinic.AddAsync(_web, $"p{n + 1}", Names[n]);
            _clinic.Allow($"p{n + 1}");
            _people[n].Band = (Band)(1 + n % 3);
            Clinic.Play(_web, _people[n], 100 + 50 * n, $"hub-{n + 1}");
        }
        var hub = new HubMessages(Slug.Parse("hub-2"));
        _web.Feed.Receive(hub.Write(_people[1].SessionAt(160) with { Pain = 8, PainAtStart = 3 }));
        _web.Feed.Receive(new HubMessages(Slug.Parse("hub-1")).Write(_people[0].Cue(101, CueCode.LongHold, CueLevel.Remind)));
        await Expect(page.Locator(".board-tile")).ToHaveCountAsync(Twelve);
        await Expect(Tile(page, "p2").Locator("[data-field='alerts']")).ToHaveTextAsync("Pain 8 of 10");
    }

    private async Task<IPage> OpenAsync()
    {
        var page = await _web.OpenAsync(browser, path: "/board");
        await Expect(page.Locator("sensorhub-board")).Not.ToHaveAttributeAsync("data-state", "connecting");
        return page;
    }

    private static ILocator Tile(IPage page, string subject) => page.Locator($".board-tile[data-subject='{subject}']");
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Web.Access;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Board;

public sealed class MessageTests(Browser browser)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_of_the_therapist_stands_on_the_persons_page_and_is_spoken()
    {
        var clinic = new Clinic();
        clinic.Allow("p1");
        await using var broker = await StartBrokerAsync();
        await using var web = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control), services: clinic.Replace, allHubs: true);
        await using var own = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control)); // the person's, at their hub
        var (person, messages) = (new Person(), new HubMessages(WebHost.Hub));
        await using var hub = new MqttLink(broker.Connection(BrokerRole.Hub), new MqttLinkOptions { ClientId = "hub" }, TimeProvider.System);
        var commands = hub.Subscribe(Topics.Command(WebHost.Hub));
        await hub.ConnectAsync(Cancelled);

        var theirs = await own.OpenAsync(browser);
        await theirs.EvaluateAsync("() => { window.spoken = []; Object.defineProperty(window, 'speechSynthesis', { value: { cancel() { }, speak: said => window.spoken.push(said.text) } }); }");
        await Expect(theirs.Locator("sensorhub-live")).ToHaveAttributeAsync("data-state", "empty");
        var page = await web.OpenAsync(browser, path: "/board/p1");
        await Expect(page.Locator("sensorhub-person")).ToHaveAttributeAsync("data-state", "empty");
        foreach (var feature in person.All(1))
            await hub.PublishAsync(messages.Write(feature), Cancelled);
        await Expect(page.Locator("sensorhub-person")).ToHaveAttributeAsync("data-state", "live");

        var sent = 0;
        foreach (var (act, text, level) in new (Func<Task>, string, CueLevel)[]
        {
            (() => page.GetByRole(AriaRole.Button, new() { Name = "A little lighter" }).ClickAsync(), "A little lighter", CueLevel.Warn),
            (() => TypeAsync("<img src=x onerror=alert(1)> & \"slowly\""), "<img src=x onerror=alert(1)> & \"slowly\"", CueLevel.Warn),
            (() => page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync(), "Stop", CueLevel.Stop),
        })
        {
            await act();
            var said = Assert.IsType<Marker.Said>(Commands.Read((await commands.Messages.ReadAsync(Cancelled)).Payload.Span).Marker);
            Assert.Equal(new Marker.Said(person.Subject, text, level, "Dr Berg"), said);
            await hub.PublishAsync(messages.Write(person.Cue(2, CueCode.Message, said.Level) with { Sensor = default, Text = said.Text, SaidBy = said.From, Time = person.SessionAt(2 + ++sent).Time }), Cancelled);
            await Expect(theirs.Locator(".message-text")).ToHaveTextAsync(text);
            await Expect(theirs.Locator(".message-from")).ToHaveTextAsync("Dr Berg");
            await Expect(page.Locator(".cues li").First).ToContainTextAsync($"Dr Berg: {text}");
        }
        Assert.Equal(["A little lighter", "<img src=x onerror=alert(1)> & \"slowly\"", "Stop"], await theirs.EvaluateAsync<string[]>("spoken"));
        Assert.Equal(0, await theirs.Locator(".message img").CountAsync());
        Assert.Equal(0, await page.Locator(".cues img").CountAsync());

        async Task TypeAsync(string text)
        {
            await page.GetByLabel("Message, shown and spoken").FillAsync(text);
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.GetByLabel("Message, shown and spoken")).ToHaveValueAsync("");
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/roll")]
    [InlineData("/test")]
    [InlineData("/posture")]
    public async Task Every_page_that_a_person_follows_shows_and_speaks_it_as_text(string path)
    {
        const string Bad = "<img src=x onerror=alert(1)>";
        await using var web = await WebHost.StartAsync();
        var person = new Person();
        web.Feed.Receive(person.All(1));
        var page = await web.OpenAsync(browser, path: path);
        await page.EvaluateAsync("() => { window.spoken = []; Object.defineProperty(window, 'speechSynthesis', { value: { cancel() { }, speak: said => window.spoken.push(said.text) } }); }");
        while (web.Feed.Viewers == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancelled);
        web.Feed.Receive(person.Cue(2, CueCode.Message, CueLevel.Warn) with { Text = Bad, SaidBy = "Dr Berg" });
        await Expect(page.Locator(".message-text")).ToHaveTextAsync(Bad);
        Assert.Contains(Bad, await page.EvaluateAsync<string[]>("spoken"));
        Assert.Equal(0, await page.Locator(".message img").CountAsync());
    }

    [Fact]
    public async Task A_message_goes_to_the_hub_whose_person_it_is_and_nowhere_when_they_have_no_session()
    {
        var clinic = new Clinic();
        clinic.Allow("p1", "p2", "p3");
        await using var broker = await StartBrokerAsync();
        await using var web = await WebHost.StartAsync(broker: broker.Connection(BrokerRole.Control), services: clinic.Replace, allHubs: true);
        await using var hubs = new MqttLink(broker.Connection(BrokerRole.Hub), new MqttLinkOptions { ClientId = "hubs" }, TimeProvider.System);
        var commands = hubs.Subscribe($"{Topics.Root}/+/command");
        await hubs.ConnectAsync(Cancelled);
        Clinic.Play(web, new Person(), 1, "hub-1");
        Clinic.Play(web, new Person("p2", "s2"), 1, "hub-2");

        Assert.Equal(HttpStatusCode.Accepted, await SayAsync("p2", "Slower"));
        Assert.Equal(Topics.Command(Slug.Parse("hub-2")), (await commands.Messages.ReadAsync(Cancelled)).Topic);
        Assert.Equal(HttpStatusCode.Conflict, await SayAsync("p3", "Slower"));
        Clinic.Play(web, new Person("p3", "s3"), 2, "hub-2"); // somebody else takes the hub over
        Assert.Equal(HttpStatusCode.Conflict, await SayAsync("p2", "Slower"));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync("p1", "a\u0007b"));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync("p1", new string('x', 201)));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync("p1", " "));
        clinic.Withdraw("p1");
        Assert.Equal(HttpStatusCode.Forbidden, await SayAsync("p1", "Slower"));

        async Task<HttpStatusCode> SayAsync(string subject, string text)
        {
            using var client = new HttpClient();
            using var response = await client.PostAsJsonAsync(new Uri(web.Address, $"/board/{subject}/say"), new { text, level = "caution" }, Cancelled);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_person_cannot_send_messages_under_anothers_name()
    {
        var clinic = new Clinic { Viewer = new Viewer("a1", "Anna", Role.Subject, Slug.Parse("p1")) };
        await using var web = await WebHost.StartAsync(services: clinic.Replace);
        using var client = new HttpClient();
        using var response = await client.PostAsync(
            new Uri(web.Address, "/live/command"), new StringContent("""{"command":"say","schema":"command/1","text":"Stop","level":"stop","from":"Dr Berg"}"""), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Contains("from the board", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static Task<EmbeddedBroker> StartBrokerAsync() =>
        EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Port = 0 }, BrokerCredentials.Generate(), TimeProvider.System);
}

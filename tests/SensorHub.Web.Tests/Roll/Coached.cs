using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Plans;
using SensorHub.Core.Timing;
using SensorHub.Web.People;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.Web.Tests.Roll;

/// <summary>Somebody who rolls with the coach: what the hub would publish about them, and what the page asks of the hub.</summary>
internal sealed class Coached(WebHost web, Person person)
{
    /// <summary>Hamstrings left and right, two sets of 60 s, then the calf once.</summary>
    public static RollingPlan Evening { get; } = new()
    {
        Id = Slug.Parse("evening"),
        Name = "Evening",
        Items = [PlanItem.Default(Muscle.Hamstrings, Side.Left), PlanItem.Default(Muscle.Hamstrings, Side.Right), PlanItem.Default(Muscle.Calf, Side.Left)],
    };

    private readonly List<JsonElement> _asked = [];
    private double _second = 100;

    public Muscle Muscle { get; set; } = Muscle.None;

    public Side Side { get; set; } = Side.None;

    public LinkState RollerLink { get; set; } = LinkState.Streaming;

    /// <summary>Commands that the page has sent, as "choose_muscle hamstrings left".</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked)
                return [.. _asked.Select(Line)];
        }
    }

    public static async Task PrescribeAsync(WebHost web, Person person, RollingPlan plan)
    {
        await using var people = await web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync();
        people.Prescriptions.Add(new Prescription { SubjectId = person.Subject.ToString(), Kind = PrescriptionKind.Plan, Json = PlanFile.Write(plan), AuthorId = "t", At = DateTimeOffset.UnixEpoch });
        await people.SaveChangesAsync();
    }

    public static async Task ScreenAsync(WebHost web, Person person, string screening, DateTimeOffset? at = null)
    {
        await using var people = await web.Services.GetRequiredService<IDbContextFactory<PeopleContext>>().CreateDbContextAsync();
        people.Subjects.Add(new Subject { Id = person.Subject.ToString(), Screening = screening, ScreenedAt = at ?? TimeProvider.System.GetUtcNow() });
        await people.SaveChangesAsync();
    }

    /// <summary>The page in a browser whose voice writes down what it says, and whose phone how it shakes; the hub takes each command and does it.</summary>
    /// <param name="obeys">The stream then says the muscle that was chosen, as the hub's would.</param>
    public async Task<IPage> OpenAsync(Browser browser, string path = "/roll", BrowserNewContextOptions? options = null, bool obeys = true)
    {
        web.Feed.Receive(State(), Rolling());
        var page = await web.OpenAsync(browser, options, path: "/not-found");
        await page.Context.WriteDownVoiceAsync();
        await page.RouteAsync("**/live/command", async route =>
        {
            var command = JsonDocument.Parse(route.Request.PostData!).RootElement;
            lock (_asked)
                _asked.Add(command);
            if (obeys && command.GetProperty("command").GetString() == "choose_muscle")
            {
                Assert.True(EnumNames.TryParse<Muscle>(command.GetProperty("muscle").GetString(), out var muscle));
                Assert.True(EnumNames.TryParse<Side>(command.GetProperty("side").GetString(), out var side));
                (Muscle, Side) = (muscle, side);
                web.Feed.Receive(State(), Rolling());
            }
            await route.FulfillAsync(new() { Status = 202 });
        });
        await page.GotoAsync(new Uri(web.Address, path).ToString());
        await Expect(page.Locator(".coach")).ToHaveAttributeAsync("data-following", "true");
        return page;
    }

    public SessionState State() => person.SessionAt(_second) with { Muscle = Muscle, Side = Side };

    /// <param name="contact">s of contact in this set.</param>
    public RollingEstimate Rolling(double contact = 0) => person.Rolling(_second += 0.04) with
    {
        Muscle = Muscle, Side = Side, InContact = contact > 0, SetContactTime = TimeSpan.FromSeconds(contact),
    };

    public void Roll(double contact) => web.Feed.Receive(Rolling(contact));

    /// <summary>The set has ended: what the hub says of it.</summary>
    public void EndSet(double contact, int sets, double done)
    {
        var rolling = Rolling();
        web.Feed.Receive(
            new RollingSet
            {
                Time = rolling.Time, Session = rolling.Session, Subject = rolling.Subject, Sensor = rolling.Sensor, Muscle = Muscle, Side = Side, Number = sets, Start = rolling.Time,
                ContactTime = TimeSpan.FromSeconds(contact), TimeInBand = TimeSpan.FromSeconds(contact), Strokes = 20, Dwells = 0, LongestDwell = default,
                Source = ForceSource.Measured, Quality = Quality.Good,
            },
            new RollingDose
            {
                Time = rolling.Time, Session = rolling.Session, Subject = rolling.Subject, Sensor = rolling.Sensor, Muscle = Muscle, Side = Side, PlannedSets = 2,
                PlannedSet = TimeSpan.FromSeconds(60), Sets = sets, Done = TimeSpan.FromSeconds(done), InBand = TimeSpan.FromSeconds(done),
            },
            rolling);
    }

    /// <summary>Both sensors, and the roller at this second of contact, again and again until the check holds.</summary>
    public async Task WhileRollingAsync(double contact, Func<Task> check)
    {
        using var stop = new CancellationTokenSource();
        var playing = PlayAsync();
        await check();
        await stop.CancelAsync();
        await playing;

        async Task PlayAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            try
            {
                do
                    web.Feed.Receive([.. Health(), Rolling(contact)]);
                while (await timer.WaitForNextTickAsync(stop.Token));
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    public IEnumerable<SensorHealth> Health() => person.Health(_second).Select(h => h.Kind == SensorKind.Roller ? h with { Link = RollerLink } : h);

    public void Say(CueCode code, CueLevel level) => web.Feed.Receive(person.Cue(_second, code, level));

    public async Task AskedAsync(params string[] commands)
    {
        for (var n = 0; n < 200 && !Asked.SequenceEqual(commands); n++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(commands, Asked);
    }

    public static Task<string[]> SpokenAsync(IPage page) => Looking.SpokenAsync(page);

    /// <summary>Waits until something was said that begins so.</summary>
    public static async Task HasSaidAsync(IPage page, string begin)
    {
        for (var n = 0; n < 200; n++)
        {
            if ((await SpokenAsync(page)).Any(said => said.StartsWith(begin, StringComparison.Ordinal)))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        Assert.Fail($"'{begin}' was not said, but: {string.Join(" | ", await SpokenAsync(page))}");
    }

    private static string Line(JsonElement command) => string.Join(' ', command.EnumerateObject().Where(p => p.Name != "schema")
        .Select(p => p.Value.ValueKind == JsonValueKind.Object ? p.Value.GetProperty("id").GetString() : p.Name == "attachment" ? "…" : p.Value.ToString()));
}

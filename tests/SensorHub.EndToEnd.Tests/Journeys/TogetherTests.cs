using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using SensorHub.Testing;
using static Microsoft.Playwright.Assertions;

namespace SensorHub.EndToEnd.Tests.Journeys;

/// <summary>Somebody who rolls at home, and their therapist in another browser.</summary>
[Collection("journeys")]
public sealed class TogetherTests(Browser browser)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_therapist_watches_says_something_that_is_spoken_and_sees_the_pain_and_the_stop()
    {
        await using var home = await Household.StartAsync(browser, "--simulate=follow");
        var anna = await home.OwnerAsync();
        await home.GoAsync(anna, "account");
        await anna.GetByLabel("What your therapist sees as your name").FillAsync("Anna");
        await anna.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        var berg = await home.TherapistAsync(anna);
        await home.GoAsync(anna, "roll");
        await Household.RollFreelyAsync(anna, "Hamstrings, left");
        await home.Carried.UntilAsync("rolling", r => r["contact"] == "True");

        // The tile on the board and the person's page show the stream's numbers.
        await home.GoAsync(berg, "board");
        var tile = berg.Locator(".board-tile[data-subject='me']");
        await Expect(tile.Locator("[data-field='alias']")).ToHaveTextAsync("Anna");
        await Expect(tile.Locator("[data-field='muscle']")).ToHaveTextAsync("Hamstrings, left");
        await home.ShownIsCarriedAsync(tile.Locator("[data-field='duration']"), "session", "duration_s");
        await home.ShownIsCarriedAsync(tile.Locator("[data-field='set']"), "rolling", "set_contact_s");
        var live = await berg.Context.NewPageAsync();
        await home.GoAsync(live, "board/me");
        await home.ShownIsCarriedAsync(live.Locator(".care-live [data-field='load']"), "rolling", "body_weight_pct");

        // What the therapist says arrives, is spoken, and comes back as said.
        await live.GetByLabel("Message, shown and spoken").FillAsync("Breathe out, and <slow> down");
        await live.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(anna.Locator(".message .message-text")).ToHaveTextAsync("Breathe out, and <slow> down");
        await Expect(anna.Locator(".message .message-from")).ToHaveTextAsync("Dr Berg");
        Assert.Contains("Breathe out, and <slow> down", await anna.SpokenAsync());
        var cue = await home.Carried.UntilAsync("cues", c => c["code"] == "message");
        Assert.Equal(("Breathe out, and <slow> down", "Dr Berg"), (cue["text"], cue["said_by"]));
        await Expect(live.Locator(".cues li").First).ToContainTextAsync("Breathe out, and <slow> down");

        // Pain of 8: the person is told to stop, and the therapist sees why.
        await anna.GetByRole(AriaRole.Button, new() { Name = "It hurts" }).ClickAsync();
        await anna.Locator(".ask [data-pain='8']").ClickAsync();
        await Expect(anna.Locator(".stop h2")).ToHaveTextAsync("Stop rolling");
        await Expect(anna.Locator(".work")).ToBeHiddenAsync();
        Assert.Contains("Stop rolling.", await anna.SpokenAsync());
        await Expect(tile).ToHaveAttributeAsync("data-alert", "pain");
        await Expect(tile.Locator("[data-field='alerts']")).ToHaveTextAsync("Pain 8 of 10");
        var stop = await home.Carried.UntilAsync("cues", c => c["code"] == "pain");
        Assert.Equal("stop", stop["level"]);
        Assert.Equal("8", (await home.Carried.UntilAsync("session", s => s["pain_nrs"] is not null))["pain_nrs"]);
        await Expect(live.Locator(".cues li[data-level='stop']")).ToHaveCountAsync(1);
        await home.Carried.UntilAsync("session", s => s["muscle"] == "none" && string.CompareOrdinal(s.Time, stop.Time) > 0);
    }

    [Fact]
    public async Task Of_what_is_measured_a_second_after_a_consent_was_withdrawn_the_therapist_gets_nothing()
    {
        await using var home = await Household.StartAsync(browser, "--simulate=follow");
        var anna = await home.OwnerAsync();
        var berg = await home.TherapistAsync(anna);
        await berg.Context.AddInitScriptAsync(Listening);
        await home.GoAsync(berg, "board");
        var tile = berg.Locator(".board-tile[data-subject='me']");
        await home.ShownIsCarriedAsync(tile.Locator("[data-field='duration']"), "session", "duration_s");
        var live = await berg.Context.NewPageAsync();
        await home.GoAsync(live, "board/me");
        await home.ShownIsCarriedAsync(live.Locator(".care-live [data-field='duration']"), "session", "duration_s");

        await home.GoAsync(anna, "account/consents");
        await anna.GetByRole(AriaRole.Button, new() { Name = "End it now" }).ClickAsync();
        await Expect(tile).ToHaveCountAsync(0);
        await Expect(anna.Locator("[aria-labelledby='given-title']")).ToContainTextAsync("To nobody.");
        var withdrawn = await WithdrawnAsync(home);

        // The session goes on, for the person themselves.
        var later = (withdrawn + TimeSpan.FromSeconds(3)).ToString("o", CultureInfo.InvariantCulture);
        await home.Carried.UntilAsync("session", s => string.CompareOrdinal(s.Time, later) > 0);
        await Expect(live.Locator("h1")).ToHaveTextAsync("This is not yours to see");

        var ofBoard = await HeardAsync(berg);
        var ofPerson = await HeardAsync(live);
        Assert.NotEmpty(ofBoard.Times);
        Assert.NotEmpty(ofPerson.Times);
        Assert.NotNull(ofBoard.Gone);
        Assert.NotNull(ofPerson.Over);
        Assert.Equal(0, ofBoard.AfterGone);
        var bound = withdrawn + TimeSpan.FromSeconds(1);
        Assert.All(ofBoard.Times.Concat(ofPerson.Times), time => Assert.True(time <= bound, $"{time:o} was heard, withdrawn at {withdrawn:o}"));
        await Expect(tile).ToHaveCountAsync(0);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(
            $"MEASURED after the withdrawal: the board heard of it {(ofBoard.Gone!.Value - withdrawn).TotalMilliseconds:0} ms later, the tile was gone {(ofBoard.Removed!.Value - withdrawn).TotalMilliseconds:0} ms later, the person's stream was over {(ofPerson.Over!.Value - withdrawn).TotalMilliseconds:0} ms later; the newest that was seen was measured {(ofBoard.Times.Concat(ofPerson.Times).Max() - withdrawn).TotalMilliseconds:0} ms after it"));
    }

    /// <summary>Keeps what each page's stream brings of the person, and when.</summary>
    private const string Listening = """
        // The page is loaded anew when it may not show the person any more: what was kept before is kept.
        window.heard = JSON.parse(sessionStorage.getItem("heard")) ?? { times: [], afterGone: 0, gone: null, removed: null, over: null };
        addEventListener("pagehide", () => sessionStorage.setItem("heard", JSON.stringify(window.heard)));
        const Source = window.EventSource;
        window.EventSource = class extends Source {
          constructor(url) {
            super(url);
            for (const type of ["snapshot", "update"])
              this.addEventListener(type, event => {
                const data = JSON.parse(event.data);
                if (data.gone?.includes("me")) window.heard.gone = Date.now();
                for (const { topic, payload } of data.messages ?? data.tiles.flatMap(tile => tile.messages))
                  if (topic.includes("/subjects/me/")) {
                    window.heard.times.push(payload.time);
                    if (window.heard.gone !== null) window.heard.afterGone++;
                  }
              });
            this.addEventListener("error", () => { window.heard.over ??= Date.now(); });
          }
        };
        document.addEventListener("DOMContentLoaded", () => new MutationObserver(changes => {
          for (const change of changes)
            for (const node of change.removedNodes)
              if (node.classList?.contains("board-tile")) window.heard.removed = Date.now();
        }).observe(document.body, { childList: true, subtree: true }));
        """;

    private static async Task<(IReadOnlyList<DateTimeOffset> Times, int AfterGone, DateTimeOffset? Gone, DateTimeOffset? Removed, DateTimeOffset? Over)> HeardAsync(IPage page)
    {
        using var json = JsonDocument.Parse(await page.EvaluateAsync<string>("JSON.stringify(window.heard)"));
        var heard = json.RootElement;
        return ([.. heard.GetProperty("times").EnumerateArray().Select(t => DateTimeOffset.Parse(t.GetString()!, CultureInfo.InvariantCulture))], heard.GetProperty("afterGone").GetInt32(), At("gone"), At("removed"), At("over"));

        DateTimeOffset? At(string name) => heard.GetProperty(name) is { ValueKind: JsonValueKind.Number } at ? DateTimeOffset.FromUnixTimeMilliseconds(at.GetInt64()) : null;
    }

    /// <summary>When the hub wrote down that the consent had ended.</summary>
    private static async Task<DateTimeOffset> WithdrawnAsync(Household home)
    {
        await using var people = new SqliteConnection($"Data Source={Path.Combine(home.Data, "people.db")};Mode=ReadOnly;Pooling=False");
        await people.OpenAsync(Cancelled);
        await using var ask = people.CreateCommand();
        ask.CommandText = "SELECT WithdrawnAt FROM Consents WHERE WithdrawnAt IS NOT NULL";
        return new DateTimeOffset((long)(await ask.ExecuteScalarAsync(Cancelled))!, TimeSpan.Zero); // kept as UTC ticks
    }
}

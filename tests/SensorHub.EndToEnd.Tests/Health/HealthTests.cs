using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Health;
using SensorHub.Mqtt.Publishing;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests.Health;

public sealed class HealthTests
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task The_whole_is_as_bad_as_its_worst_part_and_says_of_each_what_is_and_what_to_do()
    {
        var broker = PartState.Ok("Connected.");
        var store = PartState.Ok("Stored.") with { Numbers = new Dictionary<string, object> { ["stored"] = 12L, ["lag_s"] = 0.25 } };
        await using var app = await StartAsync(new HealthPart("broker", () => broker), new HealthPart("store", () => store));

        var (status, json) = await HealthAsync(app);
        Assert.Equal((HttpStatusCode.OK, "ok"), (status, json.GetProperty("status").GetString()));
        Assert.Equal("of-a-test", json.GetProperty("trace").GetString());
        Assert.Equal(12, json.GetProperty("parts").GetProperty("store").GetProperty("stored").GetInt64());
        Assert.Equal(0.25, json.GetProperty("parts").GetProperty("store").GetProperty("lag_s").GetDouble());

        store = PartState.Degraded("Away.", "Wait.");
        (status, json) = await HealthAsync(app);
        Assert.Equal((HttpStatusCode.OK, "degraded"), (status, json.GetProperty("status").GetString()));
        Assert.Equal("ok", json.GetProperty("parts").GetProperty("broker").GetProperty("status").GetString());
        Assert.Equal("Wait.", json.GetProperty("parts").GetProperty("store").GetProperty("do").GetString());

        broker = PartState.Failed("Lost.");
        (status, json) = await HealthAsync(app);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "failed"), (status, json.GetProperty("status").GetString()));
        Assert.Equal("Lost.", json.GetProperty("parts").GetProperty("broker").GetProperty("says").GetString());

        // It lives all the same.
        using var alive = await Http.GetAsync(new Uri(AddressOf(app), "alive"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        var metrics = await Http.GetStringAsync(new Uri(AddressOf(app), "metrics"), TestContext.Current.CancellationToken);
        Assert.Matches("""sensorhub_health\{[^}]*part="broker"[^}]*\} 2""", metrics);
        Assert.Matches("""sensorhub_health\{[^}]*part="store"[^}]*\} 1""", metrics);
    }

    [Fact]
    public async Task A_part_that_cannot_say_how_it_is_has_failed()
    {
        await using var app = await StartAsync(new HealthPart("broken", () => throw new Core.UserException("The folder is gone: make it again.")));
        var (status, json) = await HealthAsync(app);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("The folder is gone: make it again.", json.GetProperty("parts").GetProperty("broken").GetProperty("says").GetString());
    }

    [Fact]
    public async Task That_a_part_is_well_again_is_said_once_and_that_it_is_not_unless_it_says_so_itself()
    {
        var time = new FakeTimeProvider();
        var (broker, disk) = (PartState.Ok("Connected."), PartState.Ok("Room."));
        List<string> said = [];
        await using var watch = new HealthWatch([new HealthPart("broker", () => broker) { SaysItself = true }, new HealthPart("disk", () => disk)], time, said.Add);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(said);
        (broker, disk) = (PartState.Failed("Lost."), PartState.Degraded("Little room.", "Make some."));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["disk: Little room. Make some."], said);
        (broker, disk) = (PartState.Ok("Connected."), PartState.Failed("No room.", "Make some."));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["disk: Little room. Make some.", "broker is ok again. Connected.", "disk: No room. Make some."], said);
        disk = PartState.Ok("Room.");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("disk is ok again. Room.", said[^1]);
        Assert.Equal(4, said.Count);
    }

    public static TheoryData<string, HealthPart, HealthStatus, string> States => new()
    {
        { "published", HealthParts.Publisher("publisher", () => new PublisherCounts(5, 0, 0, 2)), HealthStatus.Healthy, "5 messages published, 2 wait" },
        { "dropped", HealthParts.Publisher("publisher", () => new PublisherCounts(5, 3, 0, 0)), HealthStatus.Degraded, "3 were dropped" },
        { "refused", HealthParts.Publisher("publisher", () => new PublisherCounts(5, 0, 1, 0)), HealthStatus.Degraded, "1 were refused" },
        { "young outbox", HealthParts.Outbox("outbox", () => new OutboxState(7, 4096, TimeSpan.FromMinutes(9), 0, null)), HealthStatus.Healthy, "7 messages wait, the oldest for 9 min" },
        { "old outbox", HealthParts.Outbox("outbox", () => new OutboxState(7, 4096, TimeSpan.FromHours(5), 0, null)), HealthStatus.Degraded, "the oldest for 5 h" },
        { "outbox that dropped", HealthParts.Outbox("outbox", () => new OutboxState(7, 4096, default, 2, null)), HealthStatus.Unhealthy, "2 were dropped" },
        { "outbox at fault", HealthParts.Outbox("outbox", () => new OutboxState(0, 0, default, 0, "The disk is full.")), HealthStatus.Unhealthy, "The disk is full." },
        { "output", HealthParts.Output("influx", () => new OutputState(10, 1, TimeSpan.FromSeconds(1), 0, null, false)), HealthStatus.Healthy, "10 points stored" },
        { "output that set aside", HealthParts.Output("influx", () => new OutputState(10, 1, default, 4, null, false)), HealthStatus.Healthy, "4 could not be stored" },
        { "output behind", HealthParts.Output("influx", () => new OutputState(10, 1, TimeSpan.FromMinutes(3), 0, null, false)), HealthStatus.Degraded, "waited for 3 min" },
        { "output away", HealthParts.Output("influx", () => new OutputState(10, 1, default, 0, "No InfluxDB listens.", false)), HealthStatus.Degraded, "No InfluxDB listens." },
        { "output refused", HealthParts.Output("influx", () => new OutputState(10, 1, default, 0, "The token is refused.", true)), HealthStatus.Unhealthy, "The token is refused." },
        { "empty quarantine", HealthParts.Quarantine(() => 0), HealthStatus.Healthy, "Empty." },
        { "quarantine", HealthParts.Quarantine(() => 3), HealthStatus.Degraded, "3 messages" },
        { "radio", HealthParts.Radio(() => null), HealthStatus.Healthy, "can be used" },
        { "no radio", HealthParts.Radio(() => "The adapter is off: switch it on."), HealthStatus.Unhealthy, "switch it on" },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void A_part_says_how_it_is_in_a_line_and_what_to_do_when_it_is_not_well(string of, HealthPart part, HealthStatus status, string says)
    {
        var state = part.Look();
        Assert.Equal((of, status), (of, state.Status));
        Assert.Contains(says, state.Says, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', state.Says);
        Assert.True(status == HealthStatus.Healthy || state.Remedy is not null || state.Says.Contains(':', StringComparison.Ordinal) || of == "outbox at fault");
    }

    [Fact]
    public void A_clock_that_is_set_while_the_hub_runs_is_noticed()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var stepped = new SteppedTime(time);
        var clock = HealthParts.Clock(stepped);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HealthStatus.Healthy, clock.Look().Status);
        stepped.Step = TimeSpan.FromSeconds(-5);
        var state = clock.Look();
        Assert.Equal(HealthStatus.Degraded, state.Status);
        Assert.Contains("-5.0 s", state.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_from_before_the_program_was_built_has_failed() =>
        Assert.Equal(HealthStatus.Unhealthy, HealthParts.Clock(new FakeTimeProvider(new DateTimeOffset(1970, 1, 1, 0, 5, 0, TimeSpan.Zero))).Look().Status);

    [Fact]
    public void Space_is_told_in_time_of_recording()
    {
        Assert.Equal(HealthStatus.Healthy, new DiskSpace("/x", 50_000_000_000).State.Status);
        Assert.Contains("24 h of recording", new DiskSpace("/x", 300_000_000).State.Says, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, new DiskSpace("/x", 300_000_000).State.Status);
        Assert.Equal(HealthStatus.Unhealthy, new DiskSpace("/x", 50_000_000).State.Status);
        var here = DiskSpace.Of(Path.GetTempPath());
        Assert.True(here.Free > 0);
        if (OperatingSystem.IsLinux())
            Assert.True(here.FreeFiles is null or > 0);
    }

    [Fact]
    public async Task A_running_hub_says_that_all_is_well_and_serves_each_documented_metric_and_that_its_broker_is_gone()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var environment = new Dictionary<string, string> { ["SENSORHUB_MQTT__USER"] = MosquittoServer.User, ["SENSORHUB_MQTT__PASSWORD"] = MosquittoServer.Password };
        await using var hub = HubProgram.StartWith(environment, "run", "--simulate", "--port", "0", "--mqtt", "127.0.0.1", "--mqtt-port", $"{mosquitto.Port}", "--data", HubProgram.NewFolder());
        var page = await hub.Page;

        var health = await UntilAsync(page, json => json.GetProperty("parts").GetProperty("store").GetProperty("stored").GetInt64() > 0);
        Assert.Equal(["broker", "publisher", "outbox", "store", "quarantine", "disk", "radio", "clock"], health.GetProperty("parts").EnumerateObject().Select(p => p.Name));
        Assert.Equal("ok", health.GetProperty("parts").GetProperty("broker").GetProperty("status").GetString());

        var documented = Regex.Matches(await File.ReadAllTextAsync(Repository.PathOf("src/SensorHub/Health/README.md"), TestContext.Current.CancellationToken), @"^\| SensorHub\S* \| `(\w+)`", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value).ToList();
        Assert.True(documented.Count > 3);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System))
        {
            // A counter is there once it has counted.
            foreach (var name in documented)
                while (!Regex.IsMatch(await Http.GetStringAsync(new Uri(page, "metrics"), TestContext.Current.CancellationToken), $"(?m)^{name}[ {{]"))
                {
                    Assert.False(patience.IsCancellationRequested, $"{name} is documented, and not served.");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
                }
        }

        await mosquitto.StopAsync();
        health = await UntilAsync(page, json => json.GetProperty("parts").GetProperty("broker").GetProperty("status").GetString() == "failed");
        Assert.Equal("failed", health.GetProperty("status").GetString());
        Assert.Contains($"127.0.0.1:{mosquitto.Port}", health.GetProperty("parts").GetProperty("broker").GetProperty("says").GetString(), StringComparison.Ordinal);

        await mosquitto.StartAgainAsync();
        await UntilAsync(page, json => json.GetProperty("parts").GetProperty("broker").GetProperty("status").GetString() == "ok");
        Assert.DoesNotContain(hub.Errors, line => line.Contains("Health check", StringComparison.Ordinal)); // asking is not trouble
        using var told = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!hub.Errors.Any(line => line.Contains("broker is ok again", StringComparison.Ordinal)))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, told.Token);
    }

    private static async Task<JsonElement> UntilAsync(Uri page, Func<JsonElement, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90), TimeProvider.System);
        while (true)
        {
            using var answer = await Http.GetAsync(new Uri(page, "health"), patience.Token);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(patience.Token));
            if (condition(json.RootElement))
                return json.RootElement.Clone();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    private static async Task<WebApplication> StartAsync(params HealthPart[] parts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddHubHealth(parts);
        var app = builder.Build();
        app.MapHubHealth("of-a-test");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static async Task<(HttpStatusCode Status, JsonElement Json)> HealthAsync(WebApplication app)
    {
        using var answer = await Http.GetAsync(new Uri(AddressOf(app), "health"), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, json.RootElement.Clone());
    }

    /// <summary>A wall clock that somebody sets, beside a monotonic one that nobody can.</summary>
    private sealed class SteppedTime(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Step;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override long TimestampFrequency => inner.TimestampFrequency;
    }
}

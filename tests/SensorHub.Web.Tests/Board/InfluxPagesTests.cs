using System.Buffers;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SensorHub.Core;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.History;
using SensorHub.Storage.Influx;

namespace SensorHub.Web.Tests.Board;

/// <summary>The pages of a clinic, whose past comes from an InfluxDB, beside those of a hub, whose past comes from its own store.</summary>
public sealed partial class InfluxPagesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_stored_is_the_same_on_a_therapists_pages_from_InfluxDB_as_from_the_embedded_store()
    {
        await using var influx = await InfluxServer.StartAsync();
        await using var stored = new StoredHistory();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var features = Sessions(Timestamp.FromDateTimeOffset(time.GetUtcNow())).ToList();
        await stored.AddAsync(features);
        var options = new InfluxOptions { Url = influx.Url, Profile = InfluxProfile.V1, Database = "sensorhub", Timeout = TimeSpan.FromMinutes(5) };
        await using (var output = new InfluxOutput(options, TimeProvider.System))
        {
            var messages = new HubMessages(WebHost.Hub);
            var points = features.Select(messages.Write).Select(message => PointReader.Read(message.Topic, message.Payload.ToArray()).Point!).ToList();
            Assert.Empty((await output.WriteAsync(points, Cancelled)).Rejected);
        }
        using var database = new InfluxHistory(options, TimeProvider.System);

        var clinic = await PagesAsync(database, time);
        var hub = await PagesAsync(stored.History, time);

        Assert.Contains("data-session=\"old-3\"", clinic["/board/p1"], StringComparison.Ordinal);
        Assert.Equal(3 * 2 * 120, Done().Matches(clinic["/progress?subject=p1"]).Sum(match => int.Parse(match.Groups[1].Value, null))); // of both sides, in whichever weeks these days are
        Assert.Contains("110 ± 4 N", clinic["/board/p1/report?session=old-3"], StringComparison.Ordinal);
        Assert.Equal(hub, clinic);
    }

    private static async Task<Dictionary<string, string>> PagesAsync(IHistory history, TimeProvider time)
    {
        var therapist = new Clinic();
        therapist.Allow("p1");
        await using var web = await WebHost.StartAsync(history: history, allHubs: true, services: services =>
        {
            therapist.Replace(services);
            services.AddSingleton(time);
        });
        await Clinic.AddAsync(web, "p1", "Ms Reed");
        using var client = new HttpClient { BaseAddress = web.Address };
        Dictionary<string, string> pages = [];
        foreach (var path in new[] { "/board/p1", "/board/p1/report?session=old-3", "/progress?subject=p1" })
            pages[path] = WebUtility.HtmlDecode(Token().Replace(await client.GetStringAsync(path, Cancelled), ""));
        return pages;
    }

    /// <summary>Three sessions on the days before today; in the last one pain rose.</summary>
    private static IEnumerable<Feature> Sessions(Timestamp now)
    {
        for (var n = 1; n <= 3; n++)
        {
            var (person, end) = (new Person("p1", $"old-{n}"), now - TimeSpan.FromDays(4 - n));
            yield return Set(person, end - TimeSpan.FromMinutes(3), Side.Left, 110);
            yield return Set(person, end - TimeSpan.FromMinutes(1), Side.Right, 170);
            yield return person.Cue(0, CueCode.LongHold, CueLevel.Remind) with { Time = end - TimeSpan.FromSeconds(30) };
            yield return person.SessionAt(900) with { Time = end, Event = SessionEvent.Ended, PainAtStart = 3, Pain = n == 3 ? 5 : 3 };
        }
    }

    private static RollingSet Set(Person person, Timestamp end, Side side, double force) => new()
    {
        Time = end, Session = person.Session, Subject = person.Subject, Sensor = Slug.Parse("roller-1"), Muscle = Muscle.Hamstrings, Side = side,
        Number = 1, Start = end - TimeSpan.FromSeconds(130), ContactTime = TimeSpan.FromSeconds(120), TimeInBand = TimeSpan.FromSeconds(90), Strokes = 20, Tempo = 3,
        MeanForce = new Measured(force, 2), BodyWeightPercent = new Measured(force / 7, 1), Impulse = new Measured(120 * force, 100), Dwells = 0, LongestDwell = TimeSpan.Zero,
        Source = ForceSource.Measured, Quality = Quality.Good,
    };

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"[^\"]+\"")]
    private static partial Regex Token();

    [GeneratedRegex("data-done-s=\"(\\d+)\"")]
    private static partial Regex Done();
}

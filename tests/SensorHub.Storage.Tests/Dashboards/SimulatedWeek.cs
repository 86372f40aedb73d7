using System.Buffers;
using System.Reactive.Linq;
using System.Text.Json.Nodes;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>
/// A real InfluxDB with a week of two people in it: virtual sensors through the pipelines, the payloads and the bridge's reader. On two days
/// frames are lost for good, on one the radio is away; one person rolls too hard and reports pain.
/// </summary>
public sealed class SimulatedWeek(Servers servers) : IAsyncLifetime
{
    public static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private static readonly Scenario TooHard = new("too-hard", "Rolls with more than 55 % of body weight",
        [new Activity.Stand(10), new Activity.GoDown(4), new Activity.Roll(new RollingSet(Muscle.Quadriceps, Side.Right, Strokes: 8, SecondsPerStroke: 3, StrokeLength: 0.25, Force: 650)), new Activity.Stand(5)]);

    public Timestamp From { get; } = Timestamp.FromDateTimeOffset(Monday);

    public Timestamp To { get; } = Timestamp.FromDateTimeOffset(Monday.AddDays(7));

    /// <summary>Of the last session.</summary>
    public Timestamp LastSession { get; private set; }

    public IReadOnlyList<Point> Points { get; private set; } = [];

    public InfluxOptions Options { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Options = await servers.V1Async();
        (int Day, string Hub, string Subject, Scenario Scenario)[] sessions =
        [
            (0, "home", "p1", Scenario.Day),
            (1, "clinic", "p2", TooHard),
            (2, "home", "p1", Scenario.Hamstrings),
            (4, "clinic", "p2", Scenario.Bends),
            (5, "home", "p1", Scenario.Knock),
            (6, "home", "p1", Scenario.Day),
        ];
        var points = new List<Point>();
        foreach (var session in sessions)
            points.AddRange(Play(session.Day, session.Hub, session.Subject, session.Scenario));
        points.AddRange(Corrected(points));
        Points = points;
        LastSession = points.Where(p => p.Measurement.Name == "session").Max(p => p.Time) - TimeSpan.FromMinutes(6);
        await using var output = new InfluxOutput(Options, TimeProvider.System);
        foreach (var batch in points.Chunk(output.BatchSize))
            Assert.Empty((await output.WriteAsync(batch, CancellationToken.None)).Rejected);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The rows of each series that the database answers with; a query that it refuses fails.</summary>
    public async Task<IReadOnlyList<JsonNode>> AskAsync(string query)
    {
        var server = await servers.InfluxAsync();
        var result = JsonNode.Parse(await server.QueryAsync(query, Options.Database))!["results"]![0]!;
        Assert.True(result["error"] is null, $"{result["error"]}: {query}");
        return [.. (result["series"] as JsonArray ?? []).Select(s => s!)];
    }

    private static IEnumerable<Point> Play(int day, string hub, string subject, Scenario scenario)
    {
        var start = Monday.AddDays(day).AddHours(day % 3);
        var session = new SimulatedSession(new SimulationOptions
        {
            Scenario = scenario, Start = start, Seed = subject == "p1" ? 1 : 2, // the same sensors each time
            Subject = Slug.Parse(subject), Session = Slug.Parse($"{subject}-{day}"), BodyMassKg = 72,
            Radio = new RadioOptions { Outages = day == 2 ? [new Outage(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(9))] : [] },
        });
        var records = new List<SensorRecord>();
        session.Run(record =>
        {
            var seconds = (record.At - Timestamp.FromDateTimeOffset(start)).TotalSeconds;
            if (ReferenceEquals(scenario, TooHard) && seconds > 30 && !records.Any(r => r is SensorRecord.Marked { Marker: Marker.PainReported }))
                records.Add(new SensorRecord.Marked(record.At, new Marker.PainReported(8, PainCharacter.Pressure)));
            if (record is not SensorRecord.Frame || day % 4 != 2 || seconds is < 20 or > 23) // three seconds that nobody can fetch any more
                records.Add(record);
        });
        var messages = new HubMessages(Slug.Parse(hub));
        return records.ToObservable().Features().ToEnumerable().Select(feature =>
        {
            var message = messages.Write(feature);
            return PointReader.Read(message.Topic, message.Payload.ToArray()).Point ?? throw new InvalidOperationException($"The bridge does not take {feature}.");
        });
    }

    /// <summary>As after the end of a session whose missing samples came: some points anew, some taken back.</summary>
    private static List<Point> Corrected(List<Point> points) =>
        [.. points.Where(p => p.Measurement.Name == "posture" && p.Time < Timestamp.FromDateTimeOffset(Monday.AddDays(1))).Take(300).Select((point, i) =>
        {
            var again = new Point(StorageSchema.Current["posture"], point.Time);
            foreach (var (tag, value) in point.Measurement.Tags.Zip(point.Tags.ToArray()))
                again.WithTag(tag.Name, value);
            again["finality"] = EnumNames.Of(i < 100 ? Finality.Final : i < 200 ? Finality.Historical : Finality.Superseded);
            return again;
        })];
}

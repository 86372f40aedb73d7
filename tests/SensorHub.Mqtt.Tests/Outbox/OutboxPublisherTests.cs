using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SensorHub.Core;
using SensorHub.Core.Posture;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Outbox;
using SensorHub.Mqtt.Publishing;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Mqtt.Tests.Contract;

namespace SensorHub.Mqtt.Tests.Outbox;

/// <summary>With real brokers, a real disk, and a bridge that acknowledges and confirms.</summary>
public sealed class OutboxPublisherTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Slug Hub = Slug.Parse("hub");
    private static readonly Slug Store = Slug.Parse("store");
    private static readonly Slug Influx = Slug.Parse("influx");

    private readonly string _folder = ServerProcess.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task What_is_published_leaves_the_outbox_when_both_outputs_have_confirmed_it(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind);
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        await using var influx = await StandIn.StartAsync(broker.Connection, Influx);
        await using var hub = await SenderAsync(broker.Connection, outputs: [Store, Influx]);

        hub.Publish(1, 1000);
        Assert.True(await hub.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));

        Assert.Equal(Numbers(1, 1000), store.Taken.Order());
        Assert.Equal(Numbers(1, 1000), influx.Taken.Order());
        await Patience.Until(() => hub.Outbox.Health is { Waiting: 0, Confirmed: 1000 }, "all are confirmed");
        Assert.Equal((1000, 0, 0), (hub.Outbox.Health.Sent, hub.Outbox.Health.Resent, hub.Outbox.Health.Dropped));
    }

    [Fact]
    public async Task A_backlog_of_fifty_thousand_and_what_is_live_meanwhile_arrive_and_the_rate_is_said()
    {
        const int Backlog = 50_000;
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using (var before = await SenderAsync(broker.Connection, outputs: [Store], connect: false))
            for (var i = 0; i < Backlog; i += 5000)
            {
                before.Publish(i + 1, i + 5000);
                await Patience.Until(() => before.Outbox.Health.Unwritten == 0, "they are on the disk");
            }
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        var start = TimeProvider.System.GetTimestamp();
        await using var hub = await SenderAsync(broker.Connection, outputs: [Store]);
        await Patience.Until(() => hub.Outbox.Health.Sent > 100, "the backlog is on its way");
        hub.Publish(Backlog + 1, Backlog + 10);

        Assert.True(await hub.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));

        var taken = store.Taken;
        output.WriteLine($"{Backlog / TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} messages/s from the disk to the store and confirmed; {hub.Outbox.Health.Resent} sent twice.");
        Assert.Equal(Numbers(1, Backlog + 10), taken.Order().Distinct());
        Assert.True(taken.IndexOf(Backlog + 10) < Backlog, "what is live now did not wait for the backlog");
        Assert.Equal(Numbers(1, Backlog), taken.Where(n => n <= Backlog).Distinct());
    }

    [Fact]
    public async Task A_mosquitto_that_is_killed_and_forgets_what_it_had_acknowledged_gets_it_again()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await (await StandIn.StartAsync(broker.Connection, Store, keepsSession: true)).DisposeAsync(); // away: the broker keeps messages for it
        await using var hub = await SenderAsync(broker.Connection, outputs: [Store]);
        hub.Publish(1, 200);
        await Patience.Until(() => hub.Outbox.Counts.Published == 200, "the broker has acknowledged all of them");

        await broker.StopAsync();
        await Patience.Until(() => !hub.Link.IsConnected, "the link is down");
        await broker.StartAgainAsync();
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        hub.Publish(201, 210);

        Assert.True(await hub.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(Numbers(1, 210), store.Taken.Order().Distinct());
        Assert.True(hub.Outbox.Health.Resent >= 200);
    }

    [Fact]
    public async Task A_broker_that_forgot_all_is_noticed_without_a_new_message()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded);
        await using var hub = await SenderAsync(broker.Connection, outputs: [Store]);
        hub.Publish(1, 50); // nobody there: the broker acknowledges, and forgets them
        await Patience.Until(() => hub.Outbox.Counts.Published >= 50, "the broker has acknowledged all of them");
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        Assert.True(await hub.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(Numbers(1, 50), store.Taken.Order().Distinct());
    }

    [Theory]
    [InlineData(BrokerKind.Embedded)]
    [InlineData(BrokerKind.Mosquitto)]
    public async Task Over_a_network_that_is_cut_again_and_again_nothing_is_lost(BrokerKind kind)
    {
        await using var broker = await TestBroker.StartAsync(kind);
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        await using var way = new Relay(broker.Connection.Port);
        await using var hub = await SenderAsync(broker.Connection with { Port = way.Port }, outputs: [Store]);
        for (var i = 0; i < 10; i++)
        {
            hub.Publish(i * 300 + 1, i * 300 + 300);
            way.Cut();
        }
        Assert.True(await hub.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(Numbers(1, 3000), store.Taken.Order().Distinct());
    }

    [Fact]
    public async Task What_a_killed_process_left_on_the_disk_is_sent_by_the_next()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using (var hub = await SenderAsync(broker.Connection, outputs: [Store], connect: false))
        {
            hub.Publish(1, 500);
            await Patience.Until(() => hub.Outbox.Health is { Waiting: 500, Unwritten: 0 }, "they are on the disk");
            // What kill −9 leaves at this moment: the file and its log, as they are.
            foreach (var part in (string[])["", "-wal"])
                File.Copy(hub.File + part, Path.Combine(_folder, "left.db") + part);
        }
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        await using var next = await SenderAsync(broker.Connection, outputs: [Store], file: "left.db");
        Assert.True(await next.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(Numbers(1, 500), store.Taken);
        Assert.All(store.Finalities, f => Assert.Equal("historical", f));
    }

    [Fact]
    public async Task Leaving_loses_nothing_that_was_taken()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded);
        await using (var hub = await SenderAsync(broker.Connection, outputs: [Store], connect: false))
            hub.Publish(1, 5000);
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        await using var next = await SenderAsync(broker.Connection, outputs: [Store]);
        Assert.True(await next.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(Numbers(1, 5000), store.Taken);
    }

    [Fact]
    public async Task One_broker_that_is_away_does_not_touch_the_other()
    {
        await using var near = await TestBroker.StartAsync(BrokerKind.Embedded);
        await using var far = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using var store = await StandIn.StartAsync(near.Connection, Store);
        await using var home = await SenderAsync(near.Connection, outputs: [Store], file: "embedded.db");
        await using var clinic = await SenderAsync(far.Connection, outputs: [OutboxOptions.Broker], file: "upstream.db");
        await far.StopAsync();
        await Patience.Until(() => !clinic.Link.IsConnected, "the clinic's broker is away");

        for (var i = 1; i <= 300; i++)
        {
            home.Publish(i, i);
            clinic.Publish(i, i);
        }
        Assert.True(await home.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(Numbers(1, 300), store.Taken);
        Assert.Equal(300, clinic.Outbox.Health.Waiting);

        await far.StartAgainAsync();
        Assert.True(await clinic.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        Assert.Equal(300, store.Taken.Count);
        Assert.Equal(300, clinic.Outbox.Health.Confirmed);
    }

    [Fact]
    public async Task Commands_and_confirmations_come_by_one_subscription()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        await using var store = await StandIn.StartAsync(broker.Connection, Store);
        await using var hub = await SenderAsync(broker.Connection, outputs: [Store], connect: false);
        var commands = new CommandReceiver(hub.Inbox);
        await hub.Link.ConnectAsync(Patience.Token);
        using var stop = new CancellationTokenSource();
        var markers = new ConcurrentQueue<Marker>();
        var receiving = commands.RunAsync(markers.Enqueue, stop.Token);

        await store.Link.PublishAsync(TestBroker.Message(Topics.Command(Hub), "nonsense"), Patience.Token);
        await store.Link.PublishAsync(new HubMessages(Hub).Command(new Marker.MuscleChosen(Muscle.Calf, Side.Left)), Patience.Token);
        await store.Link.PublishAsync(TestBroker.Message(Topics.Stored(Hub), "nonsense"), Patience.Token);
        hub.Publish(1, 10);

        Assert.True(await hub.Outbox.FlushAsync(TimeSpan.FromSeconds(60), Patience.Token));
        await Patience.Until(() => markers.Count == 1, "the command has arrived");
        Assert.Equal(1, commands.Refused);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
    }

    [Fact]
    public async Task What_the_broker_refuses_stays_in_the_outbox_and_does_not_stop_what_follows()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded, rights: true);
        await using var hub = await SenderAsync(broker.Embedded.Connection(Mqtt.Broker.BrokerRole.Hub), outputs: [OutboxOptions.Broker]);
        hub.Publish(1, 1);
        await Patience.Until(() => hub.Outbox.Counts.Refused == 1, "it is refused");
        hub.Outbox.Publish(new HubMessages(Hub).Command(new Marker.MuscleChosen(Muscle.Calf, Side.Left)), 5, live: true);
        await Patience.Until(() => hub.Outbox.Counts.Published == 1, "the other one is taken");
        hub.Outbox.Publish(TestBroker.Message("n/1", new string('x', 300_000)), 6, live: true);
        Assert.Equal(2, hub.Outbox.Counts.Refused);
        await Patience.Until(() => hub.Outbox.Health.Waiting == 1, "the refused one waits");
        Assert.False(await hub.Outbox.FlushAsync(TimeSpan.FromMilliseconds(20), Patience.Token));
        Assert.True(hub.Link.IsConnected);
    }

    [Fact]
    public async Task Features_go_by_the_outbox_with_number_schema_and_session_and_a_corrected_one_behind_the_first()
    {
        await using var broker = await TestBroker.StartAsync(BrokerKind.Mosquitto);
        var (reading, read) = await broker.ReaderAsync(Topics.All);
        await using var _ = reading;
        await using var hub = await SenderAsync(broker.Connection, outputs: [OutboxOptions.Broker]);
        await using var publisher = new FeaturePublisher(hub.Link, new HubMessages(Samples.Hub), new(), outbox: hub.Outbox);
        var posture = (PostureEstimate)Samples.All.First().Feature with { Finality = Finality.Live };
        var gap = Samples.All.Select(s => s.Feature).OfType<Gap>().First() with { Finality = Finality.Live };
        Feature[] features =
        [
            posture with { Finality = Finality.Final }, posture, gap with { State = GapState.Open }, gap with { State = GapState.Recovered },
        ];

        foreach (var feature in features)
            publisher.Publish(feature);
        await publisher.FlushAsync(Patience.Token);

        var arrived = new List<string>();
        for (var i = 0; i < features.Length; i++)
        {
            var message = await read.NextAsync();
            Assert.True(OutboxNumber.TryParse(message.Property(OutboxNumber.Property), out var number));
            Assert.Equal(FeaturePayloads.From(features[number.Number - 1]), PayloadReader.Read(message.Topic, message.Payload.Span).Payload);
            Assert.NotNull(message.Property("schema"));
            Assert.NotNull(message.Property("session"));
            arrived.Add($"{number.Number}");
        }
        Assert.True(arrived.IndexOf("3") < arrived.IndexOf("4"), "the gap was recovered after it was open");
        Assert.Equal(new PublisherCounts(4, 0, 0, 0), publisher.Counts);
    }

    [Fact]
    public async Task What_it_does_can_be_seen_from_outside()
    {
        var seen = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "SensorHub.Mqtt")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag is { Key: "destination", Value: "seen" })
                    seen[instrument.Name] = value;
        });
        listener.Start();
        await using var broker = await TestBroker.StartAsync(BrokerKind.Embedded);
        await using var hub = await SenderAsync(broker.Connection, outputs: [Store], connect: false, destination: "seen");
        hub.Publish(1, 7);
        await Patience.Until(() => hub.Outbox.Health is { Waiting: 7, Unwritten: 0 }, "they are on the disk");
        listener.RecordObservableInstruments();
        Assert.Equal(7, seen["sensorhub.outbox.waiting"]);
        Assert.Equal(0, seen["sensorhub.outbox.sent"]);
        Assert.Superset(
            new HashSet<string>(["sensorhub.outbox.bytes", "sensorhub.outbox.oldest_age", "sensorhub.outbox.confirmed", "sensorhub.outbox.resent", "sensorhub.outbox.dropped"]),
            seen.Keys.ToHashSet());
    }

    private static IEnumerable<int> Numbers(int first, int last) => Enumerable.Range(first, last - first + 1);

    private async Task<Sender> SenderAsync(MqttConnection to, IReadOnlyList<Slug> outputs, string file = "outbox.db", bool connect = true, string destination = "test")
    {
        var link = new MqttLink(to, new() { ClientId = $"hub-{file}", FirstRetry = TimeSpan.FromMilliseconds(5), LongestRetry = TimeSpan.FromMilliseconds(50), SessionExpiry = TimeSpan.FromMinutes(5) }, TimeProvider.System);
        var inbox = new HubInbox(link, Hub);
        var options = new OutboxOptions
        {
            Path = Path.Combine(_folder, file),
            Destination = destination,
            Outputs = outputs,
            Grace = TimeSpan.FromMilliseconds(500),
            FirstProbe = TimeSpan.FromSeconds(1),
            LongestProbe = TimeSpan.FromSeconds(2),
        };
        var outbox = new OutboxPublisher(link, inbox, options, TimeProvider.System);
        if (connect)
            await link.ConnectAsync(Patience.Token);
        return new Sender(link, inbox, outbox, options.Path);
    }

    private sealed record Sender(MqttLink Link, HubInbox Inbox, OutboxPublisher Outbox, string File) : IAsyncDisposable
    {
        public void Publish(int first, int last)
        {
            for (var i = first; i <= last; i++)
                Outbox.Publish(TestOutbox.Message($$"""{"n":{{i}},"finality":"live"}""", "n/1"), OutboxKey.Of("n/1", new Timestamp(i)), live: true);
        }

        public async ValueTask DisposeAsync()
        {
            await Outbox.DisposeAsync();
            await Link.DisposeAsync();
        }
    }

    /// <summary>In place of a bridge: takes, acknowledges, confirms.</summary>
    private sealed class StandIn(MqttLink link, MqttSubscription subscription, Slug name) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly List<(int Number, string Finality)> _taken = [];
        private Task _running = Task.CompletedTask;

        public MqttLink Link => link;

        public List<int> Taken
        {
            get
            {
                lock (_taken)
                    return [.. _taken.Select(t => t.Number)];
            }
        }

        public List<string> Finalities
        {
            get
            {
                lock (_taken)
                    return [.. _taken.Select(t => t.Finality)];
            }
        }

        public static async Task<StandIn> StartAsync(MqttConnection to, Slug output, bool keepsSession = false)
        {
            var link = new MqttLink(
                to, new() { ClientId = $"bridge-{output}", FirstRetry = TimeSpan.FromMilliseconds(5), LongestRetry = TimeSpan.FromMilliseconds(50), SessionExpiry = TimeSpan.FromMinutes(keepsSession ? 5 : 0) },
                TimeProvider.System);
            var subscription = link.Subscribe("n/#", new() { ManualAcknowledgement = true });
            await link.ConnectAsync(Patience.Token);
            var standIn = new StandIn(link, subscription, output);
            standIn._running = Task.Run(standIn.RunAsync);
            return standIn;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await link.DisposeAsync();
            await _running;
        }

        private async Task RunAsync()
        {
            try
            {
                while (await subscription.Messages.WaitToReadAsync(_stop.Token))
                {
                    var batch = new List<OutboxNumber>();
                    while (batch.Count < 100 && subscription.Messages.TryRead(out var message))
                    {
                        using var json = System.Text.Json.JsonDocument.Parse(message.Payload);
                        lock (_taken)
                            _taken.Add((json.RootElement.GetProperty("n").GetInt32(), json.RootElement.GetProperty("finality").GetString()!));
                        await message.AcknowledgeAsync(_stop.Token);
                        if (OutboxNumber.TryParse(message.Property(OutboxNumber.Property), out var number))
                            batch.Add(number);
                    }
                    foreach (var outbox in batch.GroupBy(n => n.Outbox))
                        await link.PublishAsync(Stored.Write(Hub, outbox.Key, name, [.. outbox.Select(n => n.Number).Distinct().Order().Select(n => (n, n))]), _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or MqttLinkException)
            {
                // The connection is lost, or the test at its end.
            }
        }
    }
}

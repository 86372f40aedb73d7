using System.Buffers;
using System.Threading.Channels;
using MQTTnet;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;

namespace SensorHub.Storage.Tests.Bridging;

/// <summary>On virtual time: the bridge's waits take none of ours.</summary>
public sealed class BridgeTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly VirtualTime _time = new(Start);
    private readonly Channel<ReceivedMessage> _messages = Channel.CreateUnbounded<ReceivedMessage>();
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorhub-bridge-").FullName;
    private readonly List<string> _acknowledged = [];
    private readonly List<(Slug Hub, Slug Outbox, Slug Output, string Ranges, int AcknowledgedBefore)> _confirmed = [];
    private readonly Quarantine _quarantine;
    private Exception? _cannotConfirm;
    private Task _taken = Task.CompletedTask;

    public BridgeTests() => _quarantine = Quarantine.Open(Path.Combine(_folder, "quarantine"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_batch_is_written_when_its_first_point_has_waited_the_interval()
    {
        var output = new FakeOutput(_time);
        Run(output, async _ =>
        {
            Send(1);
            await After(100);
            Send(2);
            await After(300);

            Assert.Equal([(TimeSpan.FromMilliseconds(250), 2)], output.Tries);
        });
    }

    [Fact]
    public void A_full_batch_does_not_wait()
    {
        var output = new FakeOutput(_time, batchSize: 10);
        Run(output, async _ =>
        {
            for (var i = 0; i < 25; i++)
                Send(i);
            await After(1);

            Assert.Equal([(TimeSpan.Zero, 10), (TimeSpan.Zero, 10)], output.Tries);
        });
        Assert.Equal(25, output.Stored.Count);
    }

    [Fact]
    public void A_stop_writes_what_has_come_without_waiting_for_the_batch()
    {
        var output = new FakeOutput(_time);
        Run(output, async _ =>
        {
            Send(1);
            await After(10);
        });

        Assert.Single(output.Stored);
        Assert.Equal(Start.AddMilliseconds(10), _time.GetUtcNow());
    }

    [Fact]
    public void A_flush_writes_what_has_come_and_ends_when_it_is_stored()
    {
        var output = new FakeOutput(_time);
        Run(output, async bridge =>
        {
            Send(1);
            Send(2);
            await After(10);
            await bridge.FlushAsync(CancellationToken.None);

            Assert.Equal(2, output.Stored.Count);
            Assert.Equal(Start.AddMilliseconds(10), _time.GetUtcNow());
            Assert.Equal((2, 0), ((int)bridge.Status.Received, bridge.Status.Waiting));
        });
    }

    [Fact]
    public void A_broker_that_is_slow_to_take_a_confirmation_does_not_hold_up_the_next_batch()
    {
        var output = new FakeOutput(_time);
        var slow = new TaskCompletionSource();
        _taken = slow.Task;
        Run(output, async _ =>
        {
            Send(1, "box/1");
            await After(300);
            Send(2, "box/2");
            await After(300);

            Assert.Equal(2, output.Stored.Count);
            Assert.Equal(2, _acknowledged.Count);
            Assert.Equal(["1-1", "2-2"], _confirmed.Select(c => c.Item4));
            slow.SetResult();
        });
    }

    [Fact]
    public void Bad_messages_are_set_aside_with_their_reason_and_hold_up_nothing()
    {
        var output = new FakeOutput(_time);
        Run(output, async bridge =>
        {
            Send(1);
            Send("sensorhub/1/home/subjects/p1/posture", "{"u8.ToArray());
            Send("sensorhub/1/home/subjects/p1/posture", "not json"u8.ToArray());
            Send("elsewhere", []);
            Send("elsewhere", "{}"u8.ToArray());
            Send("sensorhub/1/home/status", """{"schema":"hub/1","time":"2026-01-31T12:00:00Z","online":true}"""u8.ToArray());
            Send(2);
            await After(300);

            var status = bridge.Status;
            Assert.Equal((7L, 2L, 0), (status.Received, status.Ignored, status.Waiting));
            Assert.Equal([new("foreign-topic", 1), new("not-json", 2)], status.Quarantined);
            Assert.Equal(2, output.Stored.Count);
            Assert.Equal(7, _acknowledged.Count);
        });
        Assert.Equal(["foreign-topic", "not-json", "not-json"], Quarantined().Select(m => m.Reason).Order());
    }

    [Fact]
    public void Points_that_an_output_rejects_are_set_aside_with_what_it_said_and_hold_up_nothing()
    {
        var output = new FakeOutput(_time) { IsBad = p => p["lordosis_deg"].AsDouble() is 3 or 5 };
        Run(output, async bridge =>
        {
            for (var i = 0; i < 10; i++)
                Send(i);
            await After(300);

            Assert.Equal((8L, 0), (bridge.Status.Stored, bridge.Status.Waiting));
            Assert.Equal([new("field-type-conflict", 2)], bridge.Status.Quarantined);
        });
        Assert.All(Quarantined(), m => Assert.Equal(("said the fake", "store"), (m.Detail, m.Output)));
        Assert.Equal(["\"lordosis_deg\":3", "\"lordosis_deg\":5"], Quarantined().Select(m => m.Payload![m.Payload!.IndexOf("\"lordosis_deg", StringComparison.Ordinal)..].TrimEnd('}')).Order());
    }

    [Fact]
    public void A_message_that_cannot_be_set_aside_waits_unacknowledged_and_says_so()
    {
        var output = new FakeOutput(_time);
        Directory.Delete(_quarantine.Folder);
        File.WriteAllText(_quarantine.Folder, "in the way");
        Run(output, async bridge =>
        {
            Send(1);
            Send("sensorhub/1/home/subjects/p1/posture", "{"u8.ToArray());
            await After(20_000);
            Assert.Equal((1, 2), (output.Stored.Count, bridge.Status.Waiting));
            Assert.Contains(_quarantine.Folder, bridge.Status.Fault, StringComparison.Ordinal);
            Assert.Empty(_acknowledged);

            File.Delete(_quarantine.Folder);
            await After(60_000);
            Assert.Equal((0, null, 2), (bridge.Status.Waiting, bridge.Status.Fault, _acknowledged.Count));
        });
        Assert.Single(Quarantined());
    }

    [Fact]
    public void What_is_stored_or_set_aside_is_acknowledged_and_then_confirmed_in_runs_to_the_hub_that_sent_it()
    {
        var output = new FakeOutput(_time);
        Run(output, async _ =>
        {
            foreach (var number in (int[])[7, 5, 6, 9])
                Send(number, outbox: $"box/{number}");
            Send("sensorhub/1/home/subjects/p1/posture", "{"u8.ToArray(), "box/10");
            Send("sensorhub/1/clinic/subjects/../posture", "{"u8.ToArray(), "far/1");
            Send(11);
            Send(12, outbox: "no number");
            await After(300);
        });

        Assert.Equal([("home", "box", "store", "5-7 9-10", 8), ("clinic", "far", "store", "1-1", 8)], _confirmed.Select(c => ($"{c.Hub}", $"{c.Outbox}", $"{c.Output}", c.Ranges, c.AcknowledgedBefore)));
    }

    [Fact]
    public void A_message_whose_acknowledgement_is_lost_is_not_confirmed()
    {
        var output = new FakeOutput(_time);
        Run(output, async _ =>
        {
            Send(1, outbox: "box/1");
            Send(2, outbox: "box/2", connected: false);
            Send(3, outbox: "box/3");
            await After(300);
        });

        Assert.Equal(3, output.Stored.Count);
        Assert.Equal("1-1 3-3", Assert.Single(_confirmed).Ranges);
    }

    [Fact]
    public void A_confirmation_that_cannot_be_published_holds_up_nothing()
    {
        var output = new FakeOutput(_time);
        _cannotConfirm = new MqttLinkException("The connection is gone.");
        Run(output, async bridge =>
        {
            Send(1, outbox: "box/1");
            await After(300);
            _cannotConfirm = null;
            Send(2, outbox: "box/2");
            await After(300);
            Assert.Equal(0, bridge.Status.Waiting);
        });

        Assert.Equal("2-2", Assert.Single(_confirmed).Ranges);
    }

    [Fact]
    public void Nothing_is_confirmed_while_the_output_is_away()
    {
        var output = new FakeOutput(_time) { Failure = _ => new OutputException("Away.", OutputFault.Unavailable) };
        Run(output, async _ =>
        {
            Send(1, outbox: "box/1");
            Send("sensorhub/1/home/subjects/p1/posture", "{"u8.ToArray(), "box/2");
            await After(60_000);
            Assert.Empty(_acknowledged);
        });
        Assert.Empty(_confirmed);
    }

    [Fact]
    public void What_is_delivered_again_behind_its_correction_is_confirmed_and_not_stored()
    {
        var output = new FakeOutput(_time);
        Run(output, async bridge =>
        {
            Send(1, outbox: "box/1");
            Send(1, outbox: "box/2", finality: "final");
            await After(300);
            Send(1, outbox: "box/1");
            await After(300);

            Assert.Equal((1L, 3), (bridge.Status.PassedOver, _acknowledged.Count));
        });
        Assert.Equal(["live", "final"], output.Stored.Select(p => p["finality"].AsString()));
        Assert.Equal(["1-2", "1-1"], _confirmed.Select(c => c.Ranges));
    }

    [Fact]
    public void An_output_that_is_away_is_tried_again_with_growing_waits_and_loses_nothing()
    {
        var output = new FakeOutput(_time) { Failure = tries => tries < 5 ? new OutputException("It is away: wait.", OutputFault.Unavailable) : null };
        Run(output, async bridge =>
        {
            Send(1);
            await After(1_000);
            Assert.Equal(("It is away: wait.", false, 1), (bridge.Status.Fault, bridge.Status.NeedsPerson, bridge.Status.Waiting));
            Assert.Equal(TimeSpan.FromSeconds(1), bridge.Status.Lag);
            await After(60_000);

            var waits = output.Tries.Zip(output.Tries.Skip(1), (a, b) => b.At - a.At).ToList();
            Assert.All(waits.Zip([0.5, 1, 2, 4, 8]), w => Assert.InRange(w.First.TotalSeconds, w.Second / 2, w.Second));
            Assert.Equal((1, 0, null), (output.Stored.Count, bridge.Status.Waiting, bridge.Status.Fault));
            Assert.Equal(5, bridge.Status.Retries);
        });
    }

    [Fact]
    public void An_output_that_asks_for_time_gets_it()
    {
        var output = new FakeOutput(_time) { Failure = tries => tries == 0 ? new OutputException("Busy.", OutputFault.Unavailable, retryAfter: TimeSpan.FromSeconds(20)) : null };
        Run(output, async _ =>
        {
            Send(1);
            await After(30_000);

            Assert.Equal([TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(20.25)], output.Tries.Select(t => t.At));
        });
    }

    [Fact]
    public void An_output_that_a_person_must_mend_says_so_and_is_tried_seldom()
    {
        var output = new FakeOutput(_time) { Failure = tries => tries < 2 ? new OutputException("Wrong password: check it.", OutputFault.Misconfigured) : null };
        Run(output, async bridge =>
        {
            Send(1);
            await After(1_000);
            Assert.True(bridge.Status.NeedsPerson);
            await After(90_000);

            Assert.Equal([0.25, 30.25, 60.25], output.Tries.Select(t => t.At.TotalSeconds));
            Assert.Single(output.Stored);
        });
    }

    [Fact]
    public void One_batch_is_filled_while_the_one_before_is_stored_and_the_rest_stays_with_the_broker()
    {
        var gate = new TaskCompletionSource();
        var output = new FakeOutput(_time, batchSize: 10) { Gate = gate.Task };
        Run(output, async bridge =>
        {
            for (var i = 0; i < 100; i++)
                Send(i);
            await After(1_000);
            Assert.Equal((100, 80, TimeSpan.FromSeconds(1)), (bridge.Status.Waiting, _messages.Reader.Count, bridge.Status.Lag));
            gate.SetResult();
            await After(2_000);

            Assert.Equal((0, 100, TimeSpan.Zero), (bridge.Status.Waiting, output.Stored.Count, bridge.Status.Lag));
        });
    }

    [Fact]
    public void A_stop_does_not_wait_longer_than_its_time_out_for_an_output_that_hangs()
    {
        var output = new FakeOutput(_time) { Gate = new TaskCompletionSource().Task };
        Run(output, async _ =>
        {
            Send(1);
            await After(500);
            Send(2); // in the next batch, which waits for the one that hangs
            await After(500);
        });

        Assert.Equal(Start.AddSeconds(3), _time.GetUtcNow());
        Assert.Empty(output.Stored);
    }

    [Fact]
    public void An_outputs_broken_invariant_ends_the_bridge_and_is_not_swallowed()
    {
        var output = new FakeOutput(_time) { Failure = _ => new InvalidOperationException("a bug") };

        var failure = Assert.Throws<InvalidOperationException>(() => Run(output, async _ =>
        {
            Send(1);
            await After(1_000);
        }));

        Assert.Equal("a bug", failure.Message);
    }

    [Theory]
    [InlineData(0, 250)]
    [InlineData(70_000, 250)]
    [InlineData(10, 11_000)]
    public void Options_out_of_range_are_refused(int capacity, int interval)
    {
        var options = new BridgeOptions { Capacity = capacity, BatchInterval = TimeSpan.FromMilliseconds(interval) };

        Assert.Throws<UserException>(() => new Bridge(Bridge.Store, new FakeOutput(_time), _quarantine, options, _time));
    }

    /// <summary>Runs the bridge while the test does its part, then stops it.</summary>
    private void Run(FakeOutput output, Func<Bridge, Task> test)
    {
        var bridge = new Bridge(Bridge.Store, output, _quarantine, new BridgeOptions(), _time) { Confirm = ConfirmAsync };
        _time.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var running = bridge.RunAsync(_messages.Reader, stop.Token);
            await test(bridge);
            stop.Cancel();
            await running;
        });
    }

    private Task ConfirmAsync(MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        if (_cannotConfirm is not null)
            return Task.FromException(_cannotConfirm);
        var (outbox, output, ranges) = Stored.Read(message.Payload.ToArray())!.Value;
        _confirmed.Add((TopicName.Parse(message.Topic).Hub, outbox, output, string.Join(' ', ranges.Select(r => $"{r.First}-{r.Last}")), _acknowledged.Count));
        return _taken;
    }

    private IReadOnlyList<QuarantinedMessage> Quarantined() => _quarantine.List(trouble => Assert.Fail(trouble));

    private Task After(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time);

    /// <summary>A posture with this lordosis, at a time of its own.</summary>
    private void Send(int lordosis, string? outbox = null, bool connected = true, string finality = "live") => Send(Topics.Posture(Slug.Parse("home"), Slug.Parse("p1")), FeaturePayloads.Serialize(new PosturePayload
    {
        Schema = Schemas.Posture, Time = (Points.Start + TimeSpan.FromSeconds(lordosis)).ToString(), Finality = finality,
        Sensor = "clip", Phase = "standing", Method = "two-element-gravity", Quality = "good", LordosisDeg = lordosis,
    }), outbox, connected);

    private void Send(string topic, byte[] payload, string? outbox = null, bool connected = true) => Assert.True(_messages.Writer.TryWrite(new ReceivedMessage(
        topic, payload, outbox is null ? [] : [new(OutboxNumber.Property, outbox)], () =>
        {
            if (connected)
                _acknowledged.Add(topic);
            return Task.FromResult(connected);
        })));
}

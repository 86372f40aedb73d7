using System.Threading.Channels;
using SensorHub.Core;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;

namespace SensorHub.Storage.Tests.Bridging;

/// <summary>On virtual time: the bridge's waits take none of ours.</summary>
public class BridgeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly VirtualTime _time = new(Start);
    private readonly Channel<ReceivedMessage> _messages = Channel.CreateUnbounded<ReceivedMessage>();

    [Fact]
    public void A_batch_is_written_when_its_first_point_has_waited_the_interval()
    {
        var output = new FakeOutput(_time);
        Run([output], async _ =>
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
        Run([output], async _ =>
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
        Run([output], async _ =>
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
        Run([output], async bridge =>
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
    public void Bad_messages_are_counted_by_reason_and_hold_up_nothing()
    {
        var output = new FakeOutput(_time);
        Run([output], async bridge =>
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
            Assert.Equal([new("foreign-topic", 1), new("malformed", 2)], status.Rejected);
            Assert.Equal(2, output.Stored.Count);
        });
    }

    [Fact]
    public void Points_that_an_output_rejects_are_counted_by_reason_and_hold_up_nothing()
    {
        var output = new FakeOutput(_time) { IsBad = p => p["lordosis_deg"].AsDouble() is 3 or 5 };
        Run([output], async bridge =>
        {
            for (var i = 0; i < 10; i++)
                Send(i);
            await After(300);

            var status = Assert.Single(bridge.Status.Outputs);
            Assert.Equal((8L, 0), (status.Stored, bridge.Status.Waiting));
            Assert.Equal([new("field-type-conflict", 2)], status.Rejected);
        });
    }

    [Fact]
    public void An_output_that_is_away_is_tried_again_with_growing_waits_and_loses_nothing()
    {
        var output = new FakeOutput(_time) { Failure = tries => tries < 5 ? new OutputException("It is away: wait.", OutputFault.Unavailable) : null };
        Run([output], async bridge =>
        {
            Send(1);
            await After(1_000);
            Assert.Equal(("It is away: wait.", false, 1), (bridge.Status.Outputs[0].Fault, bridge.Status.Outputs[0].NeedsPerson, bridge.Status.Waiting));
            Assert.Equal(TimeSpan.FromSeconds(1), bridge.Status.Lag);
            await After(60_000);

            var waits = output.Tries.Zip(output.Tries.Skip(1), (a, b) => b.At - a.At).ToList();
            Assert.All(waits.Zip([0.5, 1, 2, 4, 8]), w => Assert.InRange(w.First.TotalSeconds, w.Second / 2, w.Second));
            Assert.Equal((1, 0, null), (output.Stored.Count, bridge.Status.Waiting, bridge.Status.Outputs[0].Fault));
            Assert.Equal(5, bridge.Status.Outputs[0].Retries);
        });
    }

    [Fact]
    public void An_output_that_asks_for_time_gets_it()
    {
        var output = new FakeOutput(_time) { Failure = tries => tries == 0 ? new OutputException("Busy.", OutputFault.Unavailable, retryAfter: TimeSpan.FromSeconds(20)) : null };
        Run([output], async _ =>
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
        Run([output], async bridge =>
        {
            Send(1);
            await After(1_000);
            Assert.True(bridge.Status.Outputs[0].NeedsPerson);
            await After(90_000);

            Assert.Equal([0.25, 30.25, 60.25], output.Tries.Select(t => t.At.TotalSeconds));
            Assert.Single(output.Stored);
        });
    }

    [Fact]
    public void An_output_that_is_away_does_not_hold_up_the_others_and_its_messages_wait()
    {
        var away = new FakeOutput(_time) { Failure = _ => new OutputException("Away.", OutputFault.Unavailable) };
        var there = new FakeOutput(_time);
        Run([away, there], async bridge =>
        {
            for (var i = 0; i < 50; i++)
            {
                Send(i);
                await After(40);
            }
            await After(300);

            Assert.Equal(50, there.Stored.Count);
            Assert.Equal(50, bridge.Status.Waiting);
        });
    }

    [Fact]
    public void Beyond_its_capacity_the_bridge_leaves_messages_with_the_broker()
    {
        var gate = new TaskCompletionSource();
        var output = new FakeOutput(_time) { Gate = gate.Task };
        Run([output], async bridge =>
        {
            for (var i = 0; i < 100; i++)
                Send(i);
            await After(1_000);
            Assert.Equal((20, 80), (bridge.Status.Waiting, _messages.Reader.Count));
            gate.SetResult();
            await After(2_000);

            Assert.Equal((0, 100), (bridge.Status.Waiting, output.Stored.Count));
        }, capacity: 20);
    }

    [Fact]
    public void A_stop_does_not_wait_longer_than_its_time_out_for_an_output_that_hangs()
    {
        var output = new FakeOutput(_time) { Gate = new TaskCompletionSource().Task };
        Run([output], async _ =>
        {
            Send(1);
            await After(1_000);
        });

        Assert.Equal(Start.AddSeconds(3), _time.GetUtcNow());
        Assert.Empty(output.Stored);
    }

    [Fact]
    public void An_outputs_broken_invariant_ends_the_bridge_and_is_not_swallowed()
    {
        var output = new FakeOutput(_time) { Failure = _ => new InvalidOperationException("a bug") };

        var failure = Assert.Throws<InvalidOperationException>(() => Run([output], async _ =>
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

        Assert.Throws<UserException>(() => new Bridge([new FakeOutput(_time)], options, _time));
    }

    /// <summary>Runs the bridge while the test does its part, then stops it.</summary>
    private void Run(FakeOutput[] outputs, Func<Bridge, Task> test, int capacity = 1000)
    {
        var bridge = new Bridge(outputs, new BridgeOptions { Capacity = capacity }, _time);
        _time.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var running = bridge.RunAsync(_messages.Reader, stop.Token);
            await test(bridge);
            stop.Cancel();
            await running;
        });
    }

    private Task After(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time);

    /// <summary>A posture with this lordosis, at a time of its own.</summary>
    private void Send(int lordosis) => Send(Topics.Posture(Slug.Parse("home"), Slug.Parse("p1")), FeaturePayloads.Serialize(new PosturePayload
    {
        Schema = Schemas.Posture, Time = (Points.Start + TimeSpan.FromSeconds(lordosis)).ToString(), Sensor = "clip", Phase = "standing", Method = "two-element-gravity", Quality = "good", LordosisDeg = lordosis,
    }));

    private void Send(string topic, byte[] payload) => Assert.True(_messages.Writer.TryWrite(new ReceivedMessage(topic, payload)));
}

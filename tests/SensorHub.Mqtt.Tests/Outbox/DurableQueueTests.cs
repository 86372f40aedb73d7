using MQTTnet;
using SensorHub.Core;
using SensorHub.Mqtt.Outbox;
using static SensorHub.Mqtt.Tests.Outbox.TestOutbox;

namespace SensorHub.Mqtt.Tests.Outbox;

public sealed class DurableQueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static void Pass(TestOutbox outbox, DurableQueue queue, TimeSpan time)
    {
        for (var step = TimeSpan.Zero; step < time; step += Second)
        {
            outbox.Time.Advance(Second);
            queue.Tick();
        }
    }

    [Fact]
    public void What_is_live_is_sent_as_it_was_given_with_its_number()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Add([(Message("""{"finality":"live"}""", "t", retain: true), 1, true)]);
        var message = queue.Next(out _)!;
        Assert.Equal(("t", """{"finality":"live"}""", true), (message.Topic, message.Text(), message.Retain));
        Assert.Equal(new(queue.Name, 1), QueueMoves.NumberOf(message));
        Assert.Equal(["schema", "session", "outbox"], message.UserProperties.Select(p => p.Name));
        Assert.Null(queue.Next(out _));
    }

    [Fact]
    public void A_message_leaves_when_every_output_has_confirmed_it_and_not_before()
    {
        using var outbox = new TestOutbox(Store, Influx);
        using var queue = outbox.Open();
        queue.Live("a", "b");
        queue.SendAll();
        queue.Confirm(Store, 1, 2);
        Assert.Equal(2, queue.Count);
        queue.Confirm(Influx, 2);
        Assert.Equal((1, 1, 1), (queue.Count, queue.Confirmed, queue.Unconfirmed));
        queue.Confirm(Influx, 1);
        Assert.Equal((0, 2), (queue.Count, queue.Confirmed));
    }

    [Fact]
    public void A_confirmation_of_another_file_of_an_unknown_output_or_of_numbers_never_given_confirms_nothing()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("a");
        queue.SendAll();
        queue.Confirm(Slug.Parse("other"), Store, [(1, 1)]);
        queue.Confirm(queue.Name, Influx, [(1, 1)]);
        queue.Confirm(queue.Name, OutboxOptions.Broker, [(1, 1)]);
        queue.Confirm(queue.Name, Store, [(2, long.MaxValue - 1)]);
        Assert.Equal(1, queue.Count);
        queue.Live("b");
        Assert.Equal(2, queue.Count);
        queue.Confirm(Store, 1);
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void Where_the_broker_is_all_that_is_waited_for_its_acknowledgement_is_enough()
    {
        using var outbox = new TestOutbox(OutboxOptions.Broker);
        using var queue = outbox.Open();
        queue.Live("a", "b");
        queue.Acknowledged(queue.SendAll()[0].Row);
        Assert.Equal((1, 1), (queue.Count, queue.Confirmed));
    }

    [Fact]
    public void What_is_live_now_is_sent_before_what_an_outage_left_and_that_in_its_order_and_marked()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("a", "b", "c");
        Pass(outbox, queue, TimeSpan.FromMinutes(1));
        queue.Connected();
        queue.Live("now");
        Assert.Equal(["now live", "a historical"], queue.SendAll(most: 2).Texts());
        queue.Live("later");
        Assert.Equal(["later live", "b historical", "c historical"], queue.SendAll().Texts());
    }

    [Fact]
    public void Of_the_states_that_come_late_the_last_of_its_topic_is_retained_in_this_run_and_in_the_next()
    {
        using var outbox = new TestOutbox();
        using (var queue = outbox.Open())
        {
            queue.Add([State("s", "begun", 1), State("s", "runs", 2), State("other", "on", 3), State("s", "over", 4)]);
            Pass(outbox, queue, TimeSpan.FromMinutes(1));
            queue.Connected();
            Assert.Equal([false, false, true, true], Retained(queue));
        }
        using (var queue = outbox.Open())
            Assert.Equal([false, false, true, true], Retained(queue));
    }

    [Fact]
    public void A_state_that_comes_late_does_not_take_the_place_of_a_later_one_though_that_has_left_the_outbox_and_the_hub_has_crashed()
    {
        using var outbox = new TestOutbox(Store);
        var queue = outbox.Open();
        queue.Add([State("s", "runs", 1)]);
        Pass(outbox, queue, TimeSpan.FromMinutes(1));
        queue.Connected();
        queue.Add([State("s", "over", 2)]);
        Assert.True(queue.Next(out _)!.Retain); // live now
        Assert.Equal([false], Retained(queue));
        queue.Confirm(Store, 2);
        Pass(outbox, queue, 2 * Second);
        queue.Tick();
        queue.File.Abandon();

        using var next = outbox.Open();
        Assert.Equal((1, 1), (next.Count, next.First));
        Assert.Equal([false], Retained(next));
    }

    private static (MqttApplicationMessage, ulong, bool) State(string topic, string text, ulong key) =>
        (Message($$"""{"text":"{{text}}","finality":"live"}""", topic, retain: true), key, true);

    private static List<bool> Retained(DurableQueue queue)
    {
        var retained = new List<bool>();
        while (queue.Next(out _) is { } message)
            retained.Add(message.Retain);
        return retained;
    }

    [Fact]
    public void A_crash_leaves_everything_that_was_taken_to_the_next_run()
    {
        using var outbox = new TestOutbox();
        var queue = outbox.Open();
        queue.Live("a", "b", "c", "d");
        queue.Correct("a");
        queue.SendAll(most: 2);
        queue.Confirm(Store, 2);
        Pass(outbox, queue, 2 * Second); // what is confirmed is deleted once a second
        queue.File.Abandon();

        queue = outbox.Open();
        Assert.Equal(["a historical", "c historical", "d historical"], queue.SendAll().Texts());
        Assert.Equal(4, queue.Count);
        queue.Confirm(Store, 1, 3, 4);
        queue.Tick();
        Assert.Equal(["a final"], queue.SendAll().Texts());
        queue.Dispose();
    }

    [Fact]
    public void A_late_confirmation_of_what_a_former_run_sent_counts()
    {
        using var outbox = new TestOutbox();
        var queue = outbox.Open();
        queue.Live("a", "b");
        queue.SendAll();
        queue.File.Abandon();
        queue = outbox.Open();
        queue.Confirm(Store, 1, 2);
        Assert.Equal(0, queue.Count);
        Assert.Empty(queue.SendAll());
        queue.Dispose();
    }

    [Fact]
    public void After_a_reconnect_what_was_not_acknowledged_goes_first_in_its_order()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("a", "b", "c", "d");
        var sent = queue.SendAll(most: 3);
        queue.Disconnected([.. sent.Skip(1).Select(s => s.Row)]);
        queue.Live("e");
        queue.Connected();
        Assert.Equal(["b live", "c live", "d live", "e live"], queue.SendAll().Texts());
        Assert.Equal((7, 2), (queue.Sent, queue.Resent));
    }

    [Fact]
    public void What_was_not_acknowledged_for_long_is_not_live_any_more()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("a");
        queue.Disconnected([.. queue.SendAll().Select(s => s.Row)]);
        Pass(outbox, queue, TimeSpan.FromSeconds(11));
        queue.Connected();
        Assert.Equal(["a historical"], queue.SendAll().Texts());
    }

    [Fact]
    public void A_message_is_lost_when_a_later_one_has_been_confirmed_for_ten_seconds()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Connected();
        queue.Live("a", "b", "c");
        queue.SendAll();
        queue.Confirm(Store, 2);
        Pass(outbox, queue, TimeSpan.FromSeconds(9));
        Assert.Empty(queue.SendAll());
        Pass(outbox, queue, TimeSpan.FromSeconds(2));
        Assert.Equal(["a historical"], queue.SendAll().Texts()); // c was sent behind b: it may be on its way
        queue.Confirm(Store, 1);
        Pass(outbox, queue, TimeSpan.FromSeconds(11));
        Assert.Equal(["c historical"], queue.SendAll().Texts());
    }

    [Fact]
    public void One_output_that_is_away_neither_makes_the_other_get_all_again_nor_holds_up_what_it_lost()
    {
        using var outbox = new TestOutbox(Store, Influx);
        outbox.Options = outbox.Options with { Window = 2 };
        using var queue = outbox.Open();
        queue.Connected();
        queue.Live([.. Enumerable.Range(1, 20).Select(i => $"{i}")]);
        queue.SendAll();
        queue.Confirm(Store, [1, 2, 4, .. Enumerable.Range(5, 16).Select(i => (long)i)]);
        Pass(outbox, queue, TimeSpan.FromSeconds(11));
        Assert.Equal(["3 historical"], queue.SendAll().Texts());
        Assert.Equal(20, queue.Unconfirmed);
    }

    [Fact]
    public void When_nothing_is_confirmed_the_oldest_is_sent_again_to_ask_ever_more_seldom()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Connected();
        queue.Live("a", "b");
        queue.SendAll();
        var asked = new List<int>();
        for (var second = 1; second <= 3600; second++)
        {
            Pass(outbox, queue, Second);
            asked.AddRange(queue.SendAll().Select(_ => second));
        }
        Assert.Equal([60, 180, 420, 900, 1500, 2100, 2700, 3300], asked);
    }

    [Fact]
    public void A_broker_that_forgot_all_and_a_hub_that_says_nothing_new_come_together_by_asking()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Connected();
        queue.Live("a", "b", "c");
        queue.SendAll();
        Pass(outbox, queue, TimeSpan.FromSeconds(60));
        Assert.Equal(["a historical"], queue.SendAll().Texts());
        queue.Confirm(Store, 1);
        Pass(outbox, queue, TimeSpan.FromSeconds(10));
        Assert.Equal(["b historical", "c historical"], queue.SendAll().Texts());
    }

    [Fact]
    public void An_output_that_comes_back_to_a_long_queue_is_not_sent_all_of_it_again_because_it_was_asked()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Connected();
        queue.Live([.. Enumerable.Range(1, 100).Select(i => $"{i}")]);
        queue.SendAll();
        Pass(outbox, queue, TimeSpan.FromSeconds(60));
        Assert.Single(queue.SendAll());
        for (var number = 1; number <= 100; number++)
        {
            queue.Confirm(Store, number); // slowly, from the broker's queue
            Pass(outbox, queue, TimeSpan.FromSeconds(5));
            Assert.Empty(queue.SendAll());
        }
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void The_backlog_is_sent_no_further_ahead_of_the_confirmations_than_its_window()
    {
        using var outbox = new TestOutbox();
        outbox.Options = outbox.Options with { Window = 10 };
        var queue = outbox.Open();
        queue.Live([.. Enumerable.Range(1, 1000).Select(i => $"{i}")]);
        queue.File.Abandon();
        queue = outbox.Open();
        queue.Connected();
        Assert.Equal(10, queue.SendAll().Count);
        queue.Live("now");
        Assert.Equal(["now live"], queue.SendAll().Texts());
        queue.Confirm(Store, 1, 2, 3);
        Assert.Equal(["11 historical", "12 historical"], queue.SendAll().Texts());
        queue.Dispose();
    }

    [Fact]
    public void A_correction_waits_until_what_it_corrects_has_left_for_every_output_and_holds_up_nothing_else()
    {
        using var outbox = new TestOutbox(Store, Influx);
        using var queue = outbox.Open();
        queue.Live("a");
        queue.Correct("a", "x");
        queue.Correct("a");
        Assert.Equal(["a live", "x final"], queue.SendAll().Texts());
        queue.Confirm(Store, 1);
        queue.Tick();
        Assert.Empty(queue.SendAll());
        queue.Confirm(Influx, 1);
        queue.Tick();
        Assert.Equal(["a final"], queue.SendAll().Texts());
        queue.Confirm(Store, 2);
        queue.Confirm(Influx, 2);
        queue.Tick();
        Assert.Equal(["a final"], queue.SendAll().Texts());
    }

    [Fact]
    public void A_correction_is_not_sent_while_what_it_corrects_could_come_back_from_the_disk_after_a_crash()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("a");
        queue.Correct("a");
        queue.SendAll(most: 1);
        queue.Confirm(Store, 1); // it has left, and is not deleted yet
        Assert.Empty(queue.SendAll());
        queue.Tick();
        Assert.Equal((2, 2), queue.File.Numbers);
        Assert.Equal(["a final"], queue.SendAll().Texts());
    }

    [Fact]
    public void Beyond_its_bytes_the_oldest_are_dropped_counted_and_said_with_what_to_do()
    {
        using var outbox = new TestOutbox();
        outbox.Options = outbox.Options with { MaxBytes = 1 << 20 };
        using var queue = outbox.Open();
        for (var i = 0; i < 10; i++)
            queue.Live([.. Enumerable.Range(0, 1000).Select(n => $"{i * 1000 + n} {new string('x', 200)}")]);
        queue.Tick();
        Assert.True(queue.Bytes <= 1 << 20);
        Assert.True(queue.Dropped > 5000);
        Assert.Equal(10_000, queue.Dropped + queue.Count);
        Assert.Contains(outbox.Log.All, l => l.Contains("has reached its limit of 1 MiB. The recordings have them: 'sensorhub replay'", StringComparison.Ordinal));
        Assert.True(outbox.Log.All.Count < 20, "it is said, and not a flood");
        Pass(outbox, queue, TimeSpan.FromSeconds(11));
        Assert.Equal(queue.Dropped + 1, queue.SendAll(most: 1)[0].Number);
    }

    [Fact]
    public void What_is_too_old_is_dropped_but_not_because_a_clock_began_in_1970()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("old");
        outbox.Time.Advance(TimeSpan.FromDays(29));
        queue.Live("new");
        outbox.Time.Advance(TimeSpan.FromDays(1) + Second);
        queue.Tick();
        Assert.Equal((1, 1), (queue.Dropped, queue.Count));
        Assert.Contains(outbox.Log.All, l => l.Contains("they are older than 30 days", StringComparison.Ordinal));

        using var early = new TestOutbox();
        early.Options = early.Options with { Path = Path.Combine(early.Folder, "early.db") };
        using (var file = OutboxFile.Open(early.Path, early.Time))
            file.Change([new OutboxRow(file.NextNumber(), DateTimeOffset.UnixEpoch.AddMinutes(3), 1, true, Message("{}"))], []);
        using var now = early.Open();
        now.Tick();
        Assert.Equal((0, 1), (now.Dropped, now.Count));
    }

    [Fact]
    public void A_full_disk_is_said_once_messages_go_on_from_memory_and_are_written_when_there_is_room()
    {
        using var outbox = new TestOutbox();
        var queue = outbox.Open();
        queue.Connected();
        queue.File.Pragma("max_page_count = 20");
        for (var i = 0; i < 300; i++)
            queue.Live($"{i} {new string('x', 400)}");
        Assert.Contains("the disk is full. Free some space.", queue.Fault);
        Assert.Contains(queue.Fault!, Assert.Single(outbox.Log.All), StringComparison.Ordinal);
        Assert.True(queue.Unwritten > 100);
        var sent = queue.SendAll();
        Assert.Equal(300, sent.Count);
        queue.Confirm(Store, sent.Select(s => s.Number).Where(n => n % 2 == 0));
        Assert.Equal(150, queue.Count);

        queue.File.Pragma("max_page_count = 100000");
        Pass(outbox, queue, TimeSpan.FromSeconds(6));
        Assert.Equal((null, 0), (queue.Fault, queue.Unwritten));
        queue.File.Abandon();

        queue = outbox.Open();
        Assert.Equal(150, queue.SendAll().Count);
        queue.Dispose();
    }

    [Fact]
    public void While_the_disk_is_full_no_more_is_kept_in_memory_than_allowed_and_a_correction_still_waits()
    {
        using var outbox = new TestOutbox();
        outbox.Options = outbox.Options with { Unwritten = 10 };
        using var queue = outbox.Open();
        queue.Connected();
        queue.File.Pragma("max_page_count = 1");
        queue.Live("a");
        queue.Correct("a");
        Assert.Equal(["a live"], queue.SendAll().Texts());
        queue.Confirm(Store, 1);
        queue.Live([.. Enumerable.Range(0, 30).Select(i => $"{i} {new string('x', 3000)}")]);
        Assert.Equal(10, queue.Unwritten);
        Assert.True(queue.Dropped >= 20);
        Assert.Contains(outbox.Log.All, l => l.Contains("memory has no room for more", StringComparison.Ordinal));
        queue.File.Pragma("max_page_count = 100000");
        Pass(outbox, queue, TimeSpan.FromSeconds(6));
        Assert.Equal(0, queue.Unwritten);
    }

    [Fact]
    public void A_file_that_turns_out_damaged_is_moved_aside_and_what_is_in_memory_goes_into_the_next()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        var before = queue.Name;
        for (var i = 0; i < 20; i++)
            queue.Live([.. Enumerable.Range(0, 100).Select(n => $"{i * 100 + n} {new string('x', 400)}")]);
        queue.File.Pragma("wal_checkpoint(TRUNCATE)");
        using (var bytes = new FileStream(outbox.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            bytes.Position = 4096;
            bytes.Write(Enumerable.Repeat((byte)0xa5, (int)bytes.Length - 4096).ToArray());
        }
        queue.File.Pragma("shrink_memory");
        var onItsWay = queue.SendAll(most: 1)[0].Row;
        queue.Live("new");
        Pass(outbox, queue, TimeSpan.FromSeconds(12));

        Assert.NotEqual(before, queue.Name);
        Assert.Contains(outbox.Log.All, l => l.Contains("is damaged: it was moved to", StringComparison.Ordinal));
        var count = queue.Count;
        queue.Acknowledged(onItsWay);
        queue.Disconnected([onItsWay]);
        Assert.Equal(count, queue.Count);
        var sent = queue.SendAll();
        Assert.Contains("new historical", sent.Texts());
        Assert.All(sent, s => Assert.True(s.Number > 2000, "a number is not given again by the next file"));
    }

    [Fact]
    public void What_the_broker_does_not_take_stays_and_is_tried_again_a_minute_later()
    {
        using var outbox = new TestOutbox();
        using var queue = outbox.Open();
        queue.Live("a", "b");
        queue.Postpone(queue.SendAll(most: 1)[0].Row);
        Assert.Equal(["b live"], queue.SendAll().Texts());
        queue.Confirm(Store, 2);
        Pass(outbox, queue, TimeSpan.FromSeconds(59));
        Assert.Empty(queue.SendAll());
        Pass(outbox, queue, TimeSpan.FromSeconds(2));
        Assert.Equal(["a historical"], queue.SendAll().Texts());
    }

    [Theory]
    [InlineData("""{"finality":"live","x":1}""", """{"finality":"historical","x":1}""")]
    [InlineData("""{ "a" : {"finality":"live"}, "t":"\"finality\":\"live\"", "finality" : "live" }""", """{ "a" : {"finality":"live"}, "t":"\"finality\":\"live\"", "finality" : "historical" }""")]
    [InlineData("""{"finality":"final"}""", """{"finality":"final"}""")]
    [InlineData("""{"a":["finality","live"]}""", """{"a":["finality","live"]}""")]
    [InlineData("""{"a":1,"finality":"liv""", """{"a":1,"finality":"liv""")]
    [InlineData("not json", "not json")]
    [InlineData("", "")]
    public void Only_the_payloads_own_finality_is_marked_and_only_when_it_is_live(string payload, string marked) =>
        Assert.Equal(marked, System.Text.Encoding.UTF8.GetString(OutboxRow.MarkHistorical(System.Text.Encoding.UTF8.GetBytes(payload))));

    [Fact]
    public void Options_out_of_range_and_outputs_that_make_no_sense_are_refused()
    {
        using var outbox = new TestOutbox();
        OutboxOptions[] wrong =
        [
            outbox.Options with { Outputs = [] }, outbox.Options with { Outputs = [Store, Store] }, outbox.Options with { Outputs = [Store, OutboxOptions.Broker] },
            outbox.Options with { MaxBytes = 1 }, outbox.Options with { MaxAge = TimeSpan.Zero }, outbox.Options with { Window = 0 }, outbox.Options with { InFlight = 70_000 },
        ];
        foreach (var options in wrong)
            Assert.ThrowsAny<ArgumentException>(options.Check);
        outbox.Options.Check();
    }
}

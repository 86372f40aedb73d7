using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.Bridging;

public class CorrectionGuardTests
{
    private readonly CorrectionGuard _guard = new();

    [Theory]
    [InlineData("historical", "live", true)]
    [InlineData("superseded", "live", true)]
    [InlineData("final", "live", true)]
    [InlineData("final", "historical", true)]
    [InlineData("final", "superseded", true)]
    [InlineData("final", "final", false)]
    [InlineData("historical", "superseded", false)]
    [InlineData("superseded", "historical", false)]
    [InlineData("historical", "final", false)]
    [InlineData("live", "live", false)]
    [InlineData("live", "final", false)]
    public void Without_numbers_the_first_word_does_not_come_behind_the_second_nor_the_second_behind_the_last(string first, string then, bool undoes)
    {
        Assert.False(_guard.WouldUndo(Point(first), default));

        Assert.Equal(undoes, _guard.WouldUndo(Point(then), default));
    }

    [Theory]
    [InlineData("historical", 20, "historical", 7, true)]
    [InlineData("final", 20, "final", 19, true)]
    [InlineData("superseded", 20, "live", 3, true)]
    [InlineData("final", 20, "final", 20, false)]
    [InlineData("historical", 20, "superseded", 21, false)]
    [InlineData("final", 20, "live", 21, false)]
    public void Of_one_outbox_the_higher_number_is_the_later_word(string first, int number, string then, int thenNumber, bool undoes)
    {
        Assert.False(_guard.WouldUndo(Point(first), Number("box", number)));

        Assert.Equal(undoes, _guard.WouldUndo(Point(then), Number("box", thenNumber)));
    }

    [Fact]
    public void Numbers_of_two_outboxes_say_nothing_about_each_other()
    {
        Assert.False(_guard.WouldUndo(Point("historical"), Number("old", 20)));

        Assert.False(_guard.WouldUndo(Point("historical"), Number("new", 1)));
        Assert.True(_guard.WouldUndo(Point("live"), Number("old", 30)) || _guard.WouldUndo(Point("live"), Number("third", 30)));
    }

    [Fact]
    public void Another_time_tag_or_measurement_is_another_key()
    {
        Assert.False(_guard.WouldUndo(Point("final"), default));

        Assert.False(_guard.WouldUndo(Point("live", second: 1), default));
        Assert.False(_guard.WouldUndo(Point("live", subject: "p2"), default));
        Assert.False(_guard.WouldUndo(With(Points.Rolling(Points.Start, 1, true), "finality", "live"), default));
        Assert.True(_guard.WouldUndo(Point("live"), default));
    }

    [Fact]
    public void A_gap_that_was_filled_does_not_open_again()
    {
        Assert.False(_guard.WouldUndo(Gap("open"), default));
        Assert.False(_guard.WouldUndo(Gap("recovered"), default));

        Assert.True(_guard.WouldUndo(Gap("open"), default));
        Assert.False(_guard.WouldUndo(Gap("final"), default));
    }

    [Fact]
    public void Only_so_many_are_remembered_the_last_ones()
    {
        var guard = new CorrectionGuard(capacity: 3);
        for (var i = 0; i < 5; i++)
            Assert.False(guard.WouldUndo(Point("final", second: i), default));

        Assert.Equal(3, guard.Count);
        Assert.Equal([false, false, true, true, true], Enumerable.Range(0, 5).Select(i => guard.WouldUndo(Point("live", second: i), default)));
    }

    [Fact]
    public void A_hundred_thousand_corrections_are_not_taken_for_one_another()
    {
        for (var i = 0; i < 100_000; i++)
            Assert.False(_guard.WouldUndo(Point("final", second: i, subject: $"p{i % 7}"), default));

        for (var i = 0; i < 100_000; i++)
            Assert.False(_guard.WouldUndo(Point("live", second: i, subject: $"p{(i + 1) % 7}"), default));
        Assert.Equal(100_000, _guard.Count);
    }

    private static OutboxNumber Number(string outbox, int number) => new(Slug.Parse(outbox), number);

    private static Point Point(string finality, int second = 0, string subject = "p1") =>
        With(Points.Posture(Points.Start + TimeSpan.FromSeconds(second), 30, subject), "finality", finality);

    private static Point Gap(string state) => With(
        new Point(StorageSchema.Current["gap"], Points.Start).WithTag("hub", "home").WithTag("sensor", "clip").WithTag("stream", "2"), ("finality", "live"), ("state", state));

    private static Point With(Point point, string field, string value) => With(point, (field, value));

    private static Point With(Point point, params (string Field, string Value)[] values)
    {
        foreach (var (field, value) in values)
            point[field] = value;
        return point;
    }
}

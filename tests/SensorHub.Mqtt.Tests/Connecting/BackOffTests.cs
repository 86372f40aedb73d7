using SensorHub.Mqtt.Connecting;

namespace SensorHub.Mqtt.Tests.Connecting;

public sealed class BackOffTests
{
    [Fact]
    public void Waits_double_up_to_the_longest_each_from_the_upper_half_and_begin_anew_after_a_reset()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), new Random(1));
        foreach (var full in new[] { 1, 2, 4, 8, 8, 8 })
            Assert.InRange(backOff.Next().TotalSeconds, full / 2.0, full);
        backOff.Reset();
        Assert.InRange(backOff.Next().TotalSeconds, 0.5, 1);
    }

    [Fact]
    public void Two_clients_do_not_wait_equally_long_and_one_seed_waits_the_same_again()
    {
        BackOff New(int seed) => new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), new Random(seed));
        Assert.NotEqual(New(1).Next(), New(2).Next());
        Assert.Equal(New(3).Next(), New(3).Next());
    }
}

using SensorHub.Bluetooth.Link;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class BackOffTests
{
    [Fact]
    public void Waits_double_up_to_the_longest_are_jittered_by_half_and_short_again_after_success()
    {
        var pause = new BackOff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30), new Random(1));
        foreach (var most in new[] { 0.5, 1, 2, 4, 8, 16, 30, 30, 30 })
            Assert.InRange(pause.Next().TotalSeconds, most / 2, most);
        for (var i = 0; i < 2000; i++)
            Assert.InRange(pause.Next().TotalSeconds, 15, 30);
        pause.Reset();
        Assert.InRange(pause.Next().TotalSeconds, 0.25, 0.5);
    }
}

using CsCheck;
using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Bluetooth.Tests.Virtual.Sensors;

public sealed class DeviceClockTests
{
    [Fact]
    public void Ticks_and_seconds_are_inverse_to_one_tick() =>
        Gen.Select(Gen.Double[-4000, 0], Gen.Double[-50, 50], Gen.ULong[0, 10_000_000_000]).Sample((boot, ppm, ticks) =>
        {
            var clock = new DeviceClock(boot, 1_000_000, ppm);
            Assert.Equal(ticks, clock.Ticks(clock.Seconds(ticks) + 1e-8));
        });

    [Fact]
    public void A_fast_clock_counts_more()
    {
        Assert.Equal(1_000_050ul, new DeviceClock(-1, 1_000_000, 50).Ticks(0));
        Assert.Equal(0ul, new DeviceClock(5, 1_000_000, 50).Ticks(3));
        Assert.Equal(500_025ul, new DeviceClock(-1, 1_000_000, 50).Rebooted(2).Ticks(2.5));
    }
}

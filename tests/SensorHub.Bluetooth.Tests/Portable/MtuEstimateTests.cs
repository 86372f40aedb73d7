using SensorHub.Bluetooth.Portable;

namespace SensorHub.Bluetooth.Tests.Portable;

public sealed class MtuEstimateTests
{
    [Fact]
    public void A_link_of_which_nothing_is_known_has_the_default_of_23() => Assert.Equal(23, new MtuEstimate().Value(reported: 0));

    [Fact]
    public void A_notification_of_244_bytes_proves_an_MTU_of_247()
    {
        var mtu = new MtuEstimate();
        mtu.Notified(244);
        mtu.Notified(52);
        Assert.Equal(247, mtu.Value(reported: 0));
    }

    [Theory]
    [InlineData(185, 0, 185)]
    [InlineData(517, 100, 517)]
    [InlineData(64, 244, 247)]
    public void What_the_library_reports_counts_when_it_is_more_than_was_shown(int reported, int notified, int expected)
    {
        var mtu = new MtuEstimate();
        mtu.Notified(notified);
        Assert.Equal(expected, mtu.Value(reported));
    }
}

using SensorHub.Bluetooth.Portable;

namespace SensorHub.Bluetooth.Tests.Portable;

public sealed class DBusFaultsTests
{
    [Theory]
    [InlineData("org.freedesktop.DBus.Error.ServiceUnknown", FaultReach.Radio, "systemctl start bluetooth")]
    [InlineData("org.freedesktop.DBus.Error.AccessDenied", FaultReach.Radio, "usermod -aG bluetooth")]
    [InlineData("org.bluez.Error.NotReady", FaultReach.Radio, "rfkill unblock bluetooth")]
    [InlineData("org.bluez.Error.NotConnected", FaultReach.Link, "not connected")]
    [InlineData("org.freedesktop.DBus.Error.UnknownObject", FaultReach.Link, "does not know the sensor")]
    [InlineData("org.bluez.Error.AuthenticationFailed", FaultReach.Operation, "forget it")]
    [InlineData("org.bluez.Error.InProgress", FaultReach.Operation, "try again")]
    public void A_fault_says_how_far_it_reaches_and_what_mends_it(string name, FaultReach reach, string part)
    {
        var fault = DBusFaults.Explain(name, "as BlueZ put it");
        Assert.Equal(reach, fault.Reach);
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_without_a_meaning_of_its_own_is_told_as_BlueZ_tells_it() =>
        Assert.Equal(new PortableFault("le-connection-abort-by-local", FaultReach.Operation), DBusFaults.Explain("org.bluez.Error.Failed", "le-connection-abort-by-local"));
}

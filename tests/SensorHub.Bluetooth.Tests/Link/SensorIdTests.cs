using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Bluetooth.Tests.Link;

public sealed class SensorIdTests
{
    [Theory]
    [InlineData("SH001234", "clip-sh001234")]
    [InlineData("A/7 b_c", "clip-a-7-b-c")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "clip-abcdefghijklmnopqrstuvwxyz012345")]
    public void It_is_the_kind_and_the_serial_in_the_letters_of_a_slug(string serial, string id) =>
        Assert.Equal(id, SensorId.Of(SensorModels.ClipDescriptor(serial)).ToString());

    [Fact]
    public void A_roller_says_so() =>
        Assert.Equal("roller-7", SensorId.Of(SensorModels.RollerDescriptor("7")).ToString());
}

using SensorHub.Bluetooth.Portable;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Portable;

public sealed class ScanFilterTests
{
    private static readonly Guid HeartRate = new("0000180d-0000-1000-8000-00805f9b34fb");

    private readonly ScanFilter _filter = new();

    [Fact]
    public void A_device_with_our_service_is_a_sensor_whatever_its_name() =>
        Assert.Equal(new Advertisement("A", "Anything", -60), Take("A", "Anything", -60, HeartRate, Gatt.Service));

    [Fact]
    public void A_device_with_other_services_is_none_even_under_our_name() =>
        Assert.Null(Take("A", "SH Roller 0123", -60, HeartRate));

    [Fact]
    public void Advertising_data_and_scan_response_may_come_as_two_reports()
    {
        Assert.Equal("", Take("A", "", -60, Gatt.Service)!.Name);
        Assert.Equal(new Advertisement("A", "SH Clip 0042", -61), Take("A", "SH Clip 0042", -61));
        Assert.Equal(new Advertisement("A", "SH Clip 0042", null), Take("A", "", null, Gatt.Service));
        Assert.Null(Take("B", "", -60));
    }

    [Theory]
    [InlineData("SH Roller 0123", true)]
    [InlineData("SH Clip 0123", true)]
    [InlineData("SH Clipper", false)]
    [InlineData("my SH Clip 1", false)]
    [InlineData("", false)]
    public void The_name_decides_only_about_a_device_that_never_says_its_services(string name, bool expected) =>
        Assert.Equal(expected, Take("A", name, null) is not null);

    [Fact]
    public void A_crowd_of_changing_addresses_does_not_push_out_of_the_scan_what_is_heard_now()
    {
        for (var i = 0; i < 10_000; i++)
            Assert.Null(Take($"passer-by {i}", "Phone", -80, HeartRate));
        Assert.NotNull(Take("A", "SH Roller 0123", -60, Gatt.Service));
    }

    private Advertisement? Take(string address, string name, int? rssi, params Guid[] services) =>
        _filter.Take(new HeardDevice(address, name, services, rssi));
}

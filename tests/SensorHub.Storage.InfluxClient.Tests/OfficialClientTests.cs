using SensorHub.Core;
using SensorHub.Storage.Influx;
using SensorHub.Storage.Tests;
using SensorHub.Storage.Tests.Influx;

namespace SensorHub.Storage.InfluxClient.Tests;

public sealed class OfficialClientTests(Servers servers) : InfluxOutputContract(servers, InfluxProfile.V2)
{
    [Theory]
    [InlineData(InfluxProfile.V1)]
    [InlineData(InfluxProfile.V3)]
    public void A_profile_that_the_package_does_not_speak_is_refused(InfluxProfile profile)
    {
        var failure = Assert.Throws<UserException>(() => Open(new InfluxOptions { Url = new Uri("http://127.0.0.1:8086"), Profile = profile, Database = "sensorhub" }));

        Assert.Contains("give profile v2", failure.Message, StringComparison.Ordinal);
    }

    protected override InfluxOutput Open(InfluxOptions options) => OfficialClient.Output(options, TimeProvider.System);
}

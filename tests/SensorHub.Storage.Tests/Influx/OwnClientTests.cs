using SensorHub.Storage.Influx;

namespace SensorHub.Storage.Tests.Influx;

/// <summary>The hub's own client by <c>/write</c>.</summary>
public sealed class OwnClientV1Tests(Servers servers) : InfluxOutputContract(servers, InfluxProfile.V1)
{
    protected override InfluxOutput Open(InfluxOptions options) => new(options, TimeProvider.System);
}

/// <summary>The hub's own client by <c>/api/v2/write</c>.</summary>
public sealed class OwnClientV2Tests(Servers servers) : InfluxOutputContract(servers, InfluxProfile.V2)
{
    protected override InfluxOutput Open(InfluxOptions options) => new(options, TimeProvider.System);
}

using SensorHub.Storage.Influx;
#if OFFICIAL_INFLUX_CLIENT
using SensorHub.Storage.InfluxClient;
#endif

namespace SensorHub;

/// <summary>The way to an InfluxDB, by the client that the program was built with (src/SensorHub.Storage.InfluxClient/README.md).</summary>
public static class Databases
{
    /// <exception cref="Core.UserException">The options are not valid.</exception>
    public static InfluxOutput Open(InfluxOptions options, TimeProvider time) =>
#if OFFICIAL_INFLUX_CLIENT
        options.Profile == InfluxProfile.V2 ? OfficialClient.Output(options, time) : new InfluxOutput(options, time);
#else
        new(options, time);
#endif
}

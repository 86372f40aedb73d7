using System.Net.Sockets;
using SensorHub.Storage.Influx;

namespace SensorHub.Storage.Tests.Influx;

public class InfluxErrorsTests
{
    private static readonly InfluxOptions Options = new() { Url = new Uri("http://127.0.0.1:8086"), Profile = InfluxProfile.V1, Database = "sensorhub" };

    public static TheoryData<Exception> Lost =>
    [
        new HttpRequestException("Connection reset by peer", new SocketException((int)SocketError.ConnectionReset)),
        new IOException("The response ended prematurely."),
        new SocketException((int)SocketError.NotConnected), // reset while it was being made: HttpClient asks for the peer's address
    ];

    [Theory, MemberData(nameof(Lost))]
    public async Task A_connection_that_is_lost_in_any_way_is_an_output_that_is_away(Exception lost)
    {
        var errors = new InfluxErrors(Options, TimeProvider.System);

        var fault = await Assert.ThrowsAsync<OutputException>(() => errors.GuardAsync<int>(_ => throw lost, CancellationToken.None));

        Assert.Equal(OutputFault.Unavailable, fault.Fault);
        Assert.Contains("http://127.0.0.1:8086", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }
}

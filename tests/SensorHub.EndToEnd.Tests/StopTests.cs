using System.Net;
using System.Text.RegularExpressions;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>Ctrl-C while a database is away: the hub does not wait for it, says so, and loses nothing.</summary>
public sealed partial class StopTests : IDisposable
{
    private readonly string _data = HubProgram.NewFolder();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_hub_that_is_stopped_while_InfluxDB_is_killed_says_what_waits_and_stores_it_after_the_next_start() =>
        await StopsAsync(influx => influx.StopAsync(), influx => influx.StartAgainAsync());

    [Fact]
    public async Task A_hub_that_is_stopped_while_InfluxDB_hangs_says_what_waits_and_stores_it_after_the_next_start() =>
        await StopsAsync(influx => influx.SuspendAsync(), influx => influx.ResumeAsync());

    private async Task StopsAsync(Func<InfluxServer, Task> away, Func<InfluxServer, Task> back)
    {
        await using var influx = await InfluxServer.StartAsync();
        await using (var hub = Run(influx, "run", "--simulate"))
        {
            await HubHealth.UntilAsync(hub, health => health["influx"].GetProperty("stored").GetInt64() > 200);

            await away(influx);
            var ill = await HubHealth.UntilAsync(hub, health => health["influx"].GetProperty("status").GetString() != "ok" && health.Waiting("outbox") > 200);
            Assert.Equal((HttpStatusCode.OK, "degraded"), (ill.Status, ill.Whole.GetProperty("status").GetString()));
            Assert.Contains(influx.Url.Authority, ill["influx"].GetProperty("says").GetString(), StringComparison.Ordinal);
            Assert.NotEmpty(ill["influx"].GetProperty("do").GetString()!);

            Assert.Equal(0, await hub.InterruptAsync());
            Assert.Single(hub.Errors, line => WhatWaits().IsMatch(line));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', hub.Errors));
        }

        await back(influx);
        await using (var next = Run(influx, "run"))
        {
            await HubHealth.UntilAsync(next, health => health.Waiting("outbox") == 0);
            Assert.Equal(0, await next.InterruptAsync());
        }
        StoredRows.AreTheSame(StoredRows.InStore(Path.Combine(_data, "store.db")), await StoredRows.InInfluxAsync(influx));
    }

    [GeneratedRegex(@"Stopped before the stores had everything: \d{3,} messages wait in the outbox, and are sent at the next start\.$")]
    private static partial Regex WhatWaits();

    private HubProgram Run(InfluxServer influx, params string[] arguments) =>
        HubProgram.Start([.. arguments, "--port", "0", "--mqtt-port", "0", "--data", _data, "--influx", influx.Url.ToString()]);
}

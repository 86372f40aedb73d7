using System.Globalization;
using System.Text.Json;
using SensorHub.Core.Protocol;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.EndToEnd.Tests;

/// <summary>The real hub under the load of a clinic's class, over D-Bus, in real time.</summary>
public sealed class LoadTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Twenty_sensors_at_100_Hz_for_a_minute_are_recorded_without_a_gap()
    {
        await using var bus = await DBusDaemon.StartAsync();
        await using var bluetooth = await FakeBluetoothd.StartAsync(bus.Address);
        var adapter = bluetooth.AddAdapter();
        FakeSensor[] sensors = [.. Enumerable.Range(1, 10).SelectMany(i => new[] { adapter.AddClip(i), adapter.AddRoller(100 + i) })];
        var data = HubProgram.NewFolder();
        await KnowAsync(data, sensors);

        await using var hub = HubProgram.StartWith(
            new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address }, "run", "--port", "0", "--mqtt-port", "0", "--data", data);
        await hub.Page;
        await UntilAsync(() => sensors.All(s => s.SamplesSent > 100), "every sensor streams");
        var (cpu, start) = (hub.ProcessorTime, bluetooth.Elapsed);
        await UntilAsync(() => bluetooth.Elapsed - start >= Duration, "a minute");
        var used = (hub.ProcessorTime - cpu) / (bluetooth.Elapsed - start);
        var memory = hub.PeakMemory;
        var sent = sensors.ToDictionary(s => s.Name, s => s.SamplesSent);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken); // on their way
        Assert.Equal(0, await hub.InterruptAsync());
        Assert.Empty(hub.Errors);

        var recorded = Recorded(data);
        Assert.All(sensors, sensor =>
        {
            var streams = recorded.Where(r => r.Key.Sensor == sensor.Name).ToList();
            Assert.All(streams, s => Assert.Equal(s.Value.Max + 1L, s.Value.Count));
            Assert.Equal(1, sensor.Links);
            Assert.InRange(streams.Sum(s => s.Value.Count), sent[sensor.Name], long.MaxValue);
        });
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"20 sensors for {Duration.TotalSeconds:0} s: {sent.Values.Sum()} samples sent, {recorded.Values.Sum(n => n.Count)} recorded, none missing. The hub took {100 * used:0} % of one core and {memory / 1048576.0:0} MiB at most."));
        Directory.Delete(data, recursive: true);
    }

    /// <summary>As if they had been added on the page some time ago.</summary>
    private static async Task KnowAsync(string data, IEnumerable<FakeSensor> sensors)
    {
        var known = new
        {
            sensors = sensors.Select(s => new { sensor = s.Name, name = s.Name, address = s.Address, advertised = s.AdvertisedName }),
        };
        await File.WriteAllTextAsync(Path.Combine(data, "sensors.json"), JsonSerializer.Serialize(known));
    }

    /// <summary>Numbers of all samples in the recordings, live and from the backlog.</summary>
    private static Dictionary<(string Sensor, uint Boot, byte Stream), SortedSet<uint>> Recorded(string data)
    {
        var numbers = new Dictionary<(string, uint, byte), SortedSet<uint>>();
        foreach (var recording in Directory.GetDirectories(Path.Combine(data, "recordings")))
            foreach (var record in RecordingReader.Read(recording, damage => Assert.Fail(damage.ToString())).OfType<SensorRecord.Frame>())
            {
                Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(record.Bytes.Span, out var frame));
                var key = (record.Sensor.ToString(), frame.Header.BootId, frame.Header.Stream);
                if (!numbers.TryGetValue(key, out var set))
                    numbers[key] = set = [];
                for (uint i = 0; i < frame.Header.Count; i++)
                    Assert.True(set.Add(frame.Header.Sequence + i) || (frame.Header.Flags & FrameFlags.Backlog) != 0, $"{frame.Header} came twice.");
            }
        return numbers;
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        var time = TimeProvider.System;
        for (var start = time.GetTimestamp(); !holds(); await Task.Delay(TimeSpan.FromMilliseconds(50), time, TestContext.Current.CancellationToken))
            Assert.True(time.GetElapsedTime(start) < TimeSpan.FromMinutes(3), $"It did not come to this: {what}.");
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SensorHub.Core.Timing;
using SensorHub.Testing;

namespace SensorHub.Benchmarks.Sensors;

/// <summary>
/// The feature streams of many sensors through mosquitto and one bridge into InfluxDB: clips with full postures, rollers with full estimates of rolling.
/// Every message has the time of its publishing, so the lag is from there until the database has acknowledged the point.
/// </summary>
internal static class SensorLoad
{
    private const int SensorsPerHub = 100;

    public static Command Command()
    {
        var sensors = new Argument<int>("count") { Description = "Simulated sensors, half clips and half rollers.", DefaultValueFactory = _ => 2_000 };
        var rate = new Option<double>("--rate") { Description = "Estimates a second of each sensor; a hub publishes 25.", DefaultValueFactory = _ => 5 };
        var seconds = new Option<int>("--seconds") { Description = "Length of the load.", DefaultValueFactory = _ => 60 };
        var command = new Command("sensors", "The streams of many sensors through one bridge: lag, CPU, memory per sensor.") { sensors, rate, seconds };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(sensors), parsed.GetValue(rate), parsed.GetValue(seconds)));
        return command;
    }

    private static async Task RunAsync(int sensors, double rate, int seconds)
    {
        Console.WriteLine(Machine.Describe());
        await using var broker = await MosquittoServer.StartAsync();
        await using var influx = await InfluxServer.StartAsync();
        var total = (long)(sensors * rate * seconds);
        using var worker = BridgeProcess.Start(broker.Port, influx.Url, "sensorhub", "bridge", total);
        await worker.ReadAsync("ready");
        await worker.GoAsync();
        await worker.ReadAsync("connected");
        var (idle, cpu, started) = (worker.Memory, worker.Cpu, TimeProvider.System.GetTimestamp());
        var peak = 0L;

        var publishing = PublishAsync(broker.Port, sensors, rate, total);
        var done = worker.ReadAsync("done");
        while (!done.IsCompleted)
        {
            await Task.WhenAny(done, Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System));
            peak = Math.Max(peak, worker.Memory);
        }
        var late = await publishing;
        var lags = (await done).Split(' ');
        var (elapsed, used) = (TimeProvider.System.GetElapsedTime(started), worker.Cpu - cpu);
        var rows = await CountAsync(influx, "posture", "lordosis_deg") + await CountAsync(influx, "rolling", "path_m");

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            | | |
            | --- | ---: |
            | sensors | {sensors} |
            | estimates a second of each | {rate} |
            | messages a second | {sensors * rate:0} |
            | published, in s | {total}, {elapsed.TotalSeconds:0.0} |
            | rows in InfluxDB | {rows} |
            | most that the publisher was behind its timetable, ms | {late.TotalMilliseconds:0} |
            | lag median, p99, maximum, ms | {lags[0]}, {lags[1]}, {lags[2]} |
            | CPU of the bridge, cores | {used / elapsed:0.00} |
            | CPU a message, µs | {used.TotalMicroseconds / total:0.0} |
            | memory of the bridge idle, at most, MB | {idle / 1e6:0}, {peak / 1e6:0} |
            | memory a sensor, kB | {(peak - idle) / 1e3 / sensors:0.0} |
            """));
        if (rows != total)
            throw new InvalidOperationException($"{total} messages were published, {rows} rows are stored.");
    }

    /// <summary>Every sensor has its turn in each period, spread evenly over it.</summary>
    /// <returns>The most that it was late.</returns>
    private static async Task<TimeSpan> PublishAsync(int port, int sensors, double rate, long total)
    {
        var time = TimeProvider.System;
        await using var source = await MqttSource.ConnectAsync(port, MosquittoServer.User, MosquittoServer.Password, "source");
        var streams = Enumerable.Range(0, sensors).Select(i => new Stream(i)).ToArray();
        var interval = 1 / (sensors * rate);
        var (start, late, last) = (time.GetTimestamp(), TimeSpan.Zero, default(Timestamp));
        for (var i = 0L; i < total;)
        {
            var elapsed = time.GetElapsedTime(start).TotalSeconds;
            var due = Math.Min(total, (long)(elapsed / interval));
            if (due == i)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), time);
                continue;
            }
            late = TimeSpan.FromSeconds(Math.Max(late.TotalSeconds, elapsed - i * interval));
            var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
            last = now > last ? now : last;
            for (; i < due && !source.IsFull; i++)
            {
                last = new Timestamp(last.UnixNanoseconds + 1); // no two alike
                streams[i % sensors].AddTo(source, last);
            }
            await source.FlushAsync();
        }
        await source.DrainAsync();
        return late;
    }

    private static async Task<long> CountAsync(InfluxServer influx, string measurement, string field)
    {
        using var answer = JsonDocument.Parse(await influx.QueryAsync($"SELECT count({field}) FROM {measurement}", "sensorhub"));
        return answer.RootElement.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values")[0][1].GetInt64();
    }

    /// <summary>One sensor's messages: all bytes but the time's are made once.</summary>
    private sealed class Stream
    {
        private const string Posture = """
            {"schema":"posture/1","time":"0000-00-00T00:00:00.000000000Z","session":"s-1","finality":"live","sensor":"clip-1","phase":"standing","method":"two-element-gravity","quality":"good","calibration":"19b9a3c1e00","pelvic_inclination_deg":19.877,"pelvic_inclination_u_deg":1.6,"upper_inclination_deg":-11.235,"upper_inclination_u_deg":1.35,"lordosis_deg":31.111,"lordosis_u_deg":2.1,"lordosis_change_deg":0,"lordosis_change_u_deg":0.85,"pelvic_rotation_deg":1.5,"pelvic_rotation_u_deg":0.6,"trunk_rotation_deg":0.8,"trunk_rotation_u_deg":0.6}
            """;

        private const string Rolling = """
            {"schema":"rolling/1","time":"0000-00-00T00:00:00.000000000Z","session":"s-1","finality":"live","sensor":"roller-1","muscle":"hamstrings","side":"left","quality":"good","roll_angle_deg":1234.568,"path_m":0.1235,"speed_mps":-0.0988,"contact":true,"force_n":127.5,"force_u_n":6.38,"pressure_kpa":33.33,"pressure_u_kpa":12.66,"band_low_kpa":20,"band_high_kpa":45,"band":"good","strokes":17,"tempo_s":2.988,"contact_s":61.235,"in_band_s":40.5,"source":"measured","set_contact_s":21.2,"set_impulse_n_s":2703.46,"still_s":1.5}
            """;

        private readonly byte[] _topic;
        private readonly byte[] _payload;
        private readonly int _time;

        public Stream(int number)
        {
            var (what, payload) = number % 2 == 0 ? ("posture", Posture) : ("rolling", Rolling);
            _topic = Encoding.UTF8.GetBytes($"sensorhub/1/hub-{number / SensorsPerHub}/subjects/p{number}/{what}");
            _payload = Encoding.UTF8.GetBytes(payload);
            _time = payload.IndexOf("0000-", StringComparison.Ordinal);
        }

        public void AddTo(MqttSource source, Timestamp time)
        {
            Encoding.UTF8.GetBytes(time.ToString(), _payload.AsSpan(_time));
            source.Add(_topic, _payload);
        }
    }
}

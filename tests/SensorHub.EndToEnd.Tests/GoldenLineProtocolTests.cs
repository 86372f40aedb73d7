using System.Buffers;
using System.Globalization;
using System.Reactive.Linq;
using System.Text;
using System.Text.RegularExpressions;
using MQTTnet;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines;
using SensorHub.Storage.Bridging;
using SensorHub.Storage.LineProtocol;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>
/// A session and the lines it becomes: a change in the golden file is a change of what databases receive, and is
/// reviewed like code. Set UPDATE_GOLDEN=1 to write it anew.
/// </summary>
public sealed partial class GoldenLineProtocolTests
{
    /// <summary>Of the estimates that come 25 times a second, one in ten seconds is kept.</summary>
    private const int Kept = 250;

    /// <summary>Numbers are rounded where they leave the hub; another machine's sine may tip the last digit.</summary>
    private const double Tolerance = 0.0011;

    [Fact]
    public void A_simulated_session_becomes_these_lines()
    {
        var lines = Lines(new SimulatedSession(new SimulationOptions { Seed = 7 }));
        var file = Repository.PathOf("tests", "SensorHub.EndToEnd.Tests", "hamstrings-7.golden.lp");
        if (Repository.UpdatesGoldenFiles)
            File.WriteAllLines(file, lines);

        var golden = File.ReadAllLines(file);
        Assert.Equal(golden.Select(Shape), lines.Select(Shape));
        foreach (var (expected, actual) in golden.Zip(lines))
            Assert.All(Numbers(expected).Zip(Numbers(actual)), n => Assert.True(Math.Abs(n.First - n.Second) <= Tolerance, $"{expected}\n{actual}"));
    }

    private static List<string> Lines(SimulatedSession session)
    {
        var records = new List<SensorRecord>();
        session.Run(records.Add, TestContext.Current.CancellationToken);
        var messages = new HubMessages(Slug.Parse("home"));
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new LineWriter(buffer);
        var seen = new Dictionary<string, int>();
        records.ToObservable().Features().Subscribe(feature =>
        {
            var message = messages.Write(feature);
            var point = PointReader.Read(message.Topic, message.Payload.ToArray()).Point;
            if (point is null)
                return;
            var name = point.Measurement.Name;
            var count = seen[name] = seen.GetValueOrDefault(name) + 1;
            if (name is "stroke" or "gap" or "device_event" || count % Kept == 1 || name is "session" or "sensor_health" && count % 50 == 1)
                writer.Write(point);
        });
        return [.. Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string Shape(string line) => Number().Replace(line, "#");

    private static IEnumerable<double> Numbers(string line) =>
        Number().Matches(line).Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<==)-?\d+(\.\d+)?(e[+-]?\d+)?(?=[,i ])")]
    private static partial Regex Number();
}

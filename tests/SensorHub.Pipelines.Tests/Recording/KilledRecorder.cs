using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Pipelines.Tests.Recording;

/// <summary>What this executable does instead of running tests when a test starts it to kill it: records frames without end, and says the number of each that the recorder has taken.</summary>
internal static class KilledRecorder
{
    public const string Variable = "SENSORHUB_TEST_KILLED_RECORDER";

    private static readonly Slug Sensor = Slug.Parse("clip-1");

    /// <summary>Lengths differ from frame to frame, so that segments end at any place of one.</summary>
    public static SensorRecord.Frame Frame(int number)
    {
        var bytes = new byte[4 + number % 241];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        bytes.AsSpan(4).Fill((byte)number);
        return new SensorRecord.Frame(new Timestamp(1_769_860_800_000_000_000 + number * 10_000_000L), Sensor, bytes);
    }

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } root)
            return;
        using var recorder = new Recorder(root, Console.Error.WriteLine, new RecordingOptions { SegmentSize = 32 << 10, FlushInterval = TimeSpan.FromMilliseconds(20) });
        recorder.OnNext(new SensorRecord.Marked(Frame(0).At, new Marker.SessionBegan(Slug.Parse("killed"), Slug.Parse("p1"), null)));
        for (var number = 1; ; number++)
        {
            recorder.OnNext(Frame(number));
            Console.Out.WriteLine(number);
            Console.Out.Flush();
        }
    }
}

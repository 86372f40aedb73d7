using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Tests.Population;

/// <summary>
/// The records of a simulated session without its radio, which costs most of the time: the sensors' own bytes, in frames
/// as they are sent, each a little late; some are lost for good.
/// </summary>
internal static class DirectFeed
{
    private const int Mtu = 247;
    private const ushort LatencyMilliseconds = 60;
    private const uint Boot = 1;

    /// <summary>Between time exchanges, s.</summary>
    private const double ExchangeInterval = 10;

    /// <param name="session">Not run.</param>
    /// <param name="loss">Share of the frames that never arrive.</param>
    /// <param name="seed">Draws what is lost and how late the rest is.</param>
    public static List<SensorRecord> Records(SimulatedSession session, double loss, int seed)
    {
        var random = new Random(seed);
        var records = new List<(double At, SensorRecord Record)>();
        var seconds = (session.Truth.End - session.Truth.Start).TotalSeconds;
        foreach (var sensor in session.Sensors)
            Add(sensor, session.Truth.Start, seconds, loss, random, records);
        foreach (var (at, marker) in session.Said)
            records.Add((at, new SensorRecord.Marked(At(session.Truth.Start, at), marker)));
        return [.. records.OrderBy(r => r.At).Select(r => r.Record)];
    }

    private static void Add(VirtualSensor sensor, Timestamp start, double seconds, double loss, Random random, List<(double, SensorRecord)> records)
    {
        var descriptor = sensor.Peripheral.Descriptor;
        var name = SensorId.Of(descriptor);
        records.Add((-1, new SensorRecord.Described(At(start, -1), name, SensorDescriptorCodec.Encode(descriptor))));
        records.Add((-1, new SensorRecord.Link(At(start, -1), name, LinkState.Streaming, "")));
        for (var t = -0.9; t < seconds; t += t < -0.3 ? 0.1 : ExchangeInterval)
        {
            var (sent, back) = (t - 0.004 - 0.01 * random.NextDouble(), t + 0.004 + 0.01 * random.NextDouble());
            var ticks = sensor.Clock.Ticks(t);
            records.Add((back, new SensorRecord.TimeExchanged(At(start, back), name, At(start, sent), new DeviceTime(Boot, ticks), ticks)));
        }
        foreach (var stream in descriptor.Streams)
            if (stream.Kind is StreamKind.Imu or StreamKind.Load)
                Add(sensor, stream, name, start, seconds, loss, random, records);
    }

    private static void Add(VirtualSensor sensor, StreamDescriptor stream, Slug name, Timestamp start, double seconds, double loss, Random random, List<(double, SensorRecord)> records)
    {
        var period = stream.Periods[0];
        var count = FrameCodec.SamplesPerFrame(stream, sensor.Peripheral.Descriptor.TickRate, period, Mtu, LatencyMilliseconds);
        var samples = new byte[count * stream.SampleSize];
        var ticks = (sensor.Clock.Ticks(0) / period + 1) * period;
        for (uint sequence = 0; ; sequence += (uint)count)
        {
            var first = ticks;
            var flags = FrameFlags.None;
            for (var i = 0; i < count; i++, ticks += period)
                if (sensor.Measure(stream, ticks, samples.AsSpan(i * stream.SampleSize)) == SampleOutcomeSaturated)
                    flags |= FrameFlags.Saturated;
            var at = sensor.Clock.Seconds(ticks - period) + 0.003 + 0.017 * random.NextDouble();
            if (at > seconds)
                return;
            if (random.NextDouble() < loss)
                continue;
            var bytes = new byte[FrameHeader.Size + samples.Length];
            FrameCodec.Encode(new FrameHeader(FrameCodec.Minor, stream.Id, flags, (byte)count, Boot, sequence, first, period), samples, bytes);
            records.Add((at, new SensorRecord.Frame(At(start, at), name, bytes)));
        }
    }

    private const Bluetooth.Virtual.Gatt.SampleOutcome SampleOutcomeSaturated = Bluetooth.Virtual.Gatt.SampleOutcome.Saturated;

    private static Timestamp At(Timestamp start, double seconds) => start + TimeSpan.FromSeconds(seconds);
}

using System.Buffers;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Lab;

namespace SensorHub.Web.Tests.Lab;

/// <summary>What a hub with one clip, of which the lower element is heard, says on MQTT.</summary>
internal sealed class LabHub(LabFeed feed)
{
    public const uint Boot = 77;
    public const uint TickRate = 1_000_000;
    public const uint Period = 10_000;

    private static readonly Slug Clip = Slug.Parse("clip-1");
    private static readonly SensorDescriptor Descriptor = new(
        1, 0, SensorKind.Clip, "C-1", "1.0", TickRate, [new(1, ElementRole.Lower)],
        [new(1, StreamKind.Imu, 1, 0, [Period], [.. from quantity in new[] { Quantity.Acceleration, Quantity.AngularRate } from axis in new byte[] { 0, 1, 2 }
            select new ChannelDescriptor(quantity, axis, RawType.I16, quantity == Quantity.Acceleration ? 0.5f : 0.25f, 0)])], [], null);

    private readonly HubMessages _messages = new(WebHost.Hub);

    public void Describe() => feed.Receive(Topics.Descriptor(WebHost.Hub, Clip), SensorDescriptorCodec.Encode(Descriptor), Person.Begin, retained: true);

    /// <summary>The sensor's clock runs 100 ppm fast: ticks 0 were at the beginning.</summary>
    public void Clock(double second) => Say(new SensorHealth
    {
        Time = At(second), Sensor = Clip, Kind = SensorKind.Clip, Link = LinkState.Streaming, Rate = 100, Received = 0, Lost = 0, Malformed = 0,
        ClockUncertainty = TimeSpan.FromMilliseconds(1.5), ClockDriftPpm = 100, Clock = new ClockMapping(Boot, (ulong)Math.Round(second * TickRate * 1.0001), At(second), TickRate * 1.0001),
    });

    public void Say(Feature feature)
    {
        var message = _messages.Write(feature);
        feed.Receive(message.Topic, message.Payload.ToArray(), null, retained: false);
    }

    /// <summary>Three samples, of which the first has this number.</summary>
    public void Frame(uint sequence, double second = 1)
    {
        var stream = Descriptor.Streams[0];
        var samples = new byte[3 * stream.SampleSize];
        for (var i = 0; i < 3; i++)
        {
            stream.WriteRaw(samples, i, 0, sequence + i);
            stream.WriteRaw(samples, i, 5, -i);
        }
        var bytes = new byte[FrameHeader.Size + samples.Length];
        FrameCodec.Encode(new FrameHeader(0, 1, FrameFlags.None, 3, Boot, sequence, sequence * (ulong)Period, Period), samples, bytes);
        feed.Receive(Topics.Frames(WebHost.Hub, Clip), bytes, At(second), retained: false);
    }

    public static Timestamp At(double second) => Person.Begin + TimeSpan.FromSeconds(second);
}

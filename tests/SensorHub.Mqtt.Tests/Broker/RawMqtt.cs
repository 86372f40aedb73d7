using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace SensorHub.Mqtt.Tests.Broker;

/// <summary>Bytes of MQTT 5 that no client library would send.</summary>
internal static class RawMqtt
{
    public static async Task SignInAsync(NetworkStream stream, string user, string password, string id)
    {
        await SendAsync(stream, 0x10, [.. Text("MQTT"), 5, 0b1100_0010, 0, 60, 0, .. Text(id), .. Text(user), .. Text(password)]);
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, Patience.Token);
        Assert.Equal((0x20, 0), (head[0], head[3])); // CONNACK, success
        await stream.ReadExactlyAsync(new byte[head[1] - 2], Patience.Token);
    }

    /// <summary>At least once; ends when the broker has answered or hung up.</summary>
    /// <param name="alias">0: none.</param>
    public static async Task PublishAsync(NetworkStream stream, string topic, ushort alias, string payload)
    {
        byte[] properties = alias == 0 ? [0] : [3, 0x23, (byte)(alias >> 8), (byte)alias];
        await SendAsync(stream, 0x32, [.. Text(topic), 0, 1, .. properties, .. Encoding.UTF8.GetBytes(payload)]);
        try
        {
            _ = await stream.ReadAsync(new byte[64], Patience.Token);
        }
        catch (IOException)
        {
            // hung up
        }
    }

    private static async Task SendAsync(NetworkStream stream, byte type, byte[] body)
    {
        Assert.InRange(body.Length, 0, 16_383);
        byte[] length = body.Length < 128 ? [(byte)body.Length] : [(byte)(body.Length & 0x7f | 0x80), (byte)(body.Length >> 7)];
        await stream.WriteAsync((byte[])[type, .. length, .. body], Patience.Token);
    }

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        return [.. length, .. bytes];
    }
}

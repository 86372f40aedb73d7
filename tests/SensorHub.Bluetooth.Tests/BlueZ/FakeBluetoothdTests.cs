using System.Collections.Concurrent;
using System.Net.Sockets;
using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Core.Protocol;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;
using Profile = SensorHub.Core.Protocol.Gatt;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>The fake itself, asked over the bus as any client would: what the other tests stand on.</summary>
public sealed class FakeBluetoothdTests
{
    private const string Device = "org.bluez.Device1", Characteristic = "org.bluez.GattCharacteristic1", Adapter = "org.bluez.Adapter1";

    [Fact]
    public async Task A_client_discovers_connects_pairs_and_streams_through_it_as_through_bluetoothd()
    {
        await using var bus = await DBusDaemon.StartAsync();
        await using var fake = await FakeBluetoothd.StartAsync(bus.Address);
        var sensor = fake.AddAdapter().AddClip(1);
        await using var client = await BusConnection.OpenAsync(bus.Address);
        var signals = new BlockingCollection<BusMessage>();
        using var match = await client.MatchAsync("type='signal',sender='org.bluez'", signals.Add);

        await Call("/org/bluez/hci0", Adapter, "SetDiscoveryFilter", BusBody.Of(
            "a{sv}", new Dictionary<string, Variant> { ["UUIDs"] = new("as", new[] { Profile.Service.ToString() }) }));
        await Call("/org/bluez/hci0", Adapter, "StartDiscovery");
        var added = Next("InterfacesAdded");
        var path = added.Value<ObjectPath>(0).Path;
        Assert.Equal(sensor.Sensor.Name, added.Value<BusDictionary>(1).Find<BusDictionary>(Device)!.Find<string>("Name"));
        await Call("/org/bluez/hci0", Adapter, "StopDiscovery");
        Assert.False(sensor.Adapter.IsDiscovering);

        await Call(path, Device, "Connect");
        Until(m => m.Member == "PropertiesChanged" && m.Value<BusDictionary>(1).Find<bool>("ServicesResolved"));
        var objects = (await Call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")).Value<BusDictionary>(0);
        var characteristics = objects
            .Where(o => ((BusDictionary)o.Value).ContainsKey(Characteristic))
            .ToDictionary(o => ((BusDictionary)o.Value).Find<BusDictionary>(Characteristic)!.Find<string>("UUID")!, o => ((ObjectPath)o.Key).Path);
        var descriptor = (await Call(characteristics[$"{Profile.Descriptor}"], Characteristic, "ReadValue", NoOptions())).Value<byte[]>(0);
        Assert.Equal(SensorDescriptorCodec.Encode(sensor.Sensor.Peripheral.Descriptor), descriptor);

        var unpaired = await Assert.ThrowsAsync<BusErrorException>(() => Call(characteristics[$"{Profile.Data}"], Characteristic, "AcquireNotify", NoOptions()));
        Assert.Equal(("org.bluez.Error.NotPermitted", "Not paired"), (unpaired.Name, unpaired.Message));
        await Call(path, Device, "Pair");
        await Call(characteristics[$"{Profile.Control}"], Characteristic, "StartNotify");
        var acquired = await Call(characteristics[$"{Profile.Data}"], Characteristic, "AcquireNotify", NoOptions());
        Assert.Equal(247, acquired.Value<ushort>(1));
        using (var socket = new Socket(new SafeSocketHandle(acquired.Value<UnixFd>(0).Release(), ownsHandle: true)))
        {
            await Call(characteristics[$"{Profile.Control}"], Characteristic, "WriteValue", BusBody.Of(
                "aya{sv}", ControlCodec.Encode(new ControlRequest.Start(1, 10_000, 20)), new Dictionary<string, Variant>()));
            var response = Until(m => m.Path == characteristics[$"{Profile.Control}"] && m.Value<BusDictionary>(1).ContainsKey("Value"));
            Assert.Equal(DecodeStatus.Ok, ControlCodec.Decode(response.Value<BusDictionary>(1).Find<byte[]>("Value"), out ControlResponse? started));
            Assert.IsType<ControlResponse.Started>(started);

            var packet = new byte[512];
            for (uint frames = 0, next = 0; frames < 20; frames++)
            {
                var size = await socket.ReceiveAsync(packet);
                Assert.Equal(DecodeStatus.Ok, FrameCodec.Decode(packet.AsSpan(0, size), out var frame));
                Assert.True(frames == 0 || frame.Header.Sequence == next);
                next = frame.Header.Sequence + frame.Header.Count;
            }
        }
        Until(m => m.Path == characteristics[$"{Profile.Data}"] && m.Value<BusDictionary>(1) is { } p && p.ContainsKey("NotifyAcquired") && !p.Find<bool>("NotifyAcquired"));

        await fake.StopAsync();
        var gone = await Assert.ThrowsAsync<BusErrorException>(() => Call(path, Device, "Connect"));
        Assert.Equal(BusErrorException.ServiceUnknown, gone.Name);
        await fake.StartAgainAsync();
        await Call(path, Device, "Connect"); // it is bonded: bluetoothd knows it again

        Task<BusMessage> Call(string at, string @interface, string member, BusBody body = default) =>
            client.CallAsync("org.bluez", at, @interface, member, body, cancellationToken: TestContext.Current.CancellationToken);

        BusMessage Next(string member) => Until(m => m.Member == member);

        BusMessage Until(Func<BusMessage, bool> found)
        {
            while (signals.TryTake(out var message, TimeSpan.FromSeconds(20)))
                if (found(message))
                    return message;
            throw new TimeoutException("The signal did not come.");
        }

        static BusBody NoOptions() => BusBody.Of("a{sv}", new Dictionary<string, Variant>());
    }
}

using SensorHub.Bluetooth.BlueZ;
using SensorHub.Testing;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Bluetooth.Tests.BlueZ;

/// <summary>The radio itself cannot be used: each reason in one line, with the command that mends it, for scanning, connecting and the doctor alike.</summary>
public sealed class RadioTroubleTests
{
    [Fact]
    public async Task No_bus()
    {
        await using var bus = await DBusDaemon.StartAsync();
        await bus.StopAsync();
        await AssertTroubleAsync(BlueZRig.OptionsOf(bus), "sudo systemctl start dbus");
    }

    [Fact]
    public async Task No_bluetoothd()
    {
        await using var bus = await DBusDaemon.StartAsync();
        await AssertTroubleAsync(BlueZRig.OptionsOf(bus), "sudo systemctl start bluetooth");
    }

    [Fact]
    public async Task No_permission()
    {
        await using var rig = await BlueZRig.StartAsync(policy: """<deny send_destination="org.bluez"/>""");
        await AssertTroubleAsync(rig.Options, "sudo usermod -aG bluetooth $USER");
    }

    [Fact]
    public async Task No_adapter()
    {
        await using var rig = await BlueZRig.StartAsync();
        rig.Daemon.Remove(rig.Adapter);
        await AssertTroubleAsync(rig.Options, "There is no Bluetooth adapter");
        var sensor = rig.Daemon.AddAdapter().AddClip(1);
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
    }

    [Fact]
    public async Task An_adapter_that_is_off_is_switched_on()
    {
        await using var rig = await BlueZRig.StartAsync();
        var sensor = rig.Adapter.AddClip(1);
        rig.Adapter.PowerOff();
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
        Assert.True(rig.Adapter.IsPowered);
    }

    [Theory]
    [InlineData("0", "1", "sudo rfkill unblock bluetooth")]
    [InlineData("1", "1", "switch or key of the computer")]
    public async Task An_adapter_that_is_blocked(string hard, string soft, string remedy)
    {
        var folder = ServerProcess.NewFolder();
        await RadioAsync(folder, "rfkill0", "wlan", "1", "1");
        await RadioAsync(folder, "rfkill1", "bluetooth", hard, soft);
        await using var rig = await BlueZRig.StartAsync(o => o with { RfkillFolder = folder });
        var sensor = rig.Adapter.AddClip(1);
        rig.Adapter.Block();
        await AssertTroubleAsync(rig.Options, remedy);
        await RadioAsync(folder, "rfkill1", "bluetooth", "0", "0");
        rig.Adapter.Unblock();
        Assert.Equal(sensor.Address, (await rig.HearAsync()).Address);
        Directory.Delete(folder, recursive: true);

        static async Task RadioAsync(string folder, string name, string type, string hard, string soft)
        {
            var radio = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            await File.WriteAllTextAsync(Path.Combine(radio, "type"), type + "\n");
            await File.WriteAllTextAsync(Path.Combine(radio, "hard"), hard + "\n");
            await File.WriteAllTextAsync(Path.Combine(radio, "soft"), soft + "\n");
        }
    }

    [Fact]
    public async Task An_adapter_that_does_not_switch_on_for_another_reason()
    {
        await using var rig = await BlueZRig.StartAsync();
        rig.Adapter.Block(); // and the kernel does not say so
        await AssertConnectTroubleAsync(rig.Options, "The Bluetooth adapter is off and does not switch on");
    }

    [Fact]
    public async Task A_scan_ends_when_its_adapter_is_pulled_out_and_the_next_one_uses_the_next_adapter()
    {
        await using var rig = await BlueZRig.StartAsync();
        rig.Adapter.AddClip(1);
        var heard = new TaskCompletionSource();
        var scan = Task.Run(async () =>
        {
            await foreach (var _ in rig.Central.ScanAsync(BlueZRig.Cancel))
                heard.TrySetResult();
        });
        await heard.Task;
        rig.Daemon.Remove(rig.Adapter);
        var e = await Assert.ThrowsAsync<RadioException>(() => scan);
        Assert.StartsWith("There is no Bluetooth adapter", e.Message, StringComparison.Ordinal);
        var sensor = rig.Daemon.AddAdapter("hci2").AddClip(2);
        Assert.Equal(sensor.Address, (await rig.HearSoonAsync()).Address);
    }

    [Fact]
    public async Task The_doctor_lists_the_adapters_when_nothing_is_wrong()
    {
        await using var rig = await BlueZRig.StartAsync();
        rig.Daemon.AddAdapter("hci1").PowerOff();
        Assert.Equal([("hci0", true), ("hci1", false)], (await BlueZDoctor.ExamineAsync(rig.Options, BlueZRig.Cancel)).Select(a => (a.Name, a.Powered)));
    }

    private static async Task AssertTroubleAsync(BlueZOptions options, string part)
    {
        await AssertConnectTroubleAsync(options, part);
        await using var central = new BlueZCentral(options);
        AssertTrouble(await Assert.ThrowsAsync<RadioException>(async () =>
        {
            await foreach (var _ in central.ScanAsync(BlueZRig.Cancel))
                break;
        }), part);
        AssertTrouble(await Assert.ThrowsAsync<RadioException>(() => BlueZDoctor.ExamineAsync(options, BlueZRig.Cancel)), part);
    }

    private static async Task AssertConnectTroubleAsync(BlueZOptions options, string part)
    {
        await using var central = new BlueZCentral(options);
        AssertTrouble(await Assert.ThrowsAsync<RadioException>(() => central.ConnectAsync("00:00:00:00:00:01", BlueZRig.Cancel)), part);
    }

    private static void AssertTrouble(RadioException e, string part)
    {
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}

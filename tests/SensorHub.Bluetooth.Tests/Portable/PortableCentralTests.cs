using Microsoft.Extensions.Time.Testing;
using SensorHub.Bluetooth.Portable;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Tests.Portable;

public sealed class PortableCentralTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedLibrary _library = new();
    private readonly PortableCentral _central;

    public PortableCentralTests() => _central = new PortableCentral(_library, _time);

    public ValueTask DisposeAsync() => _central.DisposeAsync();

    private ScriptedPeripheral Sensor => _library.Peripheral!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scan_yields_sensors_only_and_ends_with_the_radio_s_fault()
    {
        _library.Heard.Add(new HeardDevice("A", "Phone", [], -50));
        _library.Heard.Add(new HeardDevice("B", "SH Clip 0042", [Gatt.Service], -60));
        var heard = new List<Advertisement>();
        var fault = await Assert.ThrowsAsync<RadioException>(async () =>
        {
            await foreach (var advertisement in _central.ScanAsync(Cancel))
                heard.Add(advertisement);
        });
        Assert.Equal("radio gone.", fault.Message);
        Assert.Equal([new Advertisement("B", "SH Clip 0042", -60)], heard);
    }

    [Fact]
    public async Task A_sensor_that_was_never_heard_is_a_line_and_no_crash()
    {
        _library.Peripheral = null;
        var fault = await Assert.ThrowsAsync<LinkException>(() => _central.ConnectAsync("A", Cancel));
        Assert.Contains("scan again", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_system_cannot_do_is_said()
    {
        Assert.Equal("Remove it in the system's settings.", (await Assert.ThrowsAsync<LinkException>(() => _central.ForgetAsync("A", Cancel))).Message);
        Assert.Equal("radio off.", (await Assert.ThrowsAsync<RadioException>(_central.CheckAsync)).Message);
        Assert.Equal("radio stuck.", (await Assert.ThrowsAsync<RadioException>(() => _central.PowerCycleAsync(Cancel))).Message);
    }

    [Fact]
    public async Task A_disconnect_event_that_comes_twice_ends_the_link_once()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        Sensor.RaiseDisconnected();
        var reason = await connection.Lost;
        Sensor.RaiseDisconnected();
        Assert.Equal(reason, await connection.Lost);
        var fault = await Assert.ThrowsAsync<LinkException>(() => connection.ReadAsync(Gatt.Descriptor, Cancel));
        Assert.Equal($"The link was lost: {reason}.", fault.Message);
    }

    [Fact]
    public async Task An_operation_that_fails_with_the_link_ends_it_without_any_event()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        Sensor.Characteristics[Gatt.Control].Write = () => throw new InvalidOperationException("link gone");
        var fault = await Assert.ThrowsAsync<LinkException>(() => connection.WriteAsync(Gatt.Control, new byte[] { 1 }, withResponse: true, Cancel));
        Assert.Equal("Writing failed: link gone.", fault.Message);
        Assert.Equal("link gone", await connection.Lost);
    }

    [Fact]
    public async Task An_operation_that_fails_by_itself_leaves_the_link()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        Sensor.Characteristics[Gatt.Descriptor].Read = () => throw new InvalidOperationException("refused");
        await Assert.ThrowsAsync<LinkException>(() => connection.ReadAsync(Gatt.Descriptor, Cancel));
        Sensor.Characteristics[Gatt.Descriptor].Read = () => Task.FromResult<byte[]?>([7]);
        Assert.Equal([7], (await connection.ReadAsync(Gatt.Descriptor, Cancel)).ToArray());
        Assert.False(connection.Lost.IsCompleted);
    }

    [Fact]
    public async Task An_operation_that_never_ends_is_lost_after_30_seconds()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        Sensor.Characteristics[Gatt.Descriptor].Read = () => new TaskCompletionSource<byte[]?>().Task;
        var reading = connection.ReadAsync(Gatt.Descriptor, Cancel);
        await AdvanceUntilEndOf(reading);
        var fault = await Assert.ThrowsAsync<LinkException>(() => reading);
        Assert.Contains("within 30 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal("no answer to reading within 30 s", await connection.Lost);
    }

    [Fact]
    public async Task Who_waits_behind_an_operation_that_never_ends_is_told_of_the_loss()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        Sensor.Characteristics[Gatt.Descriptor].Read = () => new TaskCompletionSource<byte[]?>().Task;
        var first = connection.ReadAsync(Gatt.Descriptor, Cancel);
        var second = connection.WriteAsync(Gatt.Control, new byte[] { 1 }, withResponse: true, Cancel);
        Sensor.RaiseDisconnected();
        await Assert.ThrowsAsync<LinkException>(() => first);
        await Assert.ThrowsAsync<LinkException>(() => second);
    }

    [Fact]
    public async Task Services_that_are_found_too_early_are_looked_for_again()
    {
        Sensor.DiscoversNothing = 3;
        var connecting = _central.ConnectAsync("A", Cancel);
        await AdvanceUntilEndOf(connecting);
        await using var connection = await connecting;
        Assert.Equal([1, 2, 3], (await connection.ReadAsync(Gatt.Descriptor, Cancel)).ToArray());
    }

    [Fact]
    public async Task A_peripheral_without_our_service_is_let_go_again()
    {
        Sensor.DiscoversNothing = int.MaxValue;
        var connecting = _central.ConnectAsync("A", Cancel);
        await AdvanceUntilEndOf(connecting);
        await Assert.ThrowsAsync<LinkException>(() => connecting);
        Assert.True(Sensor.Disposed);
    }

    [Fact]
    public async Task Notified_values_are_copies_in_order_and_show_the_MTU()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        var values = new List<ReadOnlyMemory<byte>>();
        await connection.SubscribeAsync(Gatt.Data, values.Add, Cancel);
        Assert.Equal(23, connection.Mtu);
        var reused = new byte[100];
        for (byte i = 0; i < 10; i++)
        {
            reused[0] = i;
            Sensor.Characteristics[Gatt.Data].Notify(reused);
        }
        Sensor.Characteristics[Gatt.Data].Notify(null);
        Assert.Equal(Enumerable.Range(0, 10), values.Select(v => (int)v.Span[0]));
        Assert.Equal(103, connection.Mtu);
    }

    [Fact]
    public async Task Subscribing_again_replaces_the_receiver_and_configures_the_peripheral_anew()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        var data = Sensor.Characteristics[Gatt.Data];
        var (first, second) = (0, 0);
        await connection.SubscribeAsync(Gatt.Data, _ => first++, Cancel);
        data.Notify([1]);
        await connection.SubscribeAsync(Gatt.Data, _ => second++, Cancel);
        data.Notify([2]);
        await connection.UnsubscribeAsync(Gatt.Data, Cancel);
        data.Notify([3]);
        Assert.Equal((1, 1), (first, second));
        Assert.Equal(["on", "off", "on", "off"], data.Configured);
    }

    [Fact]
    public async Task A_receiver_that_throws_ends_the_link_and_not_the_library_s_thread()
    {
        await using var connection = await _central.ConnectAsync("A", Cancel);
        await connection.SubscribeAsync(Gatt.Data, _ => throw new InvalidOperationException("disk full"), Cancel);
        Sensor.Characteristics[Gatt.Data].Notify([1]);
        Assert.Contains("disk full", await connection.Lost, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_closed_even_when_the_library_throws_or_never_ends()
    {
        var connection = await _central.ConnectAsync("A", Cancel);
        Sensor.Disconnect = () => throw new InvalidOperationException("gone");
        await connection.DisposeAsync();
        Assert.Equal("closed by the hub", await connection.Lost);
        Assert.True(Sensor.Disposed);

        _library.Peripheral = new ScriptedPeripheral { Disconnect = () => new TaskCompletionSource().Task };
        connection = await _central.ConnectAsync("A", Cancel);
        var closing = connection.DisposeAsync().AsTask();
        await AdvanceUntilEndOf(closing);
        await closing;
        Assert.True(Sensor.Disposed);
    }

    [Fact]
    public async Task Connecting_that_is_given_up_leaves_nothing_connected()
    {
        Sensor.Connect = () => new TaskCompletionSource().Task;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var connecting = _central.ConnectAsync("A", stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        Assert.True(Sensor.Disposed);
    }

    /// <summary>Time runs on whenever everybody waits for it.</summary>
    private async Task AdvanceUntilEndOf(Task task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(Second);
            await Task.Yield();
        }
    }
}

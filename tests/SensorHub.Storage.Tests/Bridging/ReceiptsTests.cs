using SensorHub.Storage.Bridging;

namespace SensorHub.Storage.Tests.Bridging;

public class ReceiptsTests
{
    private readonly List<int> _acknowledged = [];

    [Fact]
    public async Task Messages_are_acknowledged_in_their_order_when_the_slowest_output_has_passed_them()
    {
        var receipts = new Receipts(outputs: 2, capacity: 10, TimeProvider.System);
        var acknowledging = receipts.AcknowledgeAsync();
        for (var i = 1; i <= 4; i++)
            Add(receipts, i);

        receipts.Pass(output: 0, number: 4);
        Assert.Equal(4, receipts.Waiting);
        receipts.Pass(output: 1, number: 2);
        Assert.Equal(2, receipts.Waiting);
        receipts.Pass(output: 1, number: 4);
        receipts.Complete();
        await acknowledging;

        Assert.Equal([1, 2, 3, 4], _acknowledged);
    }

    [Fact]
    public async Task Room_comes_with_an_acknowledgement()
    {
        var receipts = new Receipts(outputs: 1, capacity: 1, TimeProvider.System);
        await receipts.RoomAsync(CancellationToken.None);
        var first = Add(receipts, 1);
        var room = receipts.RoomAsync(CancellationToken.None);
        Assert.False(room.IsCompleted);
        receipts.Pass(0, first);

        await room;
    }

    [Fact]
    public async Task Waiting_for_room_can_be_cancelled_and_asked_again()
    {
        var receipts = new Receipts(outputs: 1, capacity: 1, TimeProvider.System);
        var first = Add(receipts, 1);
        using var cancel = new CancellationTokenSource();
        var room = receipts.RoomAsync(cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => room);
        var again = receipts.RoomAsync(CancellationToken.None);
        receipts.Pass(0, first);
        await again;
    }

    private long Add(Receipts receipts, int message) => receipts.Add(() =>
    {
        _acknowledged.Add(message);
        return ValueTask.CompletedTask;
    });
}

using Microsoft.Extensions.Time.Testing;
using SensorHub.Mqtt.Broker;

namespace SensorHub.Mqtt.Tests.Broker;

public sealed class BackpressureTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Backpressure _backpressure;

    public BackpressureTests()
    {
        _backpressure = new Backpressure(_time, TimeSpan.FromSeconds(5));
        _backpressure.Connected("bridge", limit: 4, fresh: true);
    }

    private Task Publish(string sender = "hub") => _backpressure.WaitAsync(sender, CancellationToken.None).AsTask();

    private void Deliver(int count) => _backpressure.Change("bridge", count);

    [Fact]
    public async Task A_publisher_waits_from_the_limit_until_half_of_it_is_acknowledged()
    {
        Deliver(3);
        Assert.True(Publish().IsCompletedSuccessfully);
        Deliver(1);
        var waiting = Publish();
        Deliver(-1);
        Assert.False(waiting.IsCompleted);
        Deliver(-1);
        await waiting.WaitAsync(Patience.Token);
        Assert.True(Publish().IsCompletedSuccessfully);
    }

    [Fact]
    public void An_acknowledgement_that_overtakes_the_report_of_its_delivery_is_not_forgotten()
    {
        for (var i = 0; i < 100; i++)
        {
            Deliver(-1);
            Deliver(+1);
        }
        Assert.True(Publish().IsCompletedSuccessfully);
    }

    [Fact]
    public void A_reader_does_not_wait_for_itself_and_strangers_are_not_waited_for()
    {
        Deliver(4);
        Assert.True(Publish(sender: "bridge").IsCompletedSuccessfully);
        _backpressure.Forget("bridge");
        _backpressure.Change("tool", 1000);
        Assert.True(Publish().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_reader_that_leaves_frees_the_publishers_and_one_that_returns_goes_on_with_what_it_owes()
    {
        Deliver(4);
        var waiting = Publish();
        _backpressure.Disconnected("bridge");
        await waiting.WaitAsync(Patience.Token);
        Deliver(10);
        Assert.True(Publish().IsCompletedSuccessfully);

        _backpressure.Connected("bridge", limit: 4, fresh: false);
        Assert.False(Publish().IsCompleted);
        _backpressure.Connected("bridge", limit: 4, fresh: true);
        Assert.True(Publish().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_reader_that_stalls_is_given_up_after_the_patience_and_waited_for_again_when_it_has_caught_up()
    {
        Deliver(4);
        var waiting = Publish();
        _time.Advance(TimeSpan.FromSeconds(5));
        await waiting.WaitAsync(Patience.Token);
        Assert.True(Publish().IsCompletedSuccessfully); // and not another five seconds for each message
        Deliver(4);
        Deliver(-6);
        Deliver(2);
        Assert.False(Publish().IsCompleted);
    }
}

using System.Buffers;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;
using SensorHub.Storage.Bridging;

namespace SensorHub.Storage.Tests.Bridging;

public class ConfirmationsTests
{
    [Fact]
    public void More_runs_than_a_message_holds_are_several_messages()
    {
        var confirmations = new Confirmations(Bridge.Influx);
        for (var i = 1; i <= 2 * Stored.MaxRanges + 1; i++)
            confirmations.Add(Message("sensorhub/1/home/subjects/p1/posture", $"box/{2 * i}"));

        var messages = confirmations.Take();

        Assert.Equal([1000, 1000, 1], messages.Select(m => Stored.Read(m.Payload.ToArray())!.Value.Ranges.Count));
        Assert.Empty(confirmations.Take());
    }

    [Fact]
    public void A_number_that_comes_twice_is_one()
    {
        var confirmations = new Confirmations(Bridge.Store);
        foreach (var number in (int[])[3, 1, 3, 2, 1])
            confirmations.Add(Message("sensorhub/1/home/subjects/p1/posture", $"box/{number}"));

        Assert.Equal([(1, 3)], Stored.Read(Assert.Single(confirmations.Take()).Payload.ToArray())!.Value.Ranges);
    }

    [Theory]
    [InlineData("sensorhub/1/home/subjects/p1/posture", "home")]
    [InlineData("sensorhub/1/home/subjects/../../x", "home")]
    [InlineData("sensorhub/1/home", "home")]
    [InlineData("sensorhub/1/+/subjects/p1/posture", "")]
    [InlineData("sensorhub/1/", "")]
    [InlineData("sensorhub/2/home/status", "")]
    [InlineData("elsewhere", "")]
    public void The_hub_is_said_by_the_topic_even_by_a_foreign_one(string topic, string hub) => Assert.Equal(hub, Confirmations.HubOf(topic).ToString());

    private static ReceivedMessage Message(string topic, string outbox) => new(topic, default, [new(OutboxNumber.Property, outbox)]);
}

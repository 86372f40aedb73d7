using MQTTnet;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.Storage.Bridging;

/// <summary>Collects the numbers of messages that an output has, and says them to the hubs that they came from.</summary>
internal sealed class Confirmations(Slug output)
{
    private readonly Dictionary<(Slug Hub, Slug Outbox), List<long>> _numbers = [];

    /// <summary>Takes the message's number, if it has one and its topic names a hub to say it to.</summary>
    public void Add(ReceivedMessage message)
    {
        if (!OutboxNumber.TryParse(message.Property(OutboxNumber.Property), out var number) || HubOf(message.Topic) is not { IsNone: false } hub)
            return;
        if (!_numbers.TryGetValue((hub, number.Outbox), out var numbers))
            _numbers[(hub, number.Outbox)] = numbers = [];
        numbers.Add(number.Number);
    }

    /// <summary>A message for each hub and outbox (several where there are many runs), and begins anew.</summary>
    public IReadOnlyList<MqttApplicationMessage> Take()
    {
        List<MqttApplicationMessage> messages =
        [
            .. from pair in _numbers
               from ranges in Runs(pair.Value).Chunk(Stored.MaxRanges)
               select Stored.Write(pair.Key.Hub, pair.Key.Outbox, output, ranges),
        ];
        _numbers.Clear();
        return messages;
    }

    /// <summary>Also of a topic that is none of the contract's: what was set aside is confirmed too, or the hub would send it for ever.</summary>
    /// <returns>None if the topic names no hub.</returns>
    public static Slug HubOf(string topic) =>
        topic.StartsWith(Topics.Root + "/", StringComparison.Ordinal) && Slug.TryParse(topic[(Topics.Root.Length + 1)..].Split('/', 2)[0], out var hub) ? hub : default;

    private static IEnumerable<(long First, long Last)> Runs(List<long> numbers)
    {
        numbers.Sort();
        var run = (First: numbers[0], Last: numbers[0]);
        foreach (var number in numbers)
        {
            if (number > run.Last + 1)
            {
                yield return run;
                run.First = number;
            }
            run.Last = number;
        }
        yield return run;
    }
}

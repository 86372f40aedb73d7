using MQTTnet;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>What the embedded broker retains, while it does not run: for who reads or removes a person's messages.</summary>
/// <param name="path">Of the file; none is an empty one.</param>
public sealed class RetainedFile(string path, TimeProvider time)
{
    /// <exception cref="UserException">The file cannot be read or written.</exception>
    public IReadOnlyList<MqttApplicationMessage> Read()
    {
        if (!File.Exists(path))
            return [];
        using var store = Open();
        return [.. store.Messages];
    }

    /// <summary>Forgets the messages, and writes the file without them.</summary>
    /// <exception cref="UserException">The file cannot be read or written.</exception>
    public void Forget(IEnumerable<string> topics)
    {
        using (var store = Open())
            foreach (var topic in topics)
                store.Keep(new MqttApplicationMessage { Topic = topic });
        using var anew = Open(); // the journal still had them
    }

    private RetainedStore Open() => new(path, new BrokerLimits { Retained = 100_000, RetainedBytes = 256 * 1024 * 1024 }, time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
}

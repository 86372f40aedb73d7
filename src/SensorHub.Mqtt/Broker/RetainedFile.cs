using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using SensorHub.Core;

namespace SensorHub.Mqtt.Broker;

/// <summary>What the embedded broker retains, for who reads or removes a person's messages.</summary>
/// <param name="path">Of the file; none is an empty one.</param>
public sealed class RetainedFile(string path, TimeProvider time)
{
    /// <summary>Also while the broker runs.</summary>
    /// <exception cref="UserException">The file cannot be read.</exception>
    public IReadOnlyList<MqttApplicationMessage> Read()
    {
        if (!File.Exists(path))
            return [];
        using var store = Open(readOnly: true);
        return [.. store.Messages];
    }

    /// <summary>Forgets the messages, and writes the file without them. Only while the broker does not run.</summary>
    /// <exception cref="UserException">The file cannot be read or written.</exception>
    public void Forget(IEnumerable<string> topics)
    {
        using (var store = Open(readOnly: false))
            foreach (var topic in topics)
                store.Keep(new MqttApplicationMessage { Topic = topic });
        using var anew = Open(readOnly: false); // the journal still had them
    }

    private RetainedStore Open(bool readOnly) => new(path, new BrokerLimits { Retained = 100_000, RetainedBytes = 256 * 1024 * 1024 }, time, NullLogger.Instance, readOnly);
}

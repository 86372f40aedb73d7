using System.Text.Json;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Connecting;
using SensorHub.Testing;

namespace SensorHub.EndToEnd.Tests.Health;

/// <summary>What Home Assistant would find at the broker of a hub that runs.</summary>
public sealed class HomeAssistantTests
{
    [Fact]
    public async Task A_running_hub_is_found_with_its_sensors_and_says_once_a_second_how_it_is()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var environment = new Dictionary<string, string> { ["SENSORHUB_MQTT__USER"] = MosquittoServer.User, ["SENSORHUB_MQTT__PASSWORD"] = MosquittoServer.Password };
        await using var link = new MqttLink(new MqttConnection("127.0.0.1", mosquitto.Port, MosquittoServer.User, MosquittoServer.Password), new MqttLinkOptions { ClientId = "home-assistant" }, TimeProvider.System);
        var subscription = link.Subscribe(["homeassistant/device/+/config", "sensorhub/1/+/home/+"]);
        await link.ConnectAsync(TestContext.Current.CancellationToken);
        await using var hub = HubProgram.StartWith(environment, "run", "--simulate", "--port", "0", "--mqtt", "127.0.0.1", "--mqtt-port", $"{mosquitto.Port}", "--data", HubProgram.NewFolder());
        await hub.Page;

        var entities = new Dictionary<string, string>(); // state topic by entity
        var states = new Dictionary<string, List<string>>(); // event times by topic
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90), TimeProvider.System);
        await foreach (var message in subscription.Messages.ReadAllAsync(patience.Token))
        {
            using var json = JsonDocument.Parse(message.Payload);
            if (message.Topic.StartsWith("homeassistant/", StringComparison.Ordinal))
                foreach (var component in json.RootElement.GetProperty("components").EnumerateObject())
                    entities[component.Value.GetProperty("unique_id").GetString()!] = component.Value.GetProperty("state_topic").GetString()!;
            else
                (states.TryGetValue(message.Topic, out var times) ? times : states[message.Topic] = []).Add(json.RootElement.GetProperty("time").GetString()!);
            if (entities.Count(e => e.Key.EndsWith("_online", StringComparison.Ordinal) || e.Key.EndsWith("_lordosis", StringComparison.Ordinal) || e.Key.EndsWith("_force", StringComparison.Ordinal)) == 3
                && states.Count == 2 && states.Values.All(t => t.Count >= 5))
                break;
        }
        Assert.All(states.Keys, topic => Assert.Contains(topic, entities.Values));
        Assert.All(states.Values, times => Assert.Equal(times.Count, times.Select(t => t[..19]).Distinct().Count())); // one a second of event time
    }
}

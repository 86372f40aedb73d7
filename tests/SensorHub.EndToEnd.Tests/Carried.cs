using System.Text.Json;
using SensorHub.Mqtt;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Connecting;
using SensorHub.Mqtt.Contract;
using SensorHub.Mqtt.Subscribing;

namespace SensorHub.EndToEnd.Tests;

/// <summary>What an MQTT client with the read-only account hears of people and sensors at the hub's own broker.</summary>
internal sealed class Carried : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly List<Message> _heard = [];
    private readonly Dictionary<(string Kind, string Time), JsonElement> _byTime = [];
    private readonly MqttLink _link;
    private readonly Task _listening;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Carried(MqttLink link, MqttSubscription subscription)
    {
        _link = link;
        _listening = ListenAsync(subscription);
    }

    /// <param name="Kind">The last part of its topic.</param>
    public sealed record Message(string Kind, JsonElement Payload)
    {
        public string Time => this["time"]!;

        /// <summary>A field as text; null when it is not there.</summary>
        public string? this[string field] => Payload.TryGetProperty(field, out var value) ? value.ToString() : null;

        public double Number(string field) => Payload.GetProperty(field).GetDouble();
    }

    public static async Task<Carried> ListenAsync(string data, int port)
    {
        var account = BrokerCredentials.LoadOrCreate(data)[BrokerRole.Reader];
        var link = new MqttLink(new MqttConnection("127.0.0.1", port, account.User, account.Password), new MqttLinkOptions { ClientId = "test" }, TimeProvider.System);
        var carried = new Carried(link, link.Subscribe([$"{Topics.Root}/+/subjects/+/+", $"{Topics.Root}/+/sensors/+/status"]));
        await link.ConnectAsync(TestContext.Current.CancellationToken);
        return carried;
    }

    public async Task<double> ValueAsync(string kind, string field, string time) =>
        (await FindAsync(() => _byTime.TryGetValue((kind, time), out var payload) ? (JsonElement?)payload : null)).GetProperty(field).GetDouble();

    /// <summary>Waits until so many different messages of a kind were heard.</summary>
    public Task CountAsync(string kind, int count) => FindAsync(() => _byTime.Keys.Count(k => k.Kind == kind) >= count ? true : (bool?)null);

    /// <summary>The first message of a kind that is so, once it is heard.</summary>
    public async Task<Message> UntilAsync(string kind, Func<Message, bool> isSo)
    {
        var looked = 0;
        Message? found = null;
        await FindAsync(() =>
        {
            for (; found is null && looked < _heard.Count; looked++)
                if (_heard[looked].Kind == kind && isSo(_heard[looked]))
                    found = _heard[looked];
            return found is null ? null : (bool?)true;
        });
        return found!;
    }

    /// <summary>All of a kind by now, each once, in the order in which they came.</summary>
    public IReadOnlyList<Message> All(string kind)
    {
        lock (_heard)
            return [.. _heard.Where(m => m.Kind == kind).DistinctBy(m => m.Payload.GetRawText())];
    }

    public Dictionary<string, double> Values(string kind, string field)
    {
        lock (_heard)
            return _byTime
                .Where(h => h.Key.Kind == kind && h.Value.TryGetProperty(field, out _))
                .ToDictionary(h => h.Key.Time, h => h.Value.GetProperty(field).GetDouble());
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _listening;
    }

    private async Task<T> FindAsync<T>(Func<T?> find) where T : struct
    {
        while (true)
        {
            Task more;
            lock (_heard)
            {
                if (find() is { } found)
                    return found;
                more = _more.Task;
            }
            await more.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private async Task ListenAsync(MqttSubscription subscription)
    {
        await foreach (var message in subscription.Messages.ReadAllAsync())
        {
            using var json = JsonDocument.Parse(message.Payload);
            var heard = new Message(message.Topic.Split('/')[^1], json.RootElement.Clone());
            lock (_heard)
            {
                _heard.Add(heard);
                _byTime[(heard.Kind, heard.Time)] = heard.Payload;
                _more.TrySetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}

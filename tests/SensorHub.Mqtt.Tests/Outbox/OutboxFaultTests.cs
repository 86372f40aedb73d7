using System.Globalization;
using CsCheck;
using SensorHub.Core;
using SensorHub.Mqtt.Outbox;

namespace SensorHub.Mqtt.Tests.Outbox;

/// <summary>Everything that can go wrong between hub and stores, in any order, on virtual time.</summary>
public sealed class OutboxFaultTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void After_any_sends_losses_crashes_and_restarts_every_output_gets_every_message_and_no_correction_overtakes(int outputs)
    {
        var (messages, sends, faults) = (0L, 0L, 0L);
        Gen.Int[1, int.MaxValue].Sample(
            seed =>
            {
                using var world = new World(seed, outputs);
                world.Run(steps: 300);
                world.Heal();
                Interlocked.Add(ref messages, world.Messages);
                Interlocked.Add(ref sends, world.Sends);
                Interlocked.Add(ref faults, world.Faults);
            },
            iter: 100, threads: 1);
        output.WriteLine($"{messages} messages, {faults} faults, {sends} sends to {outputs} output(s).");
        Assert.True(faults > 1000);
    }

    /// <summary>A hub, a broker with a queue for each output, and outputs that keep the last message of each key.</summary>
    private sealed class World : IDisposable
    {
        private readonly Random _random;
        private readonly TestOutbox _outbox;
        private readonly Slug[] _names;
        private readonly List<Output> _outputs = [];
        private readonly Queue<OutboxRow> _inFlight = new();
        private readonly Dictionary<string, int> _newest = []; // version of each key
        private readonly List<(Slug Output, long Number)> _confirmations = []; // on the way to the hub
        private DurableQueue _queue;
        private bool _connected;

        public World(int seed, int outputs)
        {
            _random = new Random(seed);
            _names = [.. new[] { TestOutbox.Store, TestOutbox.Influx }.Take(outputs)];
            _outbox = new TestOutbox(_names);
            _outbox.Options = _outbox.Options with { Window = 20, Remembered = 15, InFlight = 5 };
            _outputs.AddRange(_names.Select(n => new Output(n)));
            _queue = _outbox.Open();
        }

        public int Messages { get; private set; }

        public int Sends { get; private set; }

        public int Faults { get; private set; }

        public void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                Step(_random.Next(100));
                Assert.True(_queue.Plan.Remembered <= 15, "the order of at most 15 messages is remembered");
            }
        }

        private void Step(int dice)
        {
            switch (dice)
            {
                case < 25:
                    Say();
                    break;
                case < 50:
                    Send();
                    break;
                case < 60:
                    Acknowledge();
                    break;
                case < 78:
                    Store();
                    break;
                case < 86:
                    Hear(lose: _random.Next(5) == 0);
                    break;
                case < 93:
                    Pass(TimeSpan.FromSeconds(_random.NextDouble() * 15));
                    break;
                case < 95:
                    Cut();
                    break;
                case < 97:
                    Connect();
                    break;
                case 97:
                    Cut();
                    Faults++;
                    foreach (var output in _outputs)
                        output.Queue.Clear(); // killed: it forgets what it had acknowledged
                    _confirmations.Clear();
                    break;
                case 98:
                    Faults++;
                    _queue.File.Abandon(); // kill -9
                    _inFlight.Clear();
                    _connected = false;
                    _queue = _outbox.Open();
                    break;
                default:
                    var away = _outputs[_random.Next(_outputs.Count)];
                    away.Away = !away.Away;
                    Faults++;
                    break;
            }
        }

        /// <summary>Nothing fails any more: in the end everything has arrived, and nothing is left.</summary>
        public void Heal()
        {
            _outputs.ForEach(o => o.Away = false);
            Connect();
            for (var i = 0; _queue.Count > 0; i++)
            {
                Assert.True(i < 1000, $"{_queue.Count} messages do not get out of the outbox.");
                Send();
                Acknowledge();
                Store();
                Hear(lose: false);
                Pass(TimeSpan.FromSeconds(3));
            }
            foreach (var output in _outputs)
                Assert.Equal(_newest.OrderBy(k => k.Key), output.Stored.OrderBy(k => k.Key));
            _queue.Tick();
            Assert.Null(_queue.File.Numbers);
        }

        public void Dispose()
        {
            _queue.Dispose();
            _outbox.Dispose();
        }

        private void Say()
        {
            for (var n = _random.Next(1, 8); n > 0; n--)
            {
                var corrects = _newest.Count > 0 && _random.Next(3) == 0;
                var key = corrects ? _newest.ElementAt(_random.Next(_newest.Count)).Key : $"k{_newest.Count}";
                var version = corrects ? _newest[key] + 1 : 0;
                _newest[key] = version;
                Messages++;
                _queue.Add([(TestOutbox.Message(string.Create(CultureInfo.InvariantCulture, $"{version}"), key), OutboxKey.Of(key, default), !corrects)]);
            }
        }

        private void Send()
        {
            while (_connected && _inFlight.Count < 5 && _queue.Next(out var row) is { } message)
            {
                Sends++;
                _inFlight.Enqueue(row!);
                foreach (var output in _outputs)
                    output.Queue.Enqueue((message.Topic, int.Parse(message.Text(), CultureInfo.InvariantCulture), row!.Number));
            }
        }

        private void Acknowledge()
        {
            for (var n = _random.Next(6); n > 0 && _inFlight.TryDequeue(out var row); n--)
                _queue.Acknowledged(row);
        }

        private void Store()
        {
            foreach (var output in _outputs.Where(o => !o.Away))
            {
                for (var n = _random.Next(20); n > 0 && output.Queue.TryDequeue(out var message); n--)
                {
                    if (output.Stored.TryGetValue(message.Key, out var stored))
                        Assert.True(message.Version >= stored && message.Version <= stored + 1, $"{message.Key}: version {message.Version} came to {output.Name} after {stored}.");
                    else
                        Assert.Equal(0, message.Version);
                    output.Stored[message.Key] = message.Version;
                    _confirmations.Add((output.Name, message.Number));
                }
            }
        }

        private void Hear(bool lose)
        {
            if (lose)
                Faults++;
            else if (!_connected)
                return;
            else
                foreach (var (name, number) in _confirmations)
                    _queue.Confirm(name, number);
            _confirmations.Clear();
        }

        private void Pass(TimeSpan time)
        {
            _outbox.Time.Advance(time);
            _queue.Tick();
        }

        private void Cut()
        {
            if (!_connected)
                return;
            Faults++;
            _connected = false;
            _queue.Disconnected([.. _inFlight]);
            _inFlight.Clear();
        }

        private void Connect()
        {
            if (_connected)
                return;
            _connected = true;
            _queue.Connected();
        }

        private sealed class Output(Slug name)
        {
            public Slug Name => name;

            public bool Away { get; set; }

            public Queue<(string Key, int Version, long Number)> Queue { get; } = new();

            public Dictionary<string, int> Stored { get; } = [];
        }
    }
}

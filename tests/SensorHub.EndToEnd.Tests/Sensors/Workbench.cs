using SensorHub.Bluetooth.Link;
using SensorHub.Bluetooth.Virtual.Radio;
using SensorHub.Bluetooth.Virtual.Sensors;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Sensors;
using SensorHub.Web.Sensors;

namespace SensorHub.EndToEnd.Tests.Sensors;

/// <summary>A desk over a link supervisor and a virtual radio, on a clock twenty times as fast as the real one; a roller lies on the bench, and the test puts weights on it.</summary>
internal sealed class Workbench : IAsyncDisposable
{
    public static readonly Slug Roller = Slug.Parse("roller-sh000123");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly VirtualTime _time = new(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero), speed: 20);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Cells _cells = new();

    public Workbench(Slug subject)
    {
        var descriptor = SensorModels.RollerDescriptor("SH000123");
        Sensor = new VirtualSensor(
            descriptor, new DeviceClock(-100, SensorModels.TickRate, 0),
            descriptor.Streams.ToDictionary(s => s.Id, s => s.Kind == StreamKind.Load ? (IStreamSource)_cells : new Resting()), new Random(1));
        var radio = new VirtualRadio(RadioOptions.Perfect, 1, _time);
        Address = radio.Add(Sensor);
        Folder = HubProgram.NewFolder();
        Known = KnownSensors.Open(Path.Combine(Folder, KnownSensors.FileName), line => Assert.Fail(line));
        Desk = new SensorDesk(Known, subject, TimeProvider.System, line => Assert.Fail(line));
        var links = new LinkSupervisor(radio, new RecordSink(new HubClock(_time), Desk.OnNext), new LinkOptions(), new Random(1));
        Desk.Attach(links, radio, _time.Post);
        _running = Task.Factory.StartNew(
            () => _time.Run(() => links.RunAsync(_stop.Token), _stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public string Folder { get; }

    public KnownSensors Known { get; }

    public SensorDesk Desk { get; }

    public VirtualSensor Sensor { get; }

    public string Address { get; }

    public DeskSensor Shown => Assert.Single(Desk.State.Sensors);

    /// <summary>What each cell says of 1 N that it bears.</summary>
    public static IReadOnlyList<double> Sensitivities { get; } = [0.93, 1.05, 0.97, 1.01];

    /// <param name="over">The cell that bears two thirds; null = all the same.</param>
    public void Put(double kilograms, int? over = null) => _cells.Put(9.80665 * kilograms, over);

    /// <summary>Finds the roller, adds it, and waits until it streams.</summary>
    public async Task AddAsync(CancellationToken cancellationToken)
    {
        Desk.Scan(true);
        await UntilAsync(s => s.Nearby.Count > 0);
        await Desk.AddAsync(Desk.State.Nearby[0].Handle, cancellationToken);
        Desk.Scan(false);
        await UntilAsync(s => s.Sensors is [{ Link: LinkState.Streaming, Load.Cells.Count: > 0 }]);
    }

    /// <summary>Waits until the desk shows something.</summary>
    public async Task UntilAsync(Func<DeskState, bool> shows)
    {
        using var changed = new SemaphoreSlim(1, 1);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        void Note()
        {
            lock (patience)
                if (changed.CurrentCount == 0)
                    changed.Release();
        }
        Desk.Changed += Note;
        try
        {
            while (!shows(Desk.State))
                await changed.WaitAsync(TimeSpan.FromMilliseconds(100), patience.Token);
        }
        finally
        {
            Desk.Changed -= Note;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>The other streams: they come, and say nothing.</summary>
    private sealed class Resting : IStreamSource
    {
        public bool TryRead(double seconds, Span<double> channels)
        {
            channels.Clear();
            return true;
        }
    }

    private sealed class Cells : IStreamSource
    {
        private readonly IReadOnlyList<LoadCalibration> _factory = SensorModels.RollerDescriptor("SH000123").LoadCalibrations;
        private readonly Random _random = new(3);
        private (double Force, int? Over) _load;

        public void Put(double force, int? over)
        {
            lock (_random)
                _load = (force, over);
        }

        public bool TryRead(double seconds, Span<double> channels)
        {
            lock (_random)
            {
                for (var i = 0; i < _factory.Count; i++)
                {
                    var share = _load.Over is null ? 0.25 : _load.Over == i ? 2 / 3.0 : 1 / 9.0;
                    var newton = Sensitivities[i] * share * _load.Force + 3 + 0.2 * (2 * _random.NextDouble() - 1); // 3 N of zero error
                    channels[i] = _factory[i].Zero + newton / _factory[i].Gain;
                }
                channels[_factory.Count] = 25;
                return true;
            }
        }
    }
}

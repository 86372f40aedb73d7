using System.Diagnostics.Metrics;
using SensorHub.Core;

namespace SensorHub.Bluetooth.Link;

/// <summary>What the links count: the meter <c>SensorHub.Bluetooth</c>, with the tag <c>sensor</c>.</summary>
internal sealed class LinkMeter : IDisposable
{
    public const string Name = "SensorHub.Bluetooth";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _connects;
    private readonly Counter<long> _losses;
    private readonly Counter<long> _stalls;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _fetched;
    private readonly Counter<long> _givenUp;

    public LinkMeter(Func<IEnumerable<(Slug Sensor, int State)>> states)
    {
        _connects = _meter.CreateCounter<long>("sensorhub.link.connects", "{link}", "Links made.");
        _losses = _meter.CreateCounter<long>("sensorhub.link.losses", "{link}", "Links lost.");
        _stalls = _meter.CreateCounter<long>("sensorhub.link.stalls", "{stall}", "Times that a wanted stream fell silent on a link.");
        _recoveries = _meter.CreateCounter<long>("sensorhub.link.recoveries", "{step}", "Steps taken to recover a sensor, by stage.");
        _frames = _meter.CreateCounter<long>("sensorhub.link.frames", "{frame}", "Frames that came, readable or not.");
        _malformed = _meter.CreateCounter<long>("sensorhub.link.malformed", "{frame}", "Frames that could not be read.");
        _fetched = _meter.CreateCounter<long>("sensorhub.backlog.fetched", "{sample}", "Missing samples that came from the ring buffer.");
        _givenUp = _meter.CreateCounter<long>("sensorhub.backlog.given_up", "{sample}", "Missing samples that will not come any more.");
        _meter.CreateObservableGauge(
            "sensorhub.link.state", () => states().Select(s => new Measurement<int>(s.State, Tag(s.Sensor))), null,
            "State of the link: 1 connecting, 2 streaming, 3 lost, 4 searching, 5 pairing, 6 starting, 7 stalled, 8 refused, 9 off.");
    }

    public void Connected(Slug sensor) => _connects.Add(1, Tag(sensor));

    public void Lost(Slug sensor) => _losses.Add(1, Tag(sensor));

    public void Stalled(Slug sensor) => _stalls.Add(1, Tag(sensor));

    public void Recovering(Slug sensor, RecoveryStage stage) =>
        _recoveries.Add(1, Tag(sensor), new KeyValuePair<string, object?>("stage", stage switch
        {
            RecoveryStage.Resubscribe => "resubscribe",
            RecoveryStage.Reconnect => "reconnect",
            RecoveryStage.Rediscover => "rediscover",
            RecoveryStage.PowerCycle => "power_cycle",
            _ => "restart_hint",
        }));

    public void Frame(Slug sensor) => _frames.Add(1, Tag(sensor));

    public void Malformed(Slug sensor) => _malformed.Add(1, Tag(sensor));

    public void Fetched(Slug sensor, long samples) => _fetched.Add(samples, Tag(sensor));

    public void GivenUp(Slug sensor, long samples) => _givenUp.Add(samples, Tag(sensor));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(Slug sensor) => new("sensor", sensor.ToString());
}

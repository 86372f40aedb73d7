using SensorHub.Bluetooth.Virtual.Sensors;

namespace SensorHub.Bluetooth.Virtual.Radio;

/// <summary>A sensor on the air: its address, its chance, and when it is out of range.</summary>
internal sealed class VirtualPeer(string address, VirtualSensor sensor, RadioOptions options, Random random)
{
    private Outage? _next;

    public string Address => address;

    public VirtualSensor Sensor => sensor;

    public Random Random => random;

    public bool IsConnected { get; set; }

    /// <summary>How often the central cut all its links.</summary>
    public int Cuts { get; set; }

    /// <summary>At given times.</summary>
    public List<Outage> Outages { get; } = [.. options.Outages];

    public int NextRssi() => -60 + (int)Math.Round(4 * random.NextGaussian());

    /// <param name="now">Since the radio was made; grows from call to call.</param>
    public bool IsInRange(TimeSpan now)
    {
        foreach (var outage in Outages)
            if (outage.Start <= now && now < outage.End)
                return false;
        if (options.OutagesPerMinute <= 0)
            return true;
        while (_next is not { } next || next.End <= now)
            _next = Draw(_next?.End ?? TimeSpan.Zero);
        return now < _next.Value.Start;
    }

    /// <summary>Outages come as a Poisson process; their lengths are exponentially distributed.</summary>
    private Outage Draw(TimeSpan after) => new(
        after + TimeSpan.FromMinutes(Exponential() / options.OutagesPerMinute),
        Exponential() * options.MeanOutage);

    private double Exponential() => -Math.Log(1 - random.NextDouble());
}

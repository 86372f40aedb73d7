using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>
/// Records → stamped packets, gaps, device events and health, for any number of sensors. What it gives is a function of
/// the records so far.
/// </summary>
/// <param name="clock">Assumptions about the sensors' clocks; null = defaults.</param>
/// <param name="trouble">When a sensor is said to misbehave; null = defaults.</param>
public sealed class Stamper(SampleClockOptions? clock = null, TroubleOptions? trouble = null)
{
    private readonly Dictionary<Slug, SensorStamper> _sensors = [];
    private readonly List<SensorStamper> _order = [];
    private readonly List<Stamped.Marked> _marks = [];

    /// <summary>Takes the next record. Bad bytes are counted in the sensor's health and give nothing.</summary>
    public IReadOnlyList<Stamped> Update(SensorRecord record)
    {
        var output = new List<Stamped>(2);
        switch (record)
        {
            case SensorRecord.Described described:
                if (Sensor(described.Sensor).Describe(described) is { } descriptor)
                    output.Add(new Stamped.Known(record.At, described.Sensor, descriptor, [.. _marks]));
                break;
            case SensorRecord.Frame frame:
                Sensor(frame.Sensor).Frame(frame, output);
                break;
            case SensorRecord.TimeExchanged exchanged:
                Sensor(exchanged.Sensor).Exchange(exchanged);
                break;
            case SensorRecord.Link link:
                Sensor(link.Sensor).Link(link);
                break;
            case SensorRecord.GivenUp givenUp:
                Sensor(givenUp.Sensor).GiveUp(givenUp, output);
                break;
            case SensorRecord.Marked marked:
                if (marked.Marker is Marker.SessionEnded)
                    foreach (var sensor in _order)
                        sensor.EndSession(record.At, output);
                output.Add(Mark(marked));
                break;
            default:
                break;
        }
        foreach (var sensor in _order)
            if (sensor.HealthAt(record.At) is { } health)
                output.Add(new Stamped.Noticed(record.At, health));
        return output;
    }

    private Stamped.Marked Mark(SensorRecord.Marked record)
    {
        var marked = new Stamped.Marked(record.At, record.Marker);
        if (record.Marker is Marker.SessionBegan)
        {
            _marks.RemoveAll(m => !Outlasts(m.Marker));
            foreach (var sensor in _order)
                sensor.BeginSession(record.At);
        }
        _marks.Add(marked);
        if (record.Marker is Marker.SessionEnded)
            _marks.RemoveAll(m => !Outlasts(m.Marker));
        return marked;
    }

    /// <summary>True of what is about a sensor, or a wish of the person's, not about a session.</summary>
    private static bool Outlasts(Marker marker) => marker is Marker.ClipAttached or Marker.RadiusCalibrated or Marker.RemindersSet;

    private SensorStamper Sensor(Slug name)
    {
        if (!_sensors.TryGetValue(name, out var sensor))
        {
            _sensors.Add(name, sensor = new SensorStamper(name, clock, trouble ?? new TroubleOptions()));
            _order.Add(sensor);
        }
        return sensor;
    }
}

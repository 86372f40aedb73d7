using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;

namespace SensorHub.Pipelines.Sessions;

/// <summary>
/// What one must know of the records before to understand those that follow: of each sensor the last description, the
/// last state of the link and the last exchanges of time; when the clip was put on, how posture is reminded of, and radii by tape. A session's recording and its estimates both begin with it,
/// so that the recording alone gives the same estimates again. The preamble of a preamble is itself.
/// </summary>
internal sealed class Preamble
{
    /// <summary>Exchanges kept of each sensor: enough for the drift of its clock.</summary>
    public const int Exchanges = 64;

    private readonly Dictionary<Slug, Sensor> _sensors = [];
    private long _count;

    private (long Number, SensorRecord Record)? _attached;
    private (long Number, SensorRecord Record)? _reminders;

    /// <summary>In their order.</summary>
    public IReadOnlyList<SensorRecord> Records =>
        [.. _sensors.Values.SelectMany(s => s.Kept).Concat(_attached is { } attached ? [attached] : []).Concat(_reminders is { } reminders ? [reminders] : []).OrderBy(k => k.Number).Select(k => k.Record)];

    public void Add(SensorRecord record)
    {
        switch (record)
        {
            case SensorRecord.Described described:
                Of(described.Sensor).Described = (_count++, record);
                break;
            case SensorRecord.Link link:
                Of(link.Sensor).Link = (_count++, record);
                break;
            case SensorRecord.TimeExchanged exchanged:
                var exchanges = Of(exchanged.Sensor).Exchanged;
                exchanges.Enqueue((_count++, record));
                if (exchanges.Count > Exchanges)
                    exchanges.Dequeue();
                break;
            case SensorRecord.Marked { Marker: Marker.RadiusCalibrated calibrated }:
                Of(calibrated.Sensor).Radius = (_count++, record);
                break;
            case SensorRecord.Marked { Marker: Marker.ClipAttached }:
                _attached = (_count++, record);
                break;
            case SensorRecord.Marked { Marker: Marker.RemindersSet }:
                _reminders = (_count++, record);
                break;
            default:
                break;
        }
    }

    private Sensor Of(Slug name)
    {
        if (!_sensors.TryGetValue(name, out var sensor))
            _sensors.Add(name, sensor = new Sensor());
        return sensor;
    }

    private sealed class Sensor
    {
        public (long Number, SensorRecord Record)? Described { get; set; }

        public (long Number, SensorRecord Record)? Link { get; set; }

        public (long Number, SensorRecord Record)? Radius { get; set; }

        public Queue<(long Number, SensorRecord Record)> Exchanged { get; } = new();

        public IEnumerable<(long Number, SensorRecord Record)> Kept
        {
            get
            {
                if (Described is { } described)
                    yield return described;
                if (Link is { } link)
                    yield return link;
                if (Radius is { } radius)
                    yield return radius;
                foreach (var exchanged in Exchanged)
                    yield return exchanged;
            }
        }
    }
}

using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Sessions;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines.Completing;

/// <summary>
/// Puts the late samples of a recording where they would have come, had nothing been lost: behind what came of their stream before
/// them, before what came after, and among all other records at the time when they would have arrived. It takes two passes over the
/// records: <see cref="Of"/> collects what came late, and a second pass, stamped in the order of receipt as it was live, hands it out. So
/// what was stamped live keeps its stamp, and only what came late is held in memory.
/// </summary>
internal sealed class CompleteOrder
{
    private readonly Stamped[] _late;
    private readonly bool[] _given;
    private readonly Dictionary<(Slug Sensor, byte Stream), (uint BootId, uint Next)> _streams = [];
    private int _first;

    private CompleteOrder(IEnumerable<Stamped.Late> late)
    {
        // A sort that keeps the order of equals. Streams of one sensor whose samples come at once with the next live frame
        // are told apart by sample time.
        _late = [.. late.OrderBy(l => l.Due).ThenBy(l => TimeOf(l.Item)).Select(l => l.Item)];
        _given = new bool[_late.Length];
    }

    /// <summary>What came late in these records; the same ones must be given to the pipeline.</summary>
    public static CompleteOrder Of(IEnumerable<SensorRecord> records, FeatureOptions options)
    {
        var late = new List<Stamped.Late>();
        var preamble = new Preamble();
        var stamper = new Stamper(options.Clock, options.Trouble);
        foreach (var record in records)
        {
            if (record is SensorRecord.Marked { Marker: Marker.SessionBegan })
            {
                stamper = new Stamper(options.Clock, options.Trouble);
                foreach (var known in preamble.Records)
                    stamper.Update(known);
            }
            preamble.Add(record);
            late.AddRange(stamper.Update(record).OfType<Stamped.Late>());
        }
        return new CompleteOrder(late);
    }

    public bool IsEmpty => _late.Length == 0;

    /// <summary>What would have arrived before this, and was not given yet.</summary>
    public IEnumerable<Stamped> DueBefore(Timestamp at)
    {
        for (; _first < _late.Length && _late[_first].At < at; _first++)
            if (!_given[_first])
                yield return Follow(_late[_first]);
    }

    /// <summary>The item behind what belongs before it in its stream; nothing for one that came late.</summary>
    public IEnumerable<Stamped> Place(Stamped item)
    {
        if (item is Stamped.Late)
            yield break;
        if (PlaceOf(item) is { } place)
        {
            for (var i = _first; i < _late.Length && _late[i].At <= item.At; i++)
            {
                if (_given[i] || PlaceOf(_late[i]) is not { } late || !IsBefore(late, place))
                    continue;
                _given[i] = true;
                yield return Follow(_late[i]);
            }
        }
        yield return Follow(item);
    }

    /// <summary>The item, with the number of samples that are missing between it and the one before it in this order.</summary>
    private Stamped Follow(Stamped item)
    {
        if (PlaceOf(item) is not var (sensor, stream, boot, samples))
            return item;
        var missing = _streams.TryGetValue((sensor, stream), out var before) && before.BootId == boot ? unchecked(samples.Sequence - before.Next) : (long?)null;
        _streams[(sensor, stream)] = (boot, samples.Next);
        return item switch
        {
            Stamped.Imu imu when missing is not null => imu with { Packet = imu.Packet with { Missing = missing } },
            Stamped.Load load when missing is not null => load with { Packet = load.Packet with { Missing = missing } },
            _ => item,
        };
    }

    private static (Slug Sensor, byte Stream, uint BootId, SampleRange Samples)? PlaceOf(Stamped item) => item switch
    {
        Stamped.Imu { Place: var p, Packet.Sensor: var sensor } => (sensor, p.Stream, p.BootId, p.Samples),
        Stamped.Load { Place: var p, Packet.Sensor: var sensor } => (sensor, p.Stream, p.BootId, p.Samples),
        _ => null,
    };

    private static bool IsBefore(
        (Slug Sensor, byte Stream, uint BootId, SampleRange Samples) a, (Slug Sensor, byte Stream, uint BootId, SampleRange Samples) b) =>
        a.Sensor == b.Sensor && a.Stream == b.Stream && a.BootId == b.BootId && unchecked((int)(a.Samples.Sequence - b.Samples.Sequence)) < 0;

    private static Timestamp TimeOf(Stamped item) => item switch
    {
        Stamped.Imu imu => imu.Packet.Samples[0].Time,
        Stamped.Load load => load.Packet.Samples[0].Time,
        Stamped.Noticed noticed => noticed.Feature.Time,
        _ => item.At,
    };
}

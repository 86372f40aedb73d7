using SensorHub.Bluetooth.Virtual.Gatt;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Recording;
using SensorHub.Testing.FakeBlueZ;

namespace SensorHub.Faults;

/// <summary>The samples of one stream since a boot of its sensor.</summary>
internal readonly record struct SampleSeries(string Sensor, uint Boot, byte Stream);

/// <summary>
/// Which samples left the sensors, written down at the sensors, and which of them are in the recordings. No sensor is asked what it thinks
/// of its link, and the hub nothing.
/// </summary>
internal sealed class Samples
{
    private readonly HubClock _clock = new(TimeProvider.System);
    private readonly Lock _gate = new();
    private readonly List<(SampleSeries Series, uint First, byte Count, Timestamp At)> _sent = [];
    private volatile bool _silent;

    /// <summary>Writes down all that the sensor sends live from now on.</summary>
    public void Watch(FakeSensor sensor)
    {
        var name = sensor.Name;
        sensor.OnAir = value =>
        {
            if (_silent)
                return [];
            if (value.Characteristic == Gatt.Data && FrameCodec.Decode(value.Bytes, out var frame) == DecodeStatus.Ok)
                lock (_gate)
                    _sent.Add((new SampleSeries(name, frame.Header.BootId, frame.Header.Stream), frame.Header.Sequence, frame.Header.Count, _clock.Now));
            return [value];
        };
    }

    /// <summary>Nothing leaves the sensors any more, while what has left still arrives: a frame that is in the air when its link goes is lost on any radio.</summary>
    public void Silence() => _silent = true;

    /// <param name="recordings">Folders of all sessions.</param>
    /// <param name="deaths">When the hub ended, in whichever way, and when it was there again.</param>
    public SampleCounts Compare(IEnumerable<string> recordings, IReadOnlyList<(Timestamp From, Timestamp To)> deaths)
    {
        var sent = new Dictionary<SampleSeries, Ranges>();
        var sentAtDeath = new Dictionary<SampleSeries, Ranges>();
        lock (_gate)
            foreach (var (series, first, count, at) in _sent)
            {
                Of(sent, series).Add(first, count);
                if (deaths.Any(d => at >= d.From - SampleCounts.OnTheWay && at <= d.To))
                    Of(sentAtDeath, series).Add(first, count);
            }

        var recorded = new Dictionary<SampleSeries, Ranges>();
        var late = new Dictionary<SampleSeries, Ranges>();
        var givenUp = new Dictionary<SampleSeries, Ranges>();
        foreach (var recording in recordings)
            foreach (var record in RecordingReader.Read(recording))
                switch (record)
                {
                    case SensorRecord.Frame received when FrameCodec.Decode(received.Bytes.Span, out var frame) == DecodeStatus.Ok:
                        var key = new SampleSeries(received.Sensor.ToString(), frame.Header.BootId, frame.Header.Stream);
                        Of(recorded, key).Add(frame.Header.Sequence, frame.Header.Count);
                        if ((frame.Header.Flags & FrameFlags.Backlog) != 0)
                            Of(late, key).Add(frame.Header.Sequence, frame.Header.Count);
                        break;
                    case SensorRecord.GivenUp gone:
                        Of(givenUp, new SampleSeries(gone.Sensor.ToString(), gone.BootId, gone.Stream)).Add(gone.Sequence, gone.Count);
                        break;
                    default:
                        break;
                }

        var counts = new SampleCounts
        {
            Recorded = recorded.Values.Sum(r => r.Count),
            FromBacklog = late.Values.Sum(r => r.Count),
        };
        foreach (var (series, numbers) in sent)
        {
            var missing = numbers.Without(Of(recorded, series));
            var dead = missing.And(Of(sentAtDeath, series));
            var gone = missing.Without(dead).And(Of(givenUp, series));
            var lost = missing.Without(dead).Without(gone);
            counts = counts with
            {
                Sent = counts.Sent + numbers.Count,
                SentToTheDead = counts.SentToTheDead + dead.Count,
                GivenUp = counts.GivenUp + gone.Count,
                Lost = counts.Lost + lost.Count,
                FirstLost = [.. counts.FirstLost, .. lost.Runs.Take(3).Select(r => $"{series.Sensor} stream {series.Stream}: {r.From} to {r.To - 1}")],
            };
        }
        return counts;
    }

    private static Ranges Of(Dictionary<SampleSeries, Ranges> all, SampleSeries series) => all.TryGetValue(series, out var ranges) ? ranges : all[series] = new Ranges();
}

/// <param name="Sent">By the sensors, live: different ones.</param>
/// <param name="Recorded">Different ones, live and from the sensors' ring buffers.</param>
/// <param name="FromBacklog">Of these from the ring buffers.</param>
/// <param name="SentToTheDead">Sent and not received: the hub was dead, or died within <see cref="OnTheWay"/>.</param>
/// <param name="GivenUp">Not received, and the recording says that they will not come.</param>
/// <param name="Lost">The rest: sent to a hub that lived, and nowhere.</param>
internal sealed record SampleCounts(long Sent = 0, long Recorded = 0, long FromBacklog = 0, long SentToTheDead = 0, long GivenUp = 0, long Lost = 0)
{
    /// <summary>The longest that a sample is on its way: D-Bus, socket, the hub's queue; and a gap, until it is fetched.</summary>
    public static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(10);

    public IReadOnlyList<string> FirstLost { get; init; } = [];
}

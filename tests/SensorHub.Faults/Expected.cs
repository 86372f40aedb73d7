using System.Buffers;
using System.Text;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Mqtt.Contract;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using SensorHub.Storage;
using SensorHub.Storage.Bridging;

namespace SensorHub.Faults;

/// <summary>
/// The rows that the recordings demand: what <c>sensorhub replay</c> says of them, live and computed anew, made rows of by the contract alone.
/// No broker, bridge or database is asked.
/// </summary>
/// <param name="hub">The hub's name in topics.</param>
internal sealed class Expected(Slug hub)
{
    private readonly HubMessages _messages = new(hub);
    private readonly Dictionary<RowKey, FieldValue[]> _rows = [];
    private readonly HashSet<RowKey> _takenBack = [];
    private readonly List<(Timestamp From, Timestamp To)> _sessions = [];

    /// <summary>What was said last of each; default = that says nothing of this field.</summary>
    public IReadOnlyDictionary<RowKey, FieldValue[]> Rows => _rows;

    /// <summary>Superseded: they may be there, or not.</summary>
    public IReadOnlySet<RowKey> TakenBack => _takenBack;

    /// <summary>Recordings, and of these such that a crash has cut.</summary>
    public (int All, int Cut) Recordings { get; private set; }

    public Timestamp From => _sessions.Min(s => s.From);

    public Timestamp To => _sessions.Max(s => s.To);

    /// <summary>Features and rows of a recording are added.</summary>
    /// <param name="cut">The hub that recorded it ended in its midst, and a later one said all of it again.</param>
    /// <param name="report">Told what could not be computed, or is no row.</param>
    public async Task AddAsync(string folder, bool cut, Action<string> report)
    {
        List<SensorRecord> records = [.. CutRecordings.ReadToEnd(folder, damage => report(damage.ToString()))];
        Recordings = (Recordings.All + 1, Recordings.Cut + (cut ? 1 : 0));
        if (records.OfType<SensorRecord.Marked>().FirstOrDefault(m => m.Marker is Marker.SessionBegan) is { } began)
            _sessions.Add((began.At, records[^1].At));

        var pipeline = new FeaturePipeline();
        using var recomputer = new Recomputer(() => records, Written, (feature, _) => { Say(feature, report); return Task.CompletedTask; }, report);
        IObserver<SensorRecord> ofRecords = recomputer;
        foreach (var record in records)
        {
            foreach (var feature in pipeline.Update(record))
                Live(feature);
            ofRecords.OnNext(record);
            await recomputer.CompleteAsync(CancellationToken.None);
        }
        foreach (var feature in pipeline.Complete())
            Live(feature);
        ofRecords.OnCompleted();
        await recomputer.CompleteAsync(CancellationToken.None);

        void Live(Feature feature)
        {
            Say(cut ? feature with { Finality = Finality.Historical } : feature, report);
            recomputer.OnNext(feature);
        }
    }

    /// <summary>Whether it lies in a session. What a hub says before one begins is in no recording.</summary>
    public bool IsInSession(Timestamp time) => _sessions.Any(s => time >= s.From && time <= s.To);

    private void Say(Feature feature, Action<string> report)
    {
        var message = _messages.Write(feature);
        var read = PointReader.Read(message.Topic, message.Payload.ToArray());
        if (read.Point is not { } point)
        {
            report($"A {feature.GetType().Name} is no row: {read.Reason} {read.Detail}");
            return;
        }
        var key = RowKey.Of(point);
        if (feature.Finality == Finality.Superseded)
        {
            _rows.Remove(key);
            _takenBack.Add(key);
        }
        else
        {
            _rows[key] = point.Fields.ToArray();
            _takenBack.Remove(key);
        }
    }

    private static string Written(Feature feature) => Encoding.UTF8.GetString(FeaturePayloads.Serialize(FeaturePayloads.From(feature)));
}

using SensorHub.Core;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Protocol;
using SensorHub.Core.Recordings;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Pipelines.Quality;

/// <summary>
/// Measures a recording while it is read in complete order. It keeps sums, and what there are few of: gaps, calibrations, boots; memory does not grow with the length.
/// </summary>
/// <param name="options">Null = defaults.</param>
public sealed class QualityMeter(QualityOptions? options = null)
{
    private readonly QualityOptions _options = Checked(options ?? new QualityOptions());
    private readonly SortedDictionary<Slug, SensorMeter> _sensors = [];
    private (Timestamp At, Marker.SessionBegan Marker)? _began;
    private Timestamp? _first, _ended;
    private Timestamp _last;

    /// <summary>Reads a recording through.</summary>
    /// <param name="records">Read twice.</param>
    /// <param name="features">Options of the estimates; null = defaults.</param>
    /// <param name="options">Null = defaults.</param>
    /// <exception cref="UserException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SessionQuality Of(IEnumerable<SensorRecord> records, FeatureOptions? features = null, QualityOptions? options = null, CancellationToken cancellationToken = default)
    {
        var meter = new QualityMeter(options);
        foreach (var step in CompleteReading.Read(records, features))
        {
            cancellationToken.ThrowIfCancellationRequested();
            meter.Add(step);
        }
        return meter.Quality;
    }

    /// <summary>Takes the next step of the recording.</summary>
    public void Add(CompleteStep step)
    {
        if (step.Record is { } record)
        {
            _first ??= record.At;
            _last = record.At;
            Add(record);
        }
        foreach (var stamped in step.Stamped)
            if (stamped is Stamped.Imu { Packet: var imu } packet)
                Of(imu.Sensor).Sampled(packet.Place, imu.Samples.Count, imu.Samples[0].Time, imu.Samples[^1].Time, step.Record);
            else if (stamped is Stamped.Load { Packet: var load } other)
                Of(load.Sensor).Sampled(other.Place, load.Samples.Count, load.Samples[0].Time, load.Samples[^1].Time, step.Record);
        foreach (var feature in step.Features)
            Add(feature);
    }

    /// <summary>What was measured so far.</summary>
    public SessionQuality Quality => new()
    {
        Session = _began?.Marker.Session ?? default,
        Subject = _began?.Marker.Subject ?? default,
        Start = _began?.At ?? _first ?? default,
        End = _ended ?? _last,
        HasEnded = _ended is not null,
        Sensors = [.. from sensor in _sensors where sensor.Value.Descriptor is not null && sensor.Value.Frames > 0 select sensor.Value.Quality(_options)],
    };

    private void Add(SensorRecord record)
    {
        switch (record)
        {
            case SensorRecord.Marked { Marker: Marker.SessionBegan marker }:
                _began = (record.At, marker);
                break;
            case SensorRecord.Marked { Marker: Marker.SessionEnded }:
                _ended = record.At;
                break;
            case SensorRecord.Described described:
                if (SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor, out _) == DecodeStatus.Ok)
                    Of(described.Sensor).Describe(descriptor!);
                break;
            case SensorRecord.Frame frame:
                Of(frame.Sensor).Received(frame);
                break;
            case SensorRecord.TimeExchanged exchanged:
                Of(exchanged.Sensor).Exchanged(exchanged);
                break;
            case SensorRecord.Link { State: LinkState.Lost } link when _began is not null:
                Of(link.Sensor).LinksLost++;
                break;
            default:
                break;
        }
    }

    private void Add(Feature feature)
    {
        switch (feature)
        {
            case Gap gap:
                Of(gap.Sensor).Missed(gap);
                break;
            case SensorHealth health:
                Of(health.Sensor).Told(health);
                break;
            case CalibrationResult { Accepted: true, Calibration: { } calibration } result:
                Of(result.Sensor).Calibrated(result.Time, calibration);
                break;
            case Cue { Code: CueCode.ClipMoved } cue:
                Of(cue.Sensor).Moves.Add(cue.Time);
                break;
            default:
                break;
        }
    }

    private SensorMeter Of(Slug sensor)
    {
        if (!_sensors.TryGetValue(sensor, out var meter))
            _sensors.Add(sensor, meter = new SensorMeter(sensor));
        return meter;
    }

    private static QualityOptions Checked(QualityOptions options)
    {
        Constants.Check(options);
        return options;
    }
}

using System.Security.Cryptography;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Core.Timing;
using SensorHub.Export.Studies;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Stamping;

namespace SensorHub.Export.Recordings;

/// <summary>Walks a recording. It is read segment by segment, so memory does not grow with its length.</summary>
public sealed class SessionReader
{
    private readonly FeatureOptions? _options;

    private readonly bool _isPart;

    private SessionReader(SessionOutline outline, FeatureOptions? options, bool isPart) => (Outline, _options, _isPart) = (outline, options, isPart);

    public SessionOutline Outline { get; }

    /// <summary>Reads through the recording once, without estimating.</summary>
    /// <param name="path">A session's folder, or one segment file.</param>
    /// <param name="options">Of the estimates; null = defaults.</param>
    /// <param name="damaged">Told of each stretch that cannot be read.</param>
    /// <param name="window">The part of the session to read; null = all of it. Estimates in it are those of the whole recording.</param>
    /// <exception cref="UserException">There is no recording, or no samples in it; or the part is not in it.</exception>
    public static SessionReader Open(string path, FeatureOptions? options = null, Action<RecordingDamage>? damaged = null, SessionWindow? window = null, CancellationToken cancellationToken = default)
    {
        var devices = new SortedDictionary<Slug, Known>();
        (Timestamp At, Marker.SessionBegan Marker)? began = null;
        Timestamp? first = null, ended = null;
        Timestamp last = default;
        foreach (var record in RecordingReader.Read(path, damaged))
        {
            cancellationToken.ThrowIfCancellationRequested();
            first ??= record.At;
            last = record.At;
            switch (record)
            {
                case SensorRecord.Described described:
                    if (SensorDescriptorCodec.Decode(described.Bytes.Span, out var descriptor, out _) == DecodeStatus.Ok)
                        Of(described.Sensor).Describe(described.Sensor, descriptor!);
                    break;
                case SensorRecord.Frame frame:
                    Of(frame.Sensor).HasFrames = true;
                    break;
                case SensorRecord.Marked { Marker: Marker.SessionBegan marker }:
                    if (began is not null)
                        throw new UserException($"{path}: there is more than one session in it; name the recording of one.");
                    began = (record.At, marker);
                    break;
                case SensorRecord.Marked { Marker: Marker.SessionEnded }:
                    ended = record.At;
                    break;
                default:
                    break;
            }
        }
        Device[] sending = [.. devices.Where(d => d.Value is { HasFrames: true, Descriptor: not null, Streams.Count: > 0 })
            .Select(d => new Device(d.Key, d.Value.Descriptor!, d.Value.Firmwares, d.Value.Streams))];
        if (sending.Length == 0)
            throw new UserException($"{path}: there are no samples in it, so there is nothing to export.");
        var (sha256, bytes) = Checksum(path, cancellationToken);
        var (start, end) = (began?.At ?? first!.Value, ended ?? last);
        var outline = new SessionOutline(
            path, began?.Marker.Session ?? default, began?.Marker.Subject ?? default, began?.Marker.BodyMassKg, start, end, ended is not null, sha256, bytes, sending, ImportedMarkers.Read(path));
        if (window is not { } part)
            return new SessionReader(outline, options, false);
        if (start + part.From >= end)
            throw new UserException(FormattableString.Invariant($"{path}: the session is over after {(end - start).TotalSeconds:0.#} s; the part that begins at {part.From.TotalSeconds:0.#} s is not in it."));
        return new SessionReader(outline with { Start = start + part.From, End = start + part.To < end ? start + part.To : end, HasEnded = start + part.To <= end || outline.HasEnded }, options, true);

        Known Of(Slug sensor)
        {
            if (!devices.TryGetValue(sensor, out var known))
                devices.Add(sensor, known = new Known());
            return known;
        }
    }

    /// <summary>The begin of the session; null when there is none in it.</summary>
    /// <exception cref="UserException">There is no recording.</exception>
    public static (Timestamp At, Marker.SessionBegan Marker)? BeganAt(string path)
    {
        foreach (var record in RecordingReader.Read(path))
            if (record is SensorRecord.Marked { Marker: Marker.SessionBegan began, At: var at })
                return (at, began);
        return null;
    }

    /// <summary>Everything in it: samples at their places, final estimates, what was said.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<SessionItem> Read(CancellationToken cancellationToken)
    {
        var streams = new Dictionary<StreamDescriptor, RawStream>(ReferenceEqualityComparer.Instance);
        var study = new RecordedStudy();
        foreach (var step in CompleteReading.Read(RecordingReader.Read(Outline.Path), _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (step.Record is SensorRecord.Marked marked && IsIn(marked.At))
            {
                study.Take(marked.At, marked.Marker);
                yield return new SessionItem.Said(marked.At, marked.Marker);
            }
            foreach (var stamped in step.Stamped)
            {
                SessionItem.Samples? samples = stamped switch
                {
                    Stamped.Imu { Packet: var p } imu => Stream(p.Sensor, imu.Raw.Stream) is { } s ? new(s, imu.Place, p.Samples, null, imu.Raw) : null,
                    Stamped.Load { Packet: var p } load => Stream(p.Sensor, load.Raw.Stream) is { } s ? new(s, load.Place, null, p.Samples, load.Raw) : null,
                    _ => null,
                };
                if (_isPart)
                    samples = samples?.Within(Outline.Start, Outline.End);
                if (samples is not null)
                    yield return samples;
            }
            foreach (var feature in step.Features)
                if (IsIn(feature.Time))
                    yield return new SessionItem.Estimated(feature);
        }
        if (_isPart && study.Current is { } task)
            yield return new SessionItem.Said(Outline.End, new Marker.TaskEnded(task.Task));
        foreach (var imported in Outline.Imported)
            if (IsIn(imported.At))
                yield return new SessionItem.Imported(imported);

        RawStream? Stream(Slug sensor, StreamDescriptor descriptor)
        {
            if (!streams.TryGetValue(descriptor, out var stream))
            {
                stream = Outline.Devices.FirstOrDefault(d => d.Sensor == sensor)?.Streams.FirstOrDefault(s => s.Fits(sensor, descriptor));
                if (stream is not null)
                    streams.Add(descriptor, stream);
            }
            return stream;
        }
    }

    private bool IsIn(Timestamp at) => !_isPart || Outline.Start <= at && at < Outline.End;

    private static (string Sha256, long Bytes) Checksum(string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        var bytes = 0L;
        try
        {
            foreach (var file in RecordingReader.FilesOf(path))
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                while (stream.Read(buffer) is > 0 and var read)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    hash.AppendData(buffer, 0, read);
                    bytes += read;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot be read: {e.Message}", e);
        }
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }

    private sealed class Known
    {
        public SensorDescriptor? Descriptor { get; private set; }

        public List<string> Firmwares { get; } = [];

        public List<RawStream> Streams { get; } = [];

        public bool HasFrames { get; set; }

        public void Describe(Slug sensor, SensorDescriptor descriptor)
        {
            Descriptor = descriptor;
            if (!Firmwares.Contains(descriptor.Firmware))
                Firmwares.Add(descriptor.Firmware);
            foreach (var stream in descriptor.Streams)
                if (RawStream.Of(sensor, stream, descriptor) is { } raw && !Streams.Exists(s => s.Fits(sensor, stream)))
                    Streams.Add(raw);
        }
    }
}

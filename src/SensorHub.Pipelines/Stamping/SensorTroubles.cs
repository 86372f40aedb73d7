using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>
/// What is wrong with one sensor, as a line for a person. Of several troubles the one that costs most is said: no samples at all, samples
/// at wrong times, samples that cannot be read, samples that nobody asked for.
/// </summary>
internal sealed class SensorTroubles(Slug sensor, TroubleOptions options)
{
    private readonly Queue<bool> _frames = new(); // true = it could not be read
    private readonly Dictionary<byte, RateCheck> _rates = [];
    private int _malformed;
    private (byte Stream, Timestamp At)? _unknown;
    private LinkState _link = LinkState.Connecting;
    private string _reason = "";

    public void Link(LinkState state, string reason)
    {
        if (state != _link)
            _rates.Clear(); // what was sampled meanwhile comes from the ring buffer
        (_link, _reason) = (state, reason);
    }

    public void Malformed() => Count(malformed: true);

    public void UnknownStream(byte stream, Timestamp at) => _unknown = (stream, at);

    /// <summary>Takes a live frame that was read.</summary>
    /// <param name="declared">Samples per second by the frame and the descriptor; 0 for events.</param>
    /// <param name="samples">How many of its samples continue the stream.</param>
    /// <param name="isContinuous">False behind a gap or a reboot.</param>
    public void Read(StreamDescriptor stream, double declared, int samples, bool isContinuous, Timestamp at)
    {
        Count(malformed: false);
        if (declared == 0)
            return;
        if (!isContinuous || !_rates.TryGetValue(stream.Id, out var rate) || rate.Declared != declared)
            _rates[stream.Id] = rate = new RateCheck(stream.Kind, declared, at, options);
        else
            rate.Add(samples, at);
    }

    /// <summary>Null when nothing is wrong.</summary>
    public string? At(Timestamp now)
    {
        if (_link is LinkState.Refused or LinkState.Stalled or LinkState.Lost)
            return OfLink();
        foreach (var (_, rate) in _rates.OrderBy(r => r.Key))
            if (rate.Wrong is { } wrong)
                return FormattableString.Invariant(
                    $"{sensor}: {wrong:0.0} samples a second come of {rate.Kind}, and it declares {rate.Declared:0.0}: their times cannot be trusted. Restart the sensor; if it stays, its firmware is wrong.");
        if (_malformed >= options.Malformed)
            return FormattableString.Invariant(
                $"{sensor}: {_malformed} of its last {_frames.Count} frames could not be read, and were left out. Restart the sensor; if it stays, update its firmware.");
        if (_unknown is { } unknown && now - unknown.At < options.UnknownStream)
            return FormattableString.Invariant(
                $"{sensor}: frames come of stream {unknown.Stream}, which it does not describe, and are left out. Its other streams are read. Update its firmware.");
        return null;
    }

    private string OfLink()
    {
        var reason = _reason.TrimEnd('.', ' ');
        return _link switch
        {
            LinkState.Lost => reason.Length == 0 ? $"{sensor}: the link was lost." : $"{sensor}: the link was lost: {reason}.",
            LinkState.Stalled => reason.Length == 0 ? $"{sensor}: it is connected, and no samples come." : $"{sensor}: it is connected, and no samples come: {reason}.",
            _ => reason.Length == 0 ? $"{sensor}: it cannot be used." : $"{sensor}: it cannot be used: {reason}.",
        };
    }

    private void Count(bool malformed)
    {
        _frames.Enqueue(malformed);
        _malformed += malformed ? 1 : 0;
        if (_frames.Count > options.Frames && _frames.Dequeue())
            _malformed--;
    }

    /// <summary>Samples per second of hub time, from arrival to arrival, over stretches without a gap.</summary>
    private sealed class RateCheck(StreamKind kind, double declared, Timestamp from, TroubleOptions options)
    {
        private Timestamp _from = from;
        private long _samples;

        public string Kind => kind == StreamKind.Imu ? "the IMU" : EnumNames.Of(kind);

        public double Declared => declared;

        /// <summary>The rate of the last whole stretch when it is another than declared.</summary>
        public double? Wrong { get; private set; }

        public void Add(int samples, Timestamp at)
        {
            _samples += samples;
            var span = at - _from;
            if (span < options.RateSpan)
                return;
            var rate = _samples / span.TotalSeconds;
            Wrong = Math.Abs(rate / declared - 1) * 100 > options.Rate ? rate : null;
            (_from, _samples) = (at, 0);
        }
    }
}

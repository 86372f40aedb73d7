using System.Globalization;
using System.Text;
using SensorHub.Core.Protocol;
using SensorHub.Export.Recordings;

namespace SensorHub.Export.Bids;

/// <summary>
/// Writes the samples of a device as the rows of a <c>_motion.tsv</c>. Samples of one time stand in one row, a stream that has none then is n/a in
/// it; nothing is resampled, and what is missing has no row. The first column is the time since the first row.
/// </summary>
internal sealed class MotionRows
{
    /// <summary>A stream of which nothing has come for so long is not waited for.</summary>
    private const long PatienceNs = 10_000_000_000;

    private readonly Stream _output;
    private readonly List<Lane> _lanes = [];
    private readonly StringBuilder _text = new();
    private long? _firstSeen, _newest;

    public MotionRows(Device device, Stream output)
    {
        _output = output;
        foreach (var stream in device.Streams)
            _lanes.Add(new Lane(stream, [.. MotionChannels.Of(stream)]));
    }

    public long Rows { get; private set; }

    /// <summary>Time of the first row, ns.</summary>
    public long? First { get; private set; }

    /// <summary>Time of the last row, ns.</summary>
    public long Last { get; private set; }

    /// <summary>Rows that had to be written behind later ones.</summary>
    public long Disordered { get; private set; }

    /// <summary>Rows a second, gaps included.</summary>
    public double EffectiveRate => Rows > 1 ? (Rows - 1) / ((Last - First!.Value) * 1e-9) : 0;

    /// <summary>The rate of the stream by the descriptor that is nearest to what came, Hz; 0 when nothing did.</summary>
    public double NominalRate(RawStream stream) => _lanes.Find(l => ReferenceEquals(l.Stream, stream))!.NominalRate;

    public void Add(SessionItem.Samples samples)
    {
        var lane = _lanes.Find(l => ReferenceEquals(l.Stream, samples.Stream));
        if (lane is null || lane.Channels.Length == 0)
            return;
        lane.Add(samples);
        _firstSeen ??= lane.Newest;
        if (!(_newest > lane.Newest))
            _newest = lane.Newest;
        Write(Settled());
    }

    /// <summary>Writes the rest.</summary>
    public void Complete()
    {
        Write(long.MaxValue);
        Flush();
    }

    /// <summary>Up to here no stream has anything to come.</summary>
    private long Settled()
    {
        var settled = _newest!.Value;
        foreach (var lane in _lanes)
            if (lane.Channels.Length > 0 && _newest - (lane.Newest ?? _firstSeen) < PatienceNs)
                settled = Math.Min(settled, lane.Newest ?? long.MinValue);
        return settled;
    }

    private void Write(long until)
    {
        while (true)
        {
            var time = long.MaxValue;
            foreach (var lane in _lanes)
                if (lane.Waiting.TryPeek(out var sample) && sample.Time < time)
                    time = sample.Time;
            if (time == long.MaxValue || time > until)
                break;
            WriteRow(time);
        }
        if (_text.Length > 1 << 15)
            Flush();
    }

    private void WriteRow(long time)
    {
        First ??= time;
        if (Rows > 0 && time <= Last)
            Disordered++;
        Last = Math.Max(Last, time);
        Rows++;
        _text.Append(CultureInfo.InvariantCulture, $"{(time - First.Value) * 1e-9:0.000000}");
        foreach (var lane in _lanes)
        {
            var values = lane.Waiting.TryPeek(out var sample) && sample.Time == time ? lane.Waiting.Dequeue().Values : null;
            for (var i = 0; i < lane.Channels.Length; i++)
            {
                _text.Append('\t');
                if (values is null || !float.IsFinite(values[i]))
                    _text.Append("n/a");
                else
                    _text.Append(CultureInfo.InvariantCulture, $"{values[i]:R}");
            }
        }
        _text.Append('\n');
    }

    private void Flush()
    {
        _output.Write(Encoding.ASCII.GetBytes(_text.ToString()));
        _text.Clear();
    }

    private sealed class Lane(RawStream stream, RawChannel[] channels)
    {
        private double _spanSeconds;
        private long _steps;

        public RawStream Stream => stream;

        public RawChannel[] Channels => channels;

        public Queue<(long Time, float[] Values)> Waiting { get; } = new();

        public long? Newest { get; private set; }

        public double NominalRate => _steps == 0 || stream.Periods.Count == 0 ? 0 : 1 / stream.Periods.MinBy(p => Math.Abs(p - _spanSeconds / _steps));

        public void Add(SessionItem.Samples samples)
        {
            for (var i = 0; i < samples.Count; i++)
            {
                // Seven digits of a float are more than the sensor's sixteen bits have.
                var values = new float[channels.Length];
                for (var c = 0; c < values.Length; c++)
                    values[c] = (float)samples.Value(i, channels[c]);
                Waiting.Enqueue((samples.Time(i).UnixNanoseconds, values));
            }
            _spanSeconds += (samples.Time(samples.Count - 1).UnixNanoseconds - samples.Time(0).UnixNanoseconds) * 1e-9;
            _steps += samples.Count - 1;
            Newest = Math.Max(Newest ?? long.MinValue, samples.Time(samples.Count - 1).UnixNanoseconds);
        }
    }
}

/// <summary>What of a stream stands in a motion file: everything that has a unit. Counts of load cells stand calibrated, in newton.</summary>
internal static class MotionChannels
{
    public static IEnumerable<RawChannel> Of(RawStream stream) => stream.Channels.Where(c => c.Unit != "1");

    public static string Type(RawChannel channel) => channel.Quantity switch
    {
        Quantity.Acceleration => "ACCEL",
        Quantity.AngularRate => "GYRO",
        _ => "MISC",
    };

    public static string Component(RawChannel channel) => channel.Quantity is Quantity.Acceleration or Quantity.AngularRate ? "xyz"[channel.Axis].ToString() : "n/a";

    /// <summary>As BIDS writes units (CMIXF-12).</summary>
    public static string Unit(RawChannel channel) => channel.Unit switch
    {
        "m/s²" => "m/s^2",
        "°C" => "oC",
        var unit => unit,
    };

    public static string TrackedPoint(RawStream stream) => stream.Element switch
    {
        ElementRole.Lower => "sacrum",
        ElementRole.Upper => "thoracolumbar_junction",
        ElementRole.Core => "roller_core",
        _ => "roller_shell",
    };

    public static string Placement(RawStream stream) => stream.Element switch
    {
        ElementRole.Lower => "midline of the back over S1/S2",
        ElementRole.Upper => "midline of the back over T12/L1",
        ElementRole.Core => "in the core of the roller",
        _ => "between the shell and the core of the roller",
    };
}

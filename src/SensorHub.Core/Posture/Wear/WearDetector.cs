using SensorHub.Core.Orientation;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Wear;

/// <summary>
/// Whether a clip is worn, from its raw packets. A body breathes and sways; what is as still as a table for a minute, with gravity from the
/// same side, is not on one. Worn again, or for the first time, is what has moved like a body for some seconds without a still window.
/// <para>
/// What it cannot know: a clip carried in a pocket or a bag, or swinging on a hook in the wind, moves and is taken as worn; a clip
/// on a table that shakes stays as it was judged before. A sensor whose gyroscope is noisier than those at hand is never called off. Lying
/// people were not among the recordings.
/// </para>
/// </summary>
/// <param name="sensor">The clip.</param>
/// <param name="options">Null = defaults.</param>
/// <exception cref="UserException">An option is out of its range.</exception>
public sealed class WearDetector(Slug sensor, WearOptions? options = null)
{
    private readonly WearOptions _options = Constants.Check(options ?? new WearOptions());
    private readonly SortedDictionary<ElementRole, MicroMotion> _elements = [];

    public Wearing Current { get; private set; }

    /// <summary>Takes the samples of one frame of an element; gives the state when it changed, and the cue that the clip is off.</summary>
    public IReadOnlyList<Feature> Update(ImuPacket packet)
    {
        if (!_elements.TryGetValue(packet.Element, out var motion))
            _elements.Add(packet.Element, motion = new MicroMotion(_options));
        var features = new List<Feature>();
        foreach (var sample in packet.Samples)
            if (motion.Update(sample))
                Judge(sample.Time, features);
        return features;
    }

    private void Judge(Timestamp time, List<Feature> features)
    {
        var heard = _elements.Values.Where(m => time - m.Judged < 2 * _options.Window).ToList();
        var next = heard.TrueForAll(m => time - m.StillSince >= _options.OffAfter) ? Wearing.Off
            : heard.Exists(m => time - m.AliveSince >= _options.WornAfter) ? Wearing.Worn
            : Current;
        if (next == Current)
            return;
        var taken = Current == Wearing.Worn;
        Current = next;
        features.Add(new WearState { Time = time, Sensor = sensor, Wear = next });
        if (next == Wearing.Off && taken)
            features.Add(new Cue { Time = time, Sensor = sensor, Code = CueCode.ClipOff, Level = CueLevel.Remind });
    }
}

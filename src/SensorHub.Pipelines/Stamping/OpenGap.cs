using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Stamping;

/// <summary>A gap that was said, while some of its samples can still come.</summary>
/// <param name="said">As it was first said.</param>
/// <param name="samples">Those that were missing at first.</param>
/// <param name="before">Arrival of the last sample before it.</param>
/// <param name="after">Arrival of the first behind it.</param>
/// <param name="latency">What the last sample before it took from being taken to arriving.</param>
internal sealed class OpenGap(Gap said, SampleRange samples, Timestamp before, Timestamp after, TimeSpan latency)
{
    private long _awaited = samples.Count;
    private long _givenUp;

    public bool Contains(SampleRange range) => samples.Contains(range.Sequence);

    /// <summary>When these samples would have arrived, had they not been lost.</summary>
    /// <param name="last">Stamp of the last of them.</param>
    public Timestamp Due(Timestamp last)
    {
        var due = last + latency;
        return due < before ? before : due > after ? after : due;
    }

    public void Fill(uint count) => _awaited -= count;

    public void GiveUp(uint count) => (_awaited, _givenUp) = (_awaited - count, _givenUp + count);

    public void GiveUpAll() => GiveUp((uint)_awaited);

    /// <summary>The gap with what became of it, when nothing is awaited any more.</summary>
    public Gap? Closed => _awaited > 0 ? null : said with { State = _givenUp > 0 ? GapState.Final : GapState.Recovered, SamplesLost = _givenUp };
}

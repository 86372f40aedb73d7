using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;

namespace SensorHub.Export.Recordings;

/// <summary>What a recording holds of the protocol before and after rolling, and of rolling.</summary>
public sealed class SessionMeasures
{
    private readonly RecordedProtocol _protocol = new();
    private readonly List<RollingSet> _sets = [];

    public IReadOnlyList<RollingSet> Sets => _sets;

    /// <summary>The runs in which something was measured.</summary>
    public IReadOnlyDictionary<ProtocolRun, IReadOnlyList<MeasureValue>> Runs => _protocol.Measure();

    public void Add(SessionItem item)
    {
        switch (item)
        {
            case SessionItem.Said said:
                _protocol.Mark(said.At, said.Marker);
                break;
            case SessionItem.Estimated { Feature: var feature }:
                _protocol.Update(feature);
                if (feature is RollingSet set)
                    _sets.Add(set);
                break;
            default:
                break;
        }
    }

    /// <summary>Each run after rolling against the one before it.</summary>
    public static IEnumerable<(ProtocolRun Run, IReadOnlyList<Change> Changes)> Compare(IReadOnlyDictionary<ProtocolRun, IReadOnlyList<MeasureValue>> runs, DetectableChanges detectable)
    {
        if (!runs.TryGetValue(ProtocolRun.Before, out var before))
            yield break;
        foreach (var (run, values) in runs.Where(r => r.Key != ProtocolRun.Before))
            yield return (run, SessionOutcome.Compare(WearingOfOne.Recording(before), WearingOfOne.Recording(values), detectable));
    }
}

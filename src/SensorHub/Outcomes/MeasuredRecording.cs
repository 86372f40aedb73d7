using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Outcomes;

/// <summary>What a recording holds of the protocol before and after rolling.</summary>
/// <param name="Runs">The runs in which something was measured.</param>
/// <param name="HasRolling">Whether anything was rolled.</param>
/// <param name="Sets">Of rolling.</param>
internal sealed record MeasuredRecording(IReadOnlyDictionary<ProtocolRun, IReadOnlyList<MeasureValue>> Runs, bool HasRolling, IReadOnlyList<RollingSet> Sets)
{
    /// <summary>Estimates anew from the raw frames.</summary>
    /// <param name="path">Its folder, or one of its files.</param>
    /// <param name="damaged">Told of what could not be read.</param>
    /// <exception cref="UserException">There is no recording.</exception>
    public static MeasuredRecording Read(string path, Action<RecordingDamage>? damaged, CancellationToken cancellationToken)
    {
        var sets = new List<RollingSet>();
        var pipeline = new FeaturePipeline();
        var protocol = new RecordedProtocol();
        foreach (var record in RecordingReader.Read(path, damaged))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (record is SensorRecord.Marked marked)
                protocol.Mark(marked.At, marked.Marker);
            foreach (var feature in pipeline.Update(record))
                Take(feature);
        }
        foreach (var feature in pipeline.Complete())
            Take(feature);
        return new MeasuredRecording(protocol.Measure(), protocol.HasRolling, sets);

        void Take(Feature feature)
        {
            protocol.Update(feature);
            if (feature is RollingSet set)
                sets.Add(set);
        }
    }

    /// <summary>Each run after rolling against the one before it. Within one recording the clip stayed on, unless it says otherwise.</summary>
    public IEnumerable<(ProtocolRun Run, IReadOnlyList<Change> Changes)> Compare(DetectableChanges detectable)
    {
        if (!Runs.TryGetValue(ProtocolRun.Before, out var before))
            yield break;
        foreach (var (run, values) in Runs.Where(r => r.Key != ProtocolRun.Before))
            yield return (run, SessionOutcome.Compare(WearingOfOne.Recording(before), WearingOfOne.Recording(values), detectable));
    }
}

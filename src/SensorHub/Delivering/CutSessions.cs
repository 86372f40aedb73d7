using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines;
using SensorHub.Pipelines.Completing;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Delivering;

/// <summary>
/// Says again what a session said that a crash has cut off: its recording has all that was received, and what the hub had said of it may not have left the
/// machine. The same numbers under the same keys, as <c>historical</c>; with gaps, also what all samples together give, as <c>final</c>.
/// </summary>
/// <param name="root">The folder of recordings.</param>
/// <param name="written">A feature as it is published; see <see cref="Recomputation"/>.</param>
/// <param name="publish">Takes them one after another; may take its time.</param>
/// <param name="keep">Ends when what was published is where a crash cannot take it.</param>
/// <param name="say">Takes a line for a person.</param>
public sealed class CutSessions(
    string root, Func<Feature, string> written, Func<Feature, CancellationToken, Task> publish, Func<CancellationToken, Task> keep, Action<string> say)
{
    /// <summary>Before anything is recorded: all that is cut now is from earlier runs.</summary>
    public static IReadOnlyList<string> Find(string root) => CutRecordings.Find(root);

    /// <summary>One after another. What is not done by the end of this run is begun again by the next.</summary>
    public async Task CompleteAsync(IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        foreach (var folder in folders)
        {
            var name = Path.GetRelativePath(root, folder);
            try
            {
                // One that has its end was not cut: the stop before could not say what late samples changed.
                var ended = RecordingReader.Read(folder).LastOrDefault() is SensorRecord.Marked { Marker: Marker.SessionEnded };
                var said = await CompleteAsync(folder, cancellationToken);
                say(ended
                    ? $"What late samples changed in the session {name} could not be said before the hub stopped; {said} messages were made of its recording again and are on their way to the stores."
                    : $"The session {name} was cut off when the hub ended without a word. Its recording is whole up to then; {said} messages were made of it again and are on their way to the stores.");
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // one recording that cannot be read must not keep the others, nor the hub
            catch (Exception e)
#pragma warning restore CA1031
            {
                say($"The session {name} was cut off, and cannot be completed: {e.Message} 'sensorhub replay {folder}' tries again.");
            }
        }
    }

    private async Task<long> CompleteAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new FeatureOptions();
        var pipeline = new FeaturePipeline(options);
        var said = 0L;
        foreach (var record in CutRecordings.ReadToEnd(folder, damage => say(damage.ToString())))
            await SayAsync(pipeline.Update(record));
        await SayAsync(pipeline.Complete());
        await SayAsync(new Recomputation(options, written).Run(CutRecordings.ReadToEnd(folder), Finality.Final, before: null, cancellationToken));
        await keep(cancellationToken);
        CutRecordings.Close(folder, say);
        return said;

        async Task SayAsync(IReadOnlyList<Feature> features)
        {
            foreach (var feature in features)
            {
                await publish(feature.Finality == Finality.Live ? feature with { Finality = Finality.Historical } : feature, cancellationToken);
                said++;
            }
        }
    }
}

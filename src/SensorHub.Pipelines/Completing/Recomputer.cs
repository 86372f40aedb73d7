using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Pipelines.Completing;

/// <summary>
/// Follows a session, and has it computed anew from its recording, beside the live thread, when samples that were missing have come: during
/// the session as <see cref="Finality.Historical"/>, at its end as <see cref="Finality.Final"/>. A session without gaps gives nothing.
/// </summary>
/// <remarks>
/// Subscribe it to the features first, then to the records, and to these behind the recorder. When it computes, and up to which record, depends
/// on records alone, so a replay of the recording gives the same.
/// </remarks>
/// <param name="recording">The present session's recording, readable from its beginning again and again; null when there is none.</param>
/// <param name="written">A feature as it is published; see <see cref="Recomputation"/>.</param>
/// <param name="publish">Takes what is said, one after another; may take its time.</param>
/// <param name="report">Told, in one line for a person, when it cannot be done.</param>
public sealed class Recomputer(
    Func<IEnumerable<SensorRecord>?> recording,
    Func<Feature, string> written,
    Func<Feature, CancellationToken, Task> publish,
    Action<string> report,
    FeatureOptions? features = null,
    RecomputeOptions? options = null) : IObserver<SensorRecord>, IObserver<Feature>, IDisposable
{
    private readonly FeatureOptions _features = features ?? new FeatureOptions();
    private readonly RecomputeOptions _options = Constants.Check(options ?? new RecomputeOptions());
    private readonly CancellationTokenSource _stop = new();
    private Session? _session;
    private Session? _ended;
    private Task _work = Task.CompletedTask;

    public void OnNext(Feature value)
    {
        if (value is Gap gap && _session is not null)
        {
            _session.HasGap = true;
            if (gap.State == GapState.Recovered)
                _session.HasNews = true;
        }
        // The last samples arrive behind the end of the session. They are not in its recording, and what is said of them goes on from
        // what was live.
        if (_ended is { HasGap: true } ended && value.Session == ended.Name && Recomputation.IsComputed(value))
            _work = TakeBackAsync(_work, ended.Recomputation, value);
    }

    public void OnNext(SensorRecord value)
    {
        if (value is SensorRecord.Marked { Marker: Marker.SessionBegan began })
        {
            Finish();
            _ended = null;
            _session = new Session(began.Session, value.At, new Recomputation(_features, written));
        }
        if (_session is { } session && session.IsDue(value.At, _options))
            Start(session, Finality.Historical, value.At);
        if (value is SensorRecord.Marked { Marker: Marker.SessionEnded })
            Finish();
    }

    void IObserver<SensorRecord>.OnCompleted() => Finish();

    void IObserver<SensorRecord>.OnError(Exception error) => Finish();

    void IObserver<Feature>.OnCompleted()
    {
    }

    void IObserver<Feature>.OnError(Exception error)
    {
    }

    /// <summary>Ends when all is computed and published; when cancelled, what is not is given up.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await using var giveUp = cancellationToken.Register(_stop.Cancel);
        await _work;
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Finish()
    {
        if (_session is { HasGap: true } session)
            Start(session, Finality.Final, null);
        (_ended, _session) = (_session ?? _ended, null);
    }

    /// <param name="session">The session so far.</param>
    /// <param name="finality">What it is to be.</param>
    /// <param name="before">From the records before this time: all of them are in the recording. Null = all there are.</param>
    private void Start(Session session, Finality finality, Timestamp? before)
    {
        if (recording() is { } records)
            _work = WorkAsync(_work, session.Recomputation, before is { } end ? records.TakeWhile(r => r.At < end) : records, finality, before - _options.Quiet);
    }

    private async Task TakeBackAsync(Task earlier, Recomputation recomputation, Feature feature)
    {
        await earlier.ConfigureAwait(false);
        if (recomputation.HasSaid && !_stop.IsCancellationRequested)
            await publish(feature with { Finality = Finality.Superseded }, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task WorkAsync(Task earlier, Recomputation recomputation, IEnumerable<SensorRecord> records, Finality finality, Timestamp? before)
    {
        var stop = _stop.Token;
        await earlier.ConfigureAwait(false);
        try
        {
            var changes = await Task.Run(() => recomputation.Run(records, finality, before, stop), stop).ConfigureAwait(false);
            foreach (var change in changes)
                await publish(change, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The recording has everything: a replay computes it.
        }
#pragma warning disable CA1031 // live estimates go on, whatever happens here
        catch (Exception e)
#pragma warning restore CA1031
        {
            report($"The estimates of the times when samples were missing could not be computed anew: {e.Message} The recording has everything: sensorhub replay computes them.");
        }
    }

    private sealed class Session(Slug name, Timestamp began, Recomputation recomputation)
    {
        private Timestamp? _ran;
        private Timestamp? _recovered;

        public Slug Name => name;

        public Recomputation Recomputation => recomputation;

        /// <summary>Whether anything was missing at any time.</summary>
        public bool HasGap { get; set; }

        /// <summary>Set when a gap was recovered since this was last looked at.</summary>
        public bool HasNews { get; set; }

        public bool IsDue(Timestamp now, RecomputeOptions options)
        {
            if (HasNews)
                (_recovered, HasNews) = (now, false);
            if (!(now - _recovered >= options.Quiet) || now - (_ran ?? began) < (now - began) * options.Share)
                return false;
            (_ran, _recovered) = (now, null);
            return true;
        }
    }
}

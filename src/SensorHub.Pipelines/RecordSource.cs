using System.Reactive.Linq;
using System.Reactive.Subjects;
using SensorHub.Core.Protocol;

namespace SensorHub.Pipelines;

/// <summary>Makes one ordered stream of what producers report on their threads.</summary>
public static class RecordSource
{
    /// <summary>
    /// Cold: subscribing starts <paramref name="produce"/>, disposing cancels it. Records come one at a time, in one
    /// order, with <see cref="SensorRecord.At"/> never going back; from whichever thread reported last. Ends when
    /// <paramref name="produce"/> returns or is cancelled, fails when it throws; what was reported by then comes first.
    /// Share it by <see cref="Shared"/>, so that recorder and estimators see the same order.
    /// </summary>
    /// <param name="produce">Reports records, from any thread, until it returns.</param>
    public static IObservable<SensorRecord> Create(Func<Action<SensorRecord>, CancellationToken, Task> produce) =>
        Observable.Create<SensorRecord>(async (observer, cancellationToken) =>
        {
            var line = new Line(observer);
            try
            {
                await produce(line.Report, cancellationToken);
                line.End(null);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                line.End(null);
            }
#pragma warning disable CA1031 // a producer's failure is the stream's
            catch (Exception failure)
#pragma warning restore CA1031
            {
                line.End(failure);
            }
        });

    /// <summary>
    /// The same, for several subscribers: subscribe all of them, then <c>Connect</c>. Disposing the connection cancels.
    /// </summary>
    public static IConnectableObservable<SensorRecord> Shared(Func<Action<SensorRecord>, CancellationToken, Task> produce) =>
        Create(produce).Publish();

    /// <summary>
    /// A queue that whoever finds it idle works off. A report made while another is handed out (by another thread, or by
    /// a subscriber) waits its turn, so the observer is never called twice at once.
    /// </summary>
    private sealed class Line(IObserver<SensorRecord> observer)
    {
        private readonly Lock _gate = new();
        private readonly Queue<Action> _waiting = new();
        private SensorRecord? _last;
        private bool _busy;
        private bool _ended;

        public void Report(SensorRecord record) => Enqueue(() =>
        {
            if (record.At < _last?.At)
                record = record with { At = _last.At };
            _last = record;
            observer.OnNext(record);
        });

        public void End(Exception? failure) => Enqueue(() =>
        {
            _ended = true;
            if (failure is null)
                observer.OnCompleted();
            else
                observer.OnError(failure);
        });

        private void Enqueue(Action action)
        {
            lock (_gate)
            {
                _waiting.Enqueue(action);
                if (_busy)
                    return;
                _busy = true;
            }
            while (true)
            {
                Action? next;
                lock (_gate)
                {
                    if (_ended || !_waiting.TryDequeue(out next))
                    {
                        _waiting.Clear();
                        _busy = false;
                        return;
                    }
                }
                try
                {
                    next();
                }
                catch
                {
                    lock (_gate)
                        _busy = false;
                    throw;
                }
            }
        }
    }
}

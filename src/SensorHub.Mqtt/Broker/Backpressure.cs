using System.Collections.Concurrent;

namespace SensorHub.Mqtt.Broker;

/// <summary>
/// Makes publishers wait for the hub's own readers. MQTTnet's server neither keeps to a client's Receive Maximum nor
/// slows a publisher down: a replay at full speed would overrun the bridge to the database, and the queue in between
/// would drop. Here a PUBACK is withheld while such a reader has too much unacknowledged.
/// </summary>
/// <param name="patience">A reader that acknowledges nothing for so long is not waited for until it has caught up.</param>
internal sealed class Backpressure(TimeProvider time, TimeSpan patience)
{
    private readonly ConcurrentDictionary<string, Reader> _readers = new();

    /// <param name="limit">Messages that may be unacknowledged.</param>
    /// <param name="fresh">The client begins a new session; otherwise it goes on with what it has not acknowledged.</param>
    public void Connected(string client, int limit, bool fresh)
    {
        if (fresh)
            _readers.TryRemove(client, out _);
        _readers.GetOrAdd(client, _ => new Reader()).Open(limit);
    }

    /// <summary>Nobody waits for a reader that is away.</summary>
    public void Disconnected(string client)
    {
        if (_readers.TryGetValue(client, out var reader))
            reader.Close();
    }

    public void Forget(string client)
    {
        if (_readers.TryRemove(client, out var reader))
            reader.Close();
    }

    /// <summary>Whether the client may be given one more: one that is there and acknowledges nothing would fill the memory, its own and the broker's.</summary>
    /// <param name="most">Messages that it may have to acknowledge.</param>
    public bool Takes(string client, int most) => !_readers.TryGetValue(client, out var reader) || reader.Takes(most);

    /// <summary>The client has, or no longer has, a message to acknowledge.</summary>
    public void Change(string client, int difference)
    {
        if (_readers.TryGetValue(client, out var reader))
            reader.Change(difference);
    }

    /// <summary>Ends when every reader but the sender itself has room.</summary>
    public async ValueTask WaitAsync(string sender, CancellationToken cancellationToken)
    {
        foreach (var (client, reader) in _readers)
        {
            if (client == sender || reader.Room is not { IsCompleted: false } room)
                continue;
            try
            {
                await room.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                reader.GiveUp();
            }
        }
    }

    private sealed class Reader
    {
        private readonly Lock _gate = new();
        private volatile TaskCompletionSource? _full;
        private int _unacknowledged;
        private int _limit;
        private bool _connected;
        private bool _stalled;

        /// <summary>Null: there is room, or no use in waiting.</summary>
        public Task? Room => _full?.Task;

        public bool Takes(int most)
        {
            lock (_gate)
                return !_connected || _unacknowledged < most;
        }

        public void Open(int limit)
        {
            lock (_gate)
            {
                (_connected, _stalled, _limit) = (true, false, limit);
                Judge();
            }
        }

        public void Close()
        {
            lock (_gate)
            {
                _connected = false;
                Judge();
            }
        }

        public void GiveUp()
        {
            lock (_gate)
            {
                _stalled = true;
                Judge();
            }
        }

        public void Change(int difference)
        {
            lock (_gate)
            {
                // May be negative for a moment: a quick reader acknowledges before the delivery is reported. Retained
                // messages are never reported as delivered; their acknowledgements only make the limit a little larger.
                _unacknowledged += difference;
                _stalled &= _unacknowledged > _limit / 2;
                Judge();
            }
        }

        private void Judge()
        {
            var waitedFor = _connected && !_stalled;
            if (waitedFor && _unacknowledged >= _limit)
            {
                _full ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            else if (!waitedFor || _unacknowledged <= _limit / 2)
            {
                _full?.TrySetResult();
                _full = null;
            }
        }
    }
}

namespace SensorHub.Mqtt.Broker;

/// <summary>One connection's place at the broker, from the first byte to the last: signing in, for so long and no longer, and then signed in.</summary>
internal sealed class Connection : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _impatience;
    private IDisposable? _place;
    private bool _isSignedIn;
    private bool _isOver;

    /// <param name="close">Closes it at once; may be called after its end.</param>
    public Connection(ConnectionLimits connections, BrokerLimits limits, TimeProvider time, Action close)
    {
        _place = connections.Begin(CloseIfNotSignedIn);
        _impatience = time.CreateTimer(_ => CloseIfNotSignedIn(), null, limits.SignInTimeout, Timeout.InfiniteTimeSpan);

        void CloseIfNotSignedIn()
        {
            lock (_gate)
                if (_isSignedIn)
                    return;
            close();
        }
    }

    /// <param name="place">Given back when the connection has gone; null: it is not counted.</param>
    public void SignIn(IDisposable? place)
    {
        lock (_gate)
        {
            _isSignedIn = true;
            _place?.Dispose();
            _place = place;
            if (_isOver)
                _place?.Dispose();
        }
        _impatience.Dispose();
    }

    public void Dispose()
    {
        _impatience.Dispose();
        lock (_gate)
        {
            _isOver = true;
            _place?.Dispose();
        }
    }
}

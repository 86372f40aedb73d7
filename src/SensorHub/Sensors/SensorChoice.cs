using SensorHub.Bluetooth.Virtual;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Web;

namespace SensorHub.Sensors;

/// <summary>
/// The hub's real sensors or, when somebody wants to try it first, a virtual person's: one or the other at a time, each in sessions of its own.
/// The choice is not kept: a hub that is started anew has its real ones.
/// </summary>
/// <param name="real">Produces the records of the real sensors until it is cancelled.</param>
/// <param name="mark">Has a marker recorded among them.</param>
/// <param name="simulated">Makes a simulation that begins now.</param>
public sealed class SensorChoice(Func<Action<SensorRecord>, CancellationToken, Task> real, Action<Marker> mark, Func<SimulatedSession> simulated) : ISensorChoice
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _turn;
    private volatile SimulatedSession? _session;
    private bool _wanted;

    public bool IsSimulating
    {
        get
        {
            lock (_gate)
                return _wanted;
        }
    }

    public void Simulate(bool on)
    {
        lock (_gate)
        {
            if (_wanted == on)
                return;
            _wanted = on;
            _turn?.Cancel();
        }
    }

    /// <summary>Has a marker recorded now.</summary>
    public void Mark(Marker marker)
    {
        if (_session is { } session)
            session.Mark(marker);
        else
            mark(marker);
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(Action<SensorRecord> report, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            lock (_gate)
            {
                _turn = turn;
                _session = _wanted ? simulated() : null;
            }
            try
            {
                await ClosedSession.RunAsync(_session is { } session ? session.RunAsync : real, report, turn.Token);
            }
            finally
            {
                lock (_gate)
                {
                    // A simulation that has come to its end by itself gives way to the real sensors.
                    if (!turn.IsCancellationRequested)
                        _wanted = false;
                    _turn = null;
                    _session = null;
                }
            }
        }
    }
}

using SensorHub.Core.Protocol;
using SensorHub.Core.Timing;

namespace SensorHub.Bluetooth.Link;

/// <summary>Keeps one sensor connected: a session after the other, with a pause between that grows while they fail.</summary>
/// <param name="random">Seeded: the jitter of the pauses.</param>
public sealed class ReconnectLoop(ICentral central, string address, RecordSink records, LinkOptions options, Random random)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>The session that runs, or the last one.</summary>
    public SensorSession? Session { get; private set; }

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="IncompatibleSensorException">The sensor cannot be used: trying again would not help.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = new BackOff(FirstPause, LongestPause, random);
        while (true)
        {
            // Who it is, is known from the second time on.
            if (Session is { Sensor: { IsNone: false } sensor })
                records.Add(at => new SensorRecord.Link(at, sensor, LinkState.Connecting, ""));
            var session = new SensorSession(central, address, records, options) { Streaming = pause.Reset };
            Session = session;
            try
            {
                await session.RunAsync(cancellationToken);
            }
            catch (LinkException)
            {
                // Its reason is in the record that the session made; out of range is not an error.
            }
            await records.Clock.TimeProvider.ExactlyAsync(pause.Next(), cancellationToken);
        }
    }
}

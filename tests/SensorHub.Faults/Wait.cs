using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using SensorHub.Core;

namespace SensorHub.Faults;

/// <summary>Waiting, never for ever.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static Task ForAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, CancellationToken.None);

    /// <exception cref="UserException">It did not come in time.</exception>
    public static async Task<TimeSpan> UntilAsync(Func<CancellationToken, Task<bool>> holds, TimeSpan patience, Func<string> otherwise) =>
        await TakesAsync(holds, patience) ?? throw new UserException(otherwise());

    /// <summary>How long it took; null = longer than the patience.</summary>
    public static async Task<TimeSpan?> TakesAsync(Func<CancellationToken, Task<bool>> holds, TimeSpan patience)
    {
        var time = TimeProvider.System;
        var begin = time.GetTimestamp();
        using var end = new CancellationTokenSource(patience, time);
        while (!end.IsCancellationRequested)
        {
            try
            {
                if (await holds(end.Token))
                    return time.GetElapsedTime(begin);
            }
            catch (Exception e) when (e is SocketException or HttpRequestException or IOException or OperationCanceledException or SqliteException)
            {
                // Not yet.
            }
            await ForAsync(Pause);
        }
        return null;
    }
}

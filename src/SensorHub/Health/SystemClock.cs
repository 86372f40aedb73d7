using System.Globalization;
using System.Runtime.InteropServices;

namespace SensorHub.Health;

/// <summary>Whether the computer's clock can be believed.</summary>
internal static class SystemClock
{
    /// <summary>A clock from before this program was built is wrong: the usual state of a small computer without a battery.</summary>
    /// <returns>One line; null when there is no doubt.</returns>
    public static string? Doubt(DateTimeOffset now)
    {
        var built = File.GetLastWriteTimeUtc(typeof(SystemClock).Assembly.Location);
        return now.UtcDateTime >= built.AddDays(-1)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"The clock shows {now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, before this program was built.");
    }

    /// <summary>Whether the kernel is told by somebody (chrony, ntpd, systemd-timesyncd) that its clock follows a better one; null where that cannot be told.</summary>
    public static bool? IsSynchronised() => ReadUtc()?.IsSynchronised;

    /// <summary>What the kernel knows of its clock; null where that cannot be told.</summary>
    public static UtcState? ReadUtc()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // Modes 0 (the first field) only reads. The structure has 208 bytes at most: after the modes come longs, of which maxerror is the third and esterror the fourth, µs.
            var timex = new byte[512];
            var state = AdjTimeX(timex);
            return state == -1 ? null : new UtcState(state != ErrorUnsynchronised, Microseconds(4), Microseconds(3));

            TimeSpan Microseconds(int field) => TimeSpan.FromMicroseconds(IntPtr.Size == 8 ? BitConverter.ToInt64(timex, 8 * field) : BitConverter.ToInt32(timex, 4 * field));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>TIME_ERROR, man 2 adjtimex.</summary>
    private const int ErrorUnsynchronised = 5;

    [DllImport("libc", EntryPoint = "adjtimex"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdjTimeX([In, Out] byte[] timex);
}

/// <summary>How the computer's clock lies to UTC, by the kernel's account.</summary>
internal sealed record UtcState(bool IsSynchronised, TimeSpan EstimatedError, TimeSpan MaximumError);

using System.Globalization;
using System.Runtime.InteropServices;
using SensorHub.Core;

namespace SensorHub.Health;

/// <summary>How much more can be recorded on the disk of a folder.</summary>
/// <param name="Free">Bytes.</param>
public readonly record struct DiskSpace(string Folder, long Free)
{
    /// <summary>Of recording and store together: a roller and a clip at 100 Hz make about 300 MB in a day.</summary>
    public const double BytesPerHour = 300e6 / 24;

    /// <summary>Below this a day of recording may not fit.</summary>
    private static readonly TimeSpan Little = TimeSpan.FromDays(3);

    /// <summary>SQLite and the recorder need some room to go on in an orderly way.</summary>
    private const long Least = 100_000_000;

    /// <summary>Of recording with a roller and a clip.</summary>
    public TimeSpan Lasts => TimeSpan.FromHours(Math.Min(Free / BytesPerHour, TimeSpan.FromDays(3650).TotalHours));

    public PartState State
    {
        get
        {
            var says = string.Create(CultureInfo.InvariantCulture, $"{Free / 1e9:0.0} GB free for {Folder}, {(Lasts > TimeSpan.FromDays(365) ? "years" : HealthParts.Lasting(Lasts))} of recording with a roller and a clip");
            var state = Free < Least
                ? PartState.Failed($"{says}.", "Make room, or choose another folder with --data: recording stops when it is full.")
                : Lasts < Little ? PartState.Degraded($"{says}.", "Make room, or choose another folder with --data.") : PartState.Ok($"{says}.");
            return state with { Numbers = new Dictionary<string, object> { ["free_bytes"] = Free } };
        }
    }

    /// <summary>Files that can still be made on it; null where that is not limited, or cannot be told.</summary>
    public long? FreeFiles
    {
        get
        {
            // struct statvfs of 64-bit Linux: eleven numbers of eight bytes; the sixth is the files there can be, the eighth those that we may still make.
            var numbers = new ulong[32];
            return OperatingSystem.IsLinux() && Environment.Is64BitProcess && StatVfs(Folder, numbers) == 0 && numbers[5] > 0 ? (long)numbers[7] : null;
        }
    }

    /// <exception cref="UserException">It cannot be found out.</exception>
    public static DiskSpace Of(string folder)
    {
        var path = Path.GetFullPath(folder);
        try
        {
            return new DiskSpace(path, new DriveInfo(path).AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserException($"The space left for {path} cannot be found out: make sure that the folder is there, or choose another with --data.", e);
        }
    }

    [DllImport("libc", EntryPoint = "statvfs"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatVfs([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] ulong[] numbers);
}

using SensorHub.Core;

namespace SensorHub.Configuration;

/// <summary>Where a hub keeps what it must not lose: one folder, readable by its owner alone.</summary>
public sealed class DataFolder
{
    /// <summary>Held by the hub that uses the folder.</summary>
    internal const string LockFile = ".lock";

    private DataFolder(string path) => Path = path;

    /// <summary>The platform's place for an application's data: <c>~/.local/share/sensorhub</c> on Linux.</summary>
    public static string DefaultPath =>
        System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "sensorhub");

    public string Path { get; }

    public string Recordings => RecordingsIn(Path);

    public string Store => StoreIn(Path);

    /// <summary>The errors of measuring that this site found itself, if it did: <see cref="Core.Sessions.Outcomes.SiteErrors"/>.</summary>
    public string SiteErrors => System.IO.Path.Combine(Path, Core.Sessions.Outcomes.SiteErrors.FileName);

    /// <summary>The last calibration of each clip.</summary>
    public string Calibrations => System.IO.Path.Combine(Path, "calibrations");

    /// <summary>Of <see cref="Core.Sessions.Studies.Study"/>, a file each.</summary>
    public string Studies => StudiesIn(Path);

    /// <summary>What the embedded broker retains.</summary>
    public string Retained => System.IO.Path.Combine(Path, "mqtt-retained.jsonl");

    public string Quarantine => QuarantineIn(Path);

    /// <summary>What the hub's broker and its stores have not confirmed yet.</summary>
    public string Outbox => OutboxIn(Path, "hub");

    /// <summary>The same for the broker upstream.</summary>
    public string UpstreamOutbox => OutboxIn(Path, "upstream");

    /// <summary>Accounts, subjects, consents, and what people wrote.</summary>
    public string People => System.IO.Path.Combine(Path, "people.db");

    /// <summary>Keys of the pages' cookies.</summary>
    public string Keys => System.IO.Path.Combine(Path, "keys");

    /// <summary>Where an outbox of a data folder is, for who only looks at it.</summary>
    public static string OutboxIn(string folder, string destination) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), "outbox", $"{destination}.db");

    /// <summary>Where the store of a data folder is, for who only reads it.</summary>
    public static string StoreIn(string folder) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), "store.db");

    /// <summary>Where the recordings of a data folder are, for who only reads them.</summary>
    public static string RecordingsIn(string folder) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), "recordings");

    /// <summary>Where the studies of a data folder are, for who only reads them.</summary>
    public static string StudiesIn(string folder) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), "studies");

    /// <summary>Messages that could not be stored as they were.</summary>
    public static string QuarantineIn(string folder) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), "quarantine");

    /// <summary>Keeps other hubs out of the folder until it is disposed, or the process ends, however it ends.</summary>
    /// <exception cref="UserException">Another hub uses the folder.</exception>
    public IDisposable Lock()
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(Path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new UserException($"The data folder {Path} is in use by another sensorhub: stop that one, or choose another folder with --data.", e);
        }
    }

    /// <summary>Makes the folder and proves that it can be written.</summary>
    /// <exception cref="UserException">It cannot.</exception>
    public static DataFolder Open(string path)
    {
        var folder = new DataFolder(System.IO.Path.GetFullPath(path));
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder.Path);
            else
                Directory.CreateDirectory(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.CreateDirectory(folder.Recordings);
            Directory.CreateDirectory(folder.Keys);
            var probe = System.IO.Path.Combine(folder.Path, $".write-test-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The data folder {folder.Path} cannot be written ({e.Message.TrimEnd('.')}): make it writable, or choose another with --data.", e);
        }
        return folder;
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Core;

namespace SensorHub.Storage.Bridging;

/// <summary>How much a quarantine keeps. When it is more, the oldest messages go.</summary>
public sealed record QuarantineOptions
{
    /// <summary>Range 1 to 1,000,000.</summary>
    public int MaxMessages { get; init; } = 10_000;

    /// <summary>Of all files together. From the largest message up: 4 MiB.</summary>
    public long MaxBytes { get; init; } = 100_000_000;

    /// <exception cref="UserException">A value is outside its range.</exception>
    public void Validate()
    {
        if (MaxMessages is < 1 or > 1_000_000)
            throw new UserException($"A quarantine keeps 1 to 1,000,000 messages, not {MaxMessages}.");
        if (MaxBytes < 4 << 20)
            throw new UserException($"A quarantine keeps from 4 MiB up, not {MaxBytes} bytes.");
    }
}

/// <summary>
/// A folder of messages that cannot be stored as they are, one file each, for a person to look at, to try again when
/// the reason is mended (<see cref="QuarantineRetry"/>), or to drop. Bridges, and the commands beside them, may share a folder.
/// </summary>
/// <remarks>A file is written aside, brought to the disk and renamed: what is there is whole. Only the owner may read it, for it is about people.</remarks>
public sealed class Quarantine
{
    private const string Extension = ".json";
    private const string Unfinished = ".tmp";

    private readonly QuarantineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private int _messages; // at most: others may have taken some away
    private long _bytes;
    private long _dropped;

    private Quarantine(string folder, QuarantineOptions options, TimeProvider time, ILogger logger) => (Folder, _options, _time, _logger) = (folder, options, time, logger);

    public string Folder { get; }

    /// <summary>Messages that went for want of room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Messages that are there.</summary>
    public int Count => Files().Count();

    /// <summary>Makes the folder if it is not there.</summary>
    /// <exception cref="UserException">It cannot be used, or an option is outside its range.</exception>
    public static Quarantine Open(string folder, QuarantineOptions? options = null, TimeProvider? time = null, ILogger<Quarantine>? logger = null)
    {
        options ??= new QuarantineOptions();
        options.Validate();
        var quarantine = new Quarantine(Path.GetFullPath(folder), options, time ?? TimeProvider.System, logger ?? NullLogger<Quarantine>.Instance);
        try
        {
            quarantine.CreateFolder();
            quarantine.TidyUp();
            quarantine.Measure();
            return quarantine;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The quarantine {quarantine.Folder} cannot be used ({e.Message.TrimEnd('.')}): make it writable, or choose another folder with --quarantine.", e);
        }
    }

    /// <summary>Keeps the message. After it returns, it is on the disk. One that is there already is written again.</summary>
    /// <exception cref="OutputException">It cannot be written now; the message has to wait.</exception>
    public void Add(QuarantinedMessage message)
    {
        var bytes = message.Write();
        lock (_gate)
        {
            try
            {
                CreateFolder();
                WriteWhole(PathOf(message.Id), bytes);
                _messages++;
                _bytes += bytes.Length;
                if (_messages > _options.MaxMessages || _bytes > _options.MaxBytes)
                    MakeRoom();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OutputException(
                    $"The quarantine {Folder} cannot be written ({e.Message.TrimEnd('.')}): make room, or make it writable. A message that cannot be stored ({message.Reason}) waits until then, and all behind it.",
                    OutputFault.Unavailable, e);
            }
        }
    }

    /// <summary>What is there, the oldest first.</summary>
    /// <param name="trouble">Is told of a file that is none of ours, or cannot be read.</param>
    public IReadOnlyList<QuarantinedMessage> List(Action<string> trouble)
    {
        var messages = new List<QuarantinedMessage>();
        foreach (var file in Files())
        {
            try
            {
                if (QuarantinedMessage.Read(File.ReadAllBytes(file.FullName)) is { } message && PathOf(message.Id) == file.FullName)
                    messages.Add(message);
                else
                    trouble($"{file.FullName} is no message of a quarantine: remove it, or move it elsewhere.");
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Somebody else took it away.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                trouble($"{file.FullName} cannot be read: {e.Message}");
            }
        }
        return [.. messages.OrderBy(m => m.Time).ThenBy(m => m.Id, StringComparer.Ordinal)];
    }

    /// <returns>False: it is not there any more.</returns>
    /// <exception cref="UserException">It cannot be removed.</exception>
    public bool Remove(QuarantinedMessage message)
    {
        var path = PathOf(message.Id);
        try
        {
            var there = File.Exists(path);
            File.Delete(path);
            return there;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be removed: {e.Message}", e);
        }
    }

    private string PathOf(string id) => Path.Combine(Folder, id + Extension);

    private IEnumerable<FileInfo> Files()
    {
        var folder = new DirectoryInfo(Folder);
        return folder.Exists ? folder.EnumerateFiles("*" + Extension) : [];
    }

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Folder);
        else
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void WriteWhole(string path, byte[] bytes)
    {
        var aside = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():n}{Unfinished}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var file = new FileStream(aside, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
        // Once more under its name: Linux' file systems bring the name to the disk with it.
        using var named = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        named.Flush(flushToDisk: true);
    }

    private void MakeRoom()
    {
        var files = Files().Select(f => (File: f, Bytes: LengthOf(f))).OrderBy(f => f.File.LastWriteTimeUtc).ToList();
        _messages = files.Count;
        _bytes = files.Sum(f => f.Bytes);
        if (_messages <= _options.MaxMessages && _bytes <= _options.MaxBytes)
            return; // others had taken some away
        foreach (var (file, bytes) in files.SkipLast(1)) // never the one that has just come
        {
            // A tenth more than needed, so that the folder is not read for each message.
            if (_messages <= _options.MaxMessages * 9L / 10 && _bytes <= _options.MaxBytes * 9 / 10)
                return;
            file.Delete();
            _messages--;
            _bytes -= bytes;
            if (Interlocked.Increment(ref _dropped) == 1)
                _logger.LogWarning("The quarantine {Folder} is full ({Messages} messages, {Bytes} bytes): the oldest go. Look at it: sensorhub bridge quarantine list.", Folder, files.Count, _bytes);
        }
    }

    /// <summary>Of a process that was killed while it wrote.</summary>
    private void TidyUp()
    {
        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles("*" + Unfinished))
            if (_time.GetUtcNow() - file.LastWriteTimeUtc > TimeSpan.FromHours(1)) // another process may be writing a younger one
                file.Delete();
    }

    private void Measure()
    {
        foreach (var file in Files())
        {
            _messages++;
            _bytes += LengthOf(file);
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // somebody else took it away
        }
    }
}

using Microsoft.Win32.SafeHandles;
using SensorHub.Core;
using SensorHub.Core.Protocol;

namespace SensorHub.Pipelines.Recording;

/// <summary>How recordings are written.</summary>
public sealed record RecordingOptions
{
    /// <summary>Size at which a new segment begins, bytes; 64 KiB to 1 GiB. A reader holds one segment in memory.</summary>
    public long SegmentSize { get; init; } = 16 << 20;

    /// <summary>The longest that a record waits for the disk, while the operating system already has it; 0.1 to 60 s. What a power cut can take.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that wait in memory for a disk that is full or fails; 0 to 1 GiB. Twenty sensors give about 150 kB/s.</summary>
    public long HeldSize { get; init; } = 64 << 20;
}

/// <summary>
/// Appends records to a recording. Each is with the operating system when <see cref="Append"/> returns, so a crash of
/// the program loses none, and on the disk within <see cref="RecordingOptions.FlushInterval"/>. Trouble with the disk
/// is told once; what it does not take waits in memory, and is tried again with each record: a session never ends for it.
/// </summary>
public sealed class RecordingWriter : IDisposable
{
    private readonly string _folder;
    private readonly RecordingOptions _options;
    private readonly Action<string> _report;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly bool _open; // the folder is marked as a recording that has not ended
    private SafeFileHandle? _file;
    private int _number = 1;
    private long _length;
    private bool _dirty;
    private readonly Queue<byte[]> _held = new(); // frames that the disk has not taken, the oldest first
    private long _heldBytes;
    private bool _troubled;
    private long _missed;

    /// <summary>Begins a recording, or goes on with the one that is there: a torn end is cut off first.</summary>
    /// <param name="folder">The session's folder; made if absent.</param>
    /// <param name="report">Told, in one line for a person, of trouble, its end, and what was cut off.</param>
    /// <param name="time">The real clock: durability is a matter of real seconds. Null = the system's.</param>
    /// <exception cref="UserException">The folder cannot be written.</exception>
    public RecordingWriter(string folder, Action<string> report, RecordingOptions? options = null, TimeProvider? time = null)
        : this(folder, report, options, time, open: false)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var last = Segment.Find(folder).LastOrDefault();
            _number = last is not null && int.TryParse(Path.GetFileNameWithoutExtension(last), out var number) ? number : 1;
            Open(FileMode.OpenOrCreate);
            if (_length > 0)
                Recover();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Dispose();
            throw new UserException($"{folder}: recordings cannot be written here: {e.Message}", e);
        }
    }

    private RecordingWriter(string folder, Action<string> report, RecordingOptions? options, TimeProvider? time, bool open)
    {
        (_folder, _report, _options, _open) = (folder, report, options ?? new RecordingOptions(), open);
        _timer = (time ?? TimeProvider.System).CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Begins a recording in a folder that is not there yet, marked as one that has not ended. It never fails: where not even the folder can be made, that is
    /// tried again with each record.
    /// </summary>
    /// <inheritdoc cref="RecordingWriter(string, Action{string}, RecordingOptions?, TimeProvider?)"/>
    internal static RecordingWriter Begin(string folder, Action<string> report, RecordingOptions? options, TimeProvider? time) => new(folder, report, options, time, open: true);

    /// <summary>For tests of a disk that fails.</summary>
    internal Action<SafeFileHandle, ReadOnlyMemory<byte>, long> WriteAt { get; init; } = static (file, bytes, offset) => RandomAccess.Write(file, bytes.Span, offset);

    internal Action<SafeFileHandle> FlushToDisk { get; init; } = RandomAccess.FlushToDisk;

    /// <summary>Nothing waits for the disk.</summary>
    internal bool IsWritten => _held.Count == 0;

    /// <summary>Writes the record to the operating system, behind those that wait. From one thread at a time.</summary>
    public void Append(SensorRecord record)
    {
        var frame = Segment.Frame(RecordCodec.Encode(record));
        if (_heldBytes + frame.Length > _options.HeldSize && _held.Count > 0)
        {
            _missed++;
        }
        else
        {
            _held.Enqueue(frame);
            _heldBytes += frame.Length;
        }
        WriteHeld();
    }

    /// <summary>Tries once more to write what waits.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        WriteHeld();
        if (_held.Count > 0)
            _report(FormattableString.Invariant($"{_folder}: {_held.Count + _missed} records could not be written and are missing."));
        Flush();
        _file?.Dispose();
        _file = null;
    }

    private void WriteHeld()
    {
        if (_held.Count == 0)
            return;
        try
        {
            while (_held.TryPeek(out var frame))
            {
                Write(frame);
                _held.Dequeue();
                _heldBytes -= frame.Length;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CutOff();
            if (!_troubled)
                _report($"{_folder}: {(_length == 0 ? "recordings cannot be written here" : "recording has stopped")}: {e.Message.TrimEnd('.')}. The session goes on, and what comes waits in memory: free the disk and it is written.");
            _troubled = true;
            return;
        }
        if (_troubled)
            _report(FormattableString.Invariant($"{_folder}: recording goes on; {(_missed == 0 ? "nothing is" : $"{_missed} records are")} missing."));
        (_troubled, _missed) = (false, 0);
        lock (_gate)
        {
            if (_dirty)
                return;
            _dirty = true;
            _timer.Change(_options.FlushInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Write(byte[] frame)
    {
        if (_file is null || _length + frame.Length > _options.SegmentSize && _length > Segment.HeaderSize)
            Rotate();
        if (_length == 0)
            frame = [.. Segment.Header(), .. frame];
        WriteAt(_file!, frame, _length);
        _length += frame.Length;
    }

    private void Rotate()
    {
        Flush();
        _file?.Dispose();
        _file = null;
        if (_length > 0)
            (_number, _length) = (_number + 1, 0);
        Open(FileMode.CreateNew);
    }

    private void Open(FileMode mode)
    {
        if (_open && _number == 1)
        {
            Directory.CreateDirectory(_folder);
            File.WriteAllBytes(Path.Combine(_folder, CutRecordings.Mark), []);
        }
        _file = File.OpenHandle(Path.Combine(_folder, Segment.FileName(_number)), mode, FileAccess.ReadWrite, FileShare.Read);
        _length = RandomAccess.GetLength(_file);
    }

    /// <summary>Cuts off what a crash left behind the last whole record.</summary>
    private void Recover()
    {
        var window = new FileWindow(_file!);
        var whole = Segment.Scan(window).LastOrDefault(p => p.Payload is not null);
        var end = whole.Payload is not null ? whole.Offset + whole.Length : Segment.IsHeader(window.From(0, Segment.HeaderSize).Span) ? Segment.HeaderSize : 0;
        if (end == _length)
            return;
        _report(FormattableString.Invariant($"{Path.Combine(_folder, Segment.FileName(_number))}: a torn end of {_length - end} bytes was cut off at offset {end}."));
        RandomAccess.SetLength(_file!, end);
        _length = end;
    }

    /// <summary>Takes back what part of a record a failing disk has taken.</summary>
    private void CutOff()
    {
        try
        {
            if (_file is not null)
                RandomAccess.SetLength(_file, _length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next record is written over it, and a reader reads over it.
        }
    }

    private void Flush()
    {
        SafeFileHandle? file;
        lock (_gate)
        {
            if (!_dirty)
                return;
            _dirty = false;
            file = _file;
        }
        try
        {
            if (file is not null)
                FlushToDisk(file);
        }
        catch (ObjectDisposedException)
        {
            // Rotated meanwhile, which flushes.
        }
        catch (IOException e)
        {
            _report($"{_folder}: the disk did not take the recording: {e.Message}");
        }
    }
}

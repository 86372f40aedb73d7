using Microsoft.Win32.SafeHandles;

namespace SensorHub.Pipelines.Recording;

/// <summary>A file of which a part at a time is in memory, so that its length costs none. What is written behind the end that it had at first is not seen.</summary>
internal sealed class FileWindow
{
    private const int Size = 80 * 1024; // holds the longest frame, and is no large object to the garbage collector

    private readonly SafeFileHandle? _file;
    private ReadOnlyMemory<byte> _bytes;
    private long _offset;

    /// <param name="file">Stays the caller's to close.</param>
    public FileWindow(SafeFileHandle file)
    {
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    /// <summary>All of it, as there in memory.</summary>
    public FileWindow(ReadOnlyMemory<byte> whole)
    {
        _bytes = whole;
        Length = whole.Length;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; private set; }

    /// <summary>What follows on an offset: as much as is asked for, often more, and less at the end of the file alone. It stays as it is when the window moves on.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ReadOnlyMemory<byte> From(long offset, int atLeast)
    {
        if (_file is not null && (offset < _offset || Math.Min(offset + atLeast, Length) > _offset + _bytes.Length))
            Load(_file, offset, Math.Max(Size, atLeast));
        return _bytes[(int)(offset - _offset)..];
    }

    private void Load(SafeFileHandle file, long offset, int size)
    {
        var bytes = new byte[Math.Min(size, Length - offset)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), offset + read) is > 0 and var more)
            read += more;
        if (read < bytes.Length)
            Length = offset + read; // somebody has cut it
        (_bytes, _offset) = (bytes.AsMemory(0, read), offset);
    }
}

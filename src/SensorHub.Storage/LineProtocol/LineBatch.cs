using System.Buffers;

namespace SensorHub.Storage.LineProtocol;

/// <summary>Lines in one pooled buffer, each of which can be addressed by its number.</summary>
internal sealed class LineBatch : IBufferWriter<byte>, IDisposable
{
    private readonly LineWriter _writer;
    private readonly List<int> _ends = [];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _length;

    public LineBatch() => _writer = new LineWriter(this);

    /// <summary>Number of lines.</summary>
    public int Count => _ends.Count;

    public long NotFinite => _writer.NotFinite;

    /// <summary>Adds the point's line, if it can be said.</summary>
    public LineStatus Add(Point point)
    {
        var status = _writer.Write(point);
        if (status == LineStatus.Ok)
            _ends.Add(_length);
        return status;
    }

    /// <summary>The bytes of lines that stand one behind the other, with their newlines.</summary>
    public ReadOnlySpan<byte> this[int first, int count] => _bytes.AsSpan(Start(first).._ends[first + count - 1]);

    public void Clear()
    {
        _ends.Clear();
        _length = 0;
    }

    public void Advance(int count) => _length += count;

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _bytes.Length));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        return _bytes.AsMemory(_length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private int Start(int line) => line == 0 ? 0 : _ends[line - 1];
}

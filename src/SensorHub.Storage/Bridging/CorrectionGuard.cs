using System.Runtime.InteropServices;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Storage.Bridging;

/// <summary>
/// Remembers the corrections that an output has, so that a message which comes again behind its own correction does not
/// undo it. Points of the same key merge and the last one wins, and a broker may deliver again what it delivered before: a
/// mosquitto that was killed comes back with what it had at its last save (docs/adr/0008-outbox-and-confirmations.md).
/// </summary>
/// <remarks>
/// A correction is a point that is not <c>live</c>, and a gap's later state. Passed over is a point under the key of one if
/// its number in the same outbox is lower, or, without numbers to compare, if it is <c>live</c>, or <c>historical</c> under <c>final</c>.
/// <para>
/// Covered are the last <see cref="Capacity"/> corrections of this process. Not covered: corrections from before it was
/// started, and those that another worker of a shared subscription stored. The hub sends a correction only when what it
/// corrects is confirmed, so both need a message that is delivered again, late, by the broker.
/// </para>
/// <para>Keys are 64-bit hashes: among 500,000 of them a point of another key is taken for one once in 4 × 10¹³ times.</para>
/// </remarks>
public sealed class CorrectionGuard
{
    private readonly Dictionary<ulong, Correction> _corrections = [];
    private readonly Queue<ulong> _age = new();

    /// <param name="capacity">Corrections remembered; about 60 bytes each.</param>
    public CorrectionGuard(int capacity = 500_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
    }

    public int Capacity { get; }

    public int Count => _corrections.Count;

    /// <summary>Whether the point would undo a correction. If it is one itself, it is remembered; so this is asked once, before storing.</summary>
    /// <param name="number">Of the message that the point is from; <c>default</c> without one.</param>
    public bool WouldUndo(Point point, OutboxNumber number)
    {
        var rank = Rank(point);
        if (rank == 0 && _corrections.Count == 0) // the usual case: nothing was computed anew
            return false;
        var key = Hash(point);
        if (_corrections.TryGetValue(key, out var correction) && correction.IsNewerThan(rank, number))
            return true;
        if (rank > 0)
            Remember(key, new Correction(rank, number));
        return false;
    }

    private void Remember(ulong key, Correction correction)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_corrections, key, out var known);
        slot = correction;
        if (known)
            return;
        _age.Enqueue(key);
        if (_age.Count > Capacity)
            _corrections.Remove(_age.Dequeue());
    }

    /// <summary>0: what came first; 1: computed anew during the session, which may happen again; 2: the last word.</summary>
    private static byte Rank(Point point)
    {
        byte rank = Text(point, "finality") switch { "final" => 2, "historical" or "superseded" => 1, _ => 0 };
        // The one thing that is said again while it is live.
        return rank == 0 && point.Measurement.Name == "gap" && Text(point, "state") is "recovered" or "final" ? (byte)2 : rank;
    }

    private static string? Text(Point point, string field) =>
        point.Measurement.IndexOfField(field) is var index and >= 0 && point.Fields[index] is { HasValue: true, Type: Schema.FieldType.String } value ? value.AsString() : null;

    /// <summary>FNV-1a over measurement, tags and time, with a final mix.</summary>
    private static ulong Hash(Point point)
    {
        const ulong prime = 1_099_511_628_211;
        var hash = 14_695_981_039_346_656_037;
        Add(point.Measurement.Name);
        foreach (var tag in point.Tags)
            Add(tag);
        hash = (hash ^ (ulong)point.Time.UnixNanoseconds) * prime;
        hash ^= hash >> 32;
        hash *= 0x9E37_79B9_7F4A_7C15;
        return hash ^ (hash >> 29);

        void Add(string? text)
        {
            foreach (var c in text ?? "")
                hash = (hash ^ c) * prime;
            hash = (hash ^ 0xFFFF) * prime; // between two texts
        }
    }

    private readonly record struct Correction(byte Rank, OutboxNumber Number)
    {
        public bool IsNewerThan(byte rank, OutboxNumber number) =>
            Number.Number > 0 && number.Number > 0 && Number.Outbox == number.Outbox ? number.Number < Number.Number : rank < Rank;
    }
}

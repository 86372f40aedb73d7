using System.Globalization;
using System.Text.RegularExpressions;

namespace SensorHub.Commands;

/// <summary>
/// Holds back lines that differ from an earlier one in nothing but numbers, for ten seconds each: "1 dropped so far", "2 dropped so far", "4 …" within one
/// second tell nobody more than the first. The next line of its kind says how many were held back. Thread-safe.
/// </summary>
public sealed partial class Repetition(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Kinds remembered at most. A program has some dozens.</summary>
    private const int MaxKinds = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Said, int Held)> _kinds = new(StringComparer.Ordinal);

    /// <returns>The line to write; null = none.</returns>
    public string? Pass(string line)
    {
        var kind = Digits().Replace(line, "0");
        lock (_gate)
        {
            var known = _kinds.TryGetValue(kind, out var last);
            if (known && time.GetElapsedTime(last.Said) < Pause)
            {
                _kinds[kind] = last with { Held = last.Held + 1 };
                return null;
            }
            if (!known && _kinds.Count >= MaxKinds)
                _kinds.Clear();
            _kinds[kind] = (time.GetTimestamp(), 0);
            return last.Held == 0 ? line : string.Create(CultureInfo.InvariantCulture, $"{line} ({last.Held} lines like this one were left out before.)");
        }
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}

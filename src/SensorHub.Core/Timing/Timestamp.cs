using System.Globalization;

namespace SensorHub.Core.Timing;

/// <summary>
/// A point on the hub's time axis: whole nanoseconds since 1970-01-01T00:00:00 UTC. Range: the years 1678 to 2262.
/// <c>default</c> is the epoch.
/// </summary>
public readonly record struct Timestamp(long UnixNanoseconds) : IComparable<Timestamp>
{
    /// <exception cref="OverflowException">The time is outside the range.</exception>
    public static Timestamp FromDateTimeOffset(DateTimeOffset time) =>
        new(checked((time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100));

    /// <summary>RFC 3339, with up to nine decimals.</summary>
    /// <exception cref="FormatException">The text is not an RFC 3339 time.</exception>
    public static Timestamp Parse(string text) => TryParse(text, out var time)
        ? time
        : throw new FormatException($"'{text}' is not a time such as 2026-01-31T12:00:00Z.");

    public static bool TryParse(string? text, out Timestamp time)
    {
        time = default;
        if (text is null || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) || parsed.Year is < 1678 or > 2261)
            return false;
        // DateTimeOffset keeps 100 ns: the eighth and ninth decimal are read from the text.
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        long below = 0;
        if (dot >= 0)
        {
            var digits = text.AsSpan(dot + 1);
            var length = digits.IndexOfAnyExceptInRange('0', '9');
            digits = length < 0 ? digits : digits[..length];
            if (digits.Length > 9)
                return false;
            if (digits.Length > 7)
            {
                // Parsing rounds to the seventh decimal: cut there first, then add the rest.
                parsed = DateTimeOffset.Parse(string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(dot + 1 + digits.Length)), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                below = int.Parse(digits[7..], CultureInfo.InvariantCulture) * (digits.Length == 8 ? 10 : 1);
            }
        }
        time = new Timestamp(FromDateTimeOffset(parsed).UnixNanoseconds + below);
        return true;
    }

    /// <summary>The same time to 100 ns, rounded down.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(DateTime.UnixEpoch.Ticks + Math.DivRem(UnixNanoseconds, 100, out var rest) - (rest < 0 ? 1 : 0), TimeSpan.Zero);

    /// <summary>The first whole multiple of <paramref name="period"/> since the epoch that is not before this time.</summary>
    public Timestamp CeilingTo(TimeSpan period)
    {
        var step = period.Ticks * 100;
        var over = UnixNanoseconds % step;
        return new Timestamp(UnixNanoseconds - over + (over > 0 ? step : 0));
    }

    public static Timestamp operator +(Timestamp time, TimeSpan span) => new(time.UnixNanoseconds + span.Ticks * 100);

    public static Timestamp operator -(Timestamp time, TimeSpan span) => new(time.UnixNanoseconds - span.Ticks * 100);

    /// <summary>The time between, to 100 ns, rounded towards zero.</summary>
    public static TimeSpan operator -(Timestamp a, Timestamp b) => TimeSpan.FromTicks((a.UnixNanoseconds - b.UnixNanoseconds) / 100);

    public static bool operator <(Timestamp a, Timestamp b) => a.UnixNanoseconds < b.UnixNanoseconds;

    public static bool operator >(Timestamp a, Timestamp b) => a.UnixNanoseconds > b.UnixNanoseconds;

    public static bool operator <=(Timestamp a, Timestamp b) => a.UnixNanoseconds <= b.UnixNanoseconds;

    public static bool operator >=(Timestamp a, Timestamp b) => a.UnixNanoseconds >= b.UnixNanoseconds;

    public int CompareTo(Timestamp other) => UnixNanoseconds.CompareTo(other.UnixNanoseconds);

    /// <summary>RFC 3339 in UTC with nine decimals: 2026-01-31T12:00:00.123456789Z.</summary>
    public override string ToString()
    {
        var seconds = Math.DivRem(UnixNanoseconds, 1_000_000_000, out var nanoseconds);
        if (nanoseconds < 0)
            (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000);
        return string.Create(CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddSeconds(seconds):yyyy-MM-dd'T'HH:mm:ss}.{nanoseconds:000000000}Z");
    }
}

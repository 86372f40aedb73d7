using System.Diagnostics.CodeAnalysis;

namespace SensorHub.Core;

/// <summary>
/// A name that is safe in a topic, a tag, a file name and a log line: 1 to 40 of a–z, 0–9 and '-', beginning with a
/// letter or digit. Hubs, sensors, subjects and sessions are named by slugs; subjects' slugs are pseudonyms.
/// <c>default</c> is the empty slug, which stands for "none".
/// </summary>
public readonly record struct Slug : IComparable<Slug>
{
    public const int MaxLength = 40;

    private readonly string? _value;

    private Slug(string value) => _value = value;

    public bool IsNone => _value is null;

    /// <exception cref="FormatException">The text is not a slug; the message says what one is.</exception>
    public static Slug Parse(string text) => TryParse(text, out var slug)
        ? slug
        : throw new FormatException($"'{text}' is not a name: use 1 to {MaxLength} of a-z, 0-9 and '-', beginning with a letter or digit.");

    public static bool TryParse([NotNullWhen(true)] string? text, out Slug slug)
    {
        slug = default;
        if (text is null || text.Length is 0 or > MaxLength || text[0] == '-')
            return false;
        foreach (var c in text)
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
                return false;
        slug = new Slug(text);
        return true;
    }

    public int CompareTo(Slug other) => string.CompareOrdinal(ToString(), other.ToString());

    public static bool operator <(Slug left, Slug right) => left.CompareTo(right) < 0;

    public static bool operator >(Slug left, Slug right) => left.CompareTo(right) > 0;

    public static bool operator <=(Slug left, Slug right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Slug left, Slug right) => left.CompareTo(right) >= 0;

    public override string ToString() => _value ?? "";
}

using System.Globalization;

namespace SensorHub.Core;

/// <summary>
/// One line that somebody typed for others to read: it has no control characters, no line breaks and nothing that turns the direction of what
/// follows round. What it looks like otherwise (markup, say) is its own affair: it is shown as text.
/// </summary>
public static class PlainText
{
    /// <param name="text">Whitespace alone is no text.</param>
    /// <param name="longest">In UTF-16 characters.</param>
    public static bool Is(string? text, int longest)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > longest)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]) || char.GetUnicodeCategory(text[i]) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator || TurnsDirection(text[i]))
                return false;
        }
        return true;
    }

    private static bool TurnsDirection(char c) => c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C';
}

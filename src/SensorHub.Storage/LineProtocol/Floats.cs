using System.Buffers.Text;
using System.Globalization;

namespace SensorHub.Storage.LineProtocol;

/// <summary>A finite number in the shortest decimal form that reads back as the same number.</summary>
internal static class Floats
{
    // The hub rounds what it says to at most four decimals (Rounding), so nearly every number is a small integer over 10⁴.
    private const int Decimals = 4;
    private const double Scale = 1e4;

    /// <returns>Bytes written, at most 24.</returns>
    /// <remarks>
    /// An integer below 10¹⁵ and 10⁴ are exact as doubles, so their quotient is the double nearest to that decimal. A decimal of up to 15 digits
    /// is the only such one for its double: if the quotient is the number, no shorter form can exist. All others take the runtime's search, which
    /// costs several times as much.
    /// </remarks>
    public static int Format(double value, Span<byte> bytes)
    {
        var scaled = Math.Round(value * Scale);
        if (Math.Abs(scaled) < 1e15 && scaled != 0 && scaled / Scale == value) // zero has a sign
            return Format((long)scaled, bytes);
        value.TryFormat(bytes, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static int Format(long scaled, Span<byte> bytes)
    {
        var length = 0;
        if (scaled < 0)
        {
            bytes[length++] = (byte)'-';
            scaled = -scaled;
        }
        var (whole, fraction) = Math.DivRem((ulong)scaled, (ulong)Scale);
        Utf8Formatter.TryFormat(whole, bytes[length..], out var written);
        length += written;
        if (fraction == 0)
            return length;

        bytes[length++] = (byte)'.';
        var digits = bytes.Slice(length, Decimals);
        for (var i = Decimals - 1; i >= 0; i--)
        {
            (fraction, var digit) = Math.DivRem(fraction, 10);
            digits[i] = (byte)('0' + digit);
        }
        return length + digits.TrimEnd((byte)'0').Length;
    }
}

using System.Collections;

namespace SensorHub.Bluetooth.BlueZ.Bus;

/// <summary>D-Bus signatures: where one complete type ends, and whether a value is of a type.</summary>
internal static class BusSignature
{
    /// <summary>The first complete type of a signature.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static string First(ReadOnlySpan<char> signature) => signature[..LengthOfFirst(signature)].ToString();

    /// <summary>The complete types of a signature.</summary>
    public static IReadOnlyList<string> Split(string signature)
    {
        var types = new List<string>();
        for (var start = 0; start < signature.Length; start += types[^1].Length)
            types.Add(First(signature.AsSpan(start)));
        return types;
    }

    /// <summary>Checks that the value is of the type, with all that is in it, so that a mistake shows where it is made.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Check(string type, object? value)
    {
        var fits = (type[0], value) switch
        {
            ('y', byte) or ('b', bool) or ('n', short) or ('q', ushort) or ('i', int) or ('u', uint) => true,
            ('x', long) or ('t', ulong) or ('d', double) or ('h', UnixFd or System.Runtime.InteropServices.SafeHandle) => true,
            ('s', string text) => !text.Contains('\0', StringComparison.Ordinal),
            ('o', ObjectPath path) => ObjectPath.IsValid(path.Path),
            ('g', TypeSignature) or ('v', Variant) => true,
            ('a', IDictionary) => type[1] == '{',
            ('a', IEnumerable) => type[1] != '{' && value is not string,
            ('(', BusStruct) => true,
            _ => false,
        };
        if (!fits)
            throw new ArgumentException($"A {value?.GetType().Name ?? "null"} is not a D-Bus value of type {type}.");
        CheckContents(type, value);
    }

    private static void CheckContents(string type, object? value)
    {
        switch (value)
        {
            case byte[]:
                if (type != "ay")
                    throw new ArgumentException($"Bytes are not a D-Bus value of type {type}.");
                break;
            case IDictionary dictionary:
                var keyType = type[2..3];
                foreach (DictionaryEntry entry in dictionary)
                {
                    Check(keyType, entry.Key);
                    Check(type[3..^1], entry.Value);
                }
                break;
            case IEnumerable items and not string:
                foreach (var item in items)
                    Check(type[1..], item);
                break;
            case BusStruct members:
                CheckAll(type[1..^1], members.Members);
                break;
            case Variant variant:
                CheckAll(variant.Signature, [variant.Value]);
                break;
            case TypeSignature signature:
                Split(signature.Text);
                break;
        }
    }

    /// <summary>Checks values against a signature of as many complete types.</summary>
    public static void CheckAll(string signature, IReadOnlyList<object> values)
    {
        var types = Split(signature);
        if (types.Count != values.Count)
            throw new ArgumentException($"The signature '{signature}' has {types.Count} types for {values.Count} values.");
        for (var i = 0; i < types.Count; i++)
            Check(types[i], values[i]);
    }

    private static int LengthOfFirst(ReadOnlySpan<char> signature)
    {
        if (signature.IsEmpty)
            throw new ArgumentException("A D-Bus signature ends too early.");
        switch (signature[0])
        {
            case 'a' when signature.Length > 1 && signature[1] == '{':
                var key = 2 + LengthOfFirst(signature[2..]);
                var end = key + LengthOfFirst(signature[key..]);
                if (key != 3 || end >= signature.Length || signature[end] != '}')
                    throw new ArgumentException("A D-Bus dictionary has one basic key and one value.");
                return end + 1;
            case 'a':
                return 1 + LengthOfFirst(signature[1..]);
            case '(':
                var position = 1;
                do
                    position += LengthOfFirst(signature[position..]);
                while (position < signature.Length && signature[position] != ')');
                return position < signature.Length ? position + 1 : throw new ArgumentException("A D-Bus struct is not closed.");
            case var type when "ybnqiuxtdsoghv".Contains(type, StringComparison.Ordinal):
                return 1;
            default:
                throw new ArgumentException($"'{signature[0]}' begins no D-Bus type.");
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace SensorHub.Core;

/// <summary>Names of enumerations in files, options and payloads: <c>TensorFasciaeLatae</c> ↔ <c>tensor_fasciae_latae</c>.</summary>
public static class EnumNames
{
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public static string Of<T>(T value) where T : struct, Enum => Table<T>.Names.TryGetValue(value, out var name)
        ? name
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"No {typeof(T).Name} has this number.");

    /// <summary>The names of the flags that are set, with spaces between, in the order of their bits; null for none.</summary>
    public static string? OfFlags<T>(T value) where T : struct, Enum
    {
        var set = string.Join(' ', Enum.GetValues<T>().Where(flag => Convert.ToInt64(flag, CultureInfo.InvariantCulture) != 0 && value.HasFlag(flag)).Select(Of));
        return set.Length == 0 ? null : set;
    }

    /// <param name="name">Case matters.</param>
    public static bool TryParse<T>([NotNullWhen(true)] string? name, out T value) where T : struct, Enum
    {
        value = default;
        return name is not null && Table<T>.Values.TryGetValue(name, out value);
    }

    /// <summary>All names in the order of their values.</summary>
    public static IEnumerable<string> All<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    private static class Table<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Names = Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));
        public static readonly Dictionary<string, T> Values = Names.ToDictionary(n => n.Value, n => n.Key);
    }
}

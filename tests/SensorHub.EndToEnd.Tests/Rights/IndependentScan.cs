using System.IO.Compression;
using System.Text;

namespace SensorHub.EndToEnd.Tests.Rights;

/// <summary>Looks for words in the bytes of all files of a folder, with nothing of the program's own: as they are, unpacked, and out of base 64.</summary>
internal static class IndependentScan
{
    /// <returns>Each file with a word in it, and the word.</returns>
    public static List<string> Find(string folder, params string[] words)
    {
        var found = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            byte[][] forms = [bytes, Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)), .. Unpacked(bytes), .. OutOfBase64(bytes)];
            found.AddRange(words.Where(w => forms.Any(f => f.AsSpan().IndexOf(Encoding.UTF8.GetBytes(w)) >= 0)).Select(w => $"{Path.GetRelativePath(folder, file)}: {w}"));
        }
        return found;
    }

    private static IEnumerable<byte[]> Unpacked(byte[] bytes)
    {
        if (bytes is not [0x1f, 0x8b, ..])
            yield break;
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        yield return plain.ToArray();
    }

    private static IEnumerable<byte[]> OutOfBase64(byte[] bytes)
    {
        if (bytes.AsSpan().Contains((byte)0))
            yield break;
        foreach (var text in Encoding.Latin1.GetString(bytes).Split('"').Where(t => t.Length >= 8))
        {
            var buffer = new byte[text.Length];
            if (Convert.TryFromBase64String(text, buffer, out var length))
                yield return buffer[..length];
        }
    }
}

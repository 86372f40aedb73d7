using System.Text;

namespace SensorHub.Rights.Places;

/// <summary>Files that their owner alone may read, there whole or not at all.</summary>
internal static class OwnersOnly
{
    public static void Write(string path, string text)
    {
        var aside = path + ".tmp";
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(aside, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }
}

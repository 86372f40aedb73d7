namespace SensorHub.Mqtt.Broker;

/// <summary>Files that their owner alone may read.</summary>
internal static class OwnersFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Written aside and renamed: a crash in between leaves no half file, and nobody else can read it for a moment.</summary>
    public static void Write(string file, ReadOnlySpan<byte> content)
    {
        var aside = file + ".tmp";
        File.Delete(aside);
        using (var stream = Create(aside, FileMode.CreateNew))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, file, overwrite: true);
    }

    public static FileStream Create(string file, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Mode;
        return new FileStream(file, options);
    }
}

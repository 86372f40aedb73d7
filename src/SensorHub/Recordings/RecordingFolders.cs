using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;
using SensorHub.Export.Recordings;

namespace SensorHub.Recordings;

/// <summary>The folders of recordings, as the pages need them.</summary>
internal static class RecordingFolders
{
    /// <summary>The session's begin and when it was; null for what is no recording of a session.</summary>
    public static (Timestamp At, Marker.SessionBegan Began)? BeginOf(string folder)
    {
        try
        {
            return SessionReader.BeganAt(folder);
        }
        catch (UserException)
        {
            return null;
        }
    }

    /// <summary>The same length: nothing was recorded since.</summary>
    public static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
}

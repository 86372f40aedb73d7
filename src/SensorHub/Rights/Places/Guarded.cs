using SensorHub.Core;

namespace SensorHub.Rights.Places;

/// <summary>Work on files whose failure is a line for a person.</summary>
internal static class Guarded
{
    /// <exception cref="UserException">It failed.</exception>
    public static void Do(string path, string what, Action work) => Do(path, what, () =>
    {
        work();
        return true;
    });

    /// <inheritdoc cref="Do(string, string, Action)"/>
    public static T Do<T>(string path, string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be {what}: {e.Message.TrimEnd('.')}. Mend that, and run it again.", e);
        }
    }
}

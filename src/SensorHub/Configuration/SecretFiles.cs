using SensorHub.Core;

namespace SensorHub.Configuration;

/// <summary>
/// Passwords and tokens from files: <c>SENSORHUB_MQTT__PASSWORD_FILE=/run/secrets/mqtt</c> stands for <c>SENSORHUB_MQTT__PASSWORD</c> with
/// the file's first line. So Docker, Podman, Kubernetes and systemd hand secrets over; an environment is seen by too many.
/// </summary>
public static class SecretFiles
{
    private const string Suffix = "_FILE";

    /// <summary>The settings that come from files. Variables of other programs are left alone.</summary>
    /// <exception cref="UserException">A file cannot be read or is empty, or a secret is given twice.</exception>
    public static Dictionary<string, string?> Read(IConfiguration environment)
    {
        var secrets = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (variable, file) in environment.AsEnumerable())
        {
            if (!variable.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) || string.IsNullOrEmpty(file))
                continue;
            var key = variable[..^Suffix.Length];
            if (!key.EndsWith(":Password", StringComparison.OrdinalIgnoreCase) && !key.EndsWith(":Token", StringComparison.OrdinalIgnoreCase)
                && !key.EndsWith(":ClientSecret", StringComparison.OrdinalIgnoreCase))
                continue;
            var name = $"SENSORHUB_{variable.Replace(":", "__", StringComparison.Ordinal)}";
            if (!string.IsNullOrEmpty(environment[key]))
                throw new UserException($"{name} and {name[..^Suffix.Length]} are both set: leave one of them out.");
            secrets[key] = FirstLine(name, file);
        }
        return secrets;
    }

    private static string FirstLine(string name, string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault() is { Length: > 0 } line
                ? line
                : throw new UserException($"{name} names {file}, which is empty: it holds the secret on its first line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{name} names {file}, which cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}

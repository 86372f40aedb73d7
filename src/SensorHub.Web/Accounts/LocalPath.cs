using System.Diagnostics.CodeAnalysis;

namespace SensorHub.Web.Accounts;

/// <summary>Where somebody goes after signing in: a page of ours and nothing else.</summary>
internal static class LocalPath
{
    /// <returns>The path, or "/" for what is none: another host, a scheme, two slashes, a backslash, control characters.</returns>
    public static string Of(string? path) => IsLocal(path) ? path : "/";

    private static bool IsLocal([NotNullWhen(true)] string? path) =>
        path is ['/', ..] and not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) && !path.Contains('\\', StringComparison.Ordinal);
}

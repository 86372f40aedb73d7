using System.Globalization;
using Microsoft.AspNetCore.Http;
using SensorHub.Core.Timing;

namespace SensorHub.Web.Recordings;

internal static class RecordingWords
{
    public static string Minute(Timestamp time) => time.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    public static string Length(TimeSpan length) => length < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{length.TotalMinutes:0.#} min");

    public static string Number(double? value, string format = "0.##") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}

internal static class RecordingLinks
{
    /// <summary>Whose it is goes along, where the page was asked for with a name.</summary>
    public static string To(string recording, HttpContext context) =>
        "recordings" + (recording.Length > 0 ? "/" + Uri.EscapeDataString(recording) : "") +
        (context.Request.Query["subject"] is [{ Length: > 0 } subject] ? $"?subject={Uri.EscapeDataString(subject)}" : "");
}

using System.Text.Json;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Screening;
using SensorHub.Core.Timing;

namespace SensorHub.Web.People;

/// <summary>The outcome of a screening as <see cref="Subject.Screening"/> keeps it: what is allowed and until when, never the answers.</summary>
public static class KeptScreening
{
    public static string Write(ScreeningOutcome outcome) => JsonSerializer.Serialize(new Kept(
        EnumNames.Of(outcome.Decision), outcome.At.ToString(), outcome.Expires.ToString(), outcome.ByClearance,
        [.. outcome.Excluded.Select(site => new Site(EnumNames.Of(site.Muscle), EnumNames.Of(site.Side)))]), JsonSerializerOptions.Web);

    /// <returns>Null: there was none, or it cannot be read; then it is asked again.</returns>
    public static ScreeningOutcome? Read(string? json)
    {
        if (json is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize<Kept>(json, JsonSerializerOptions.Web) is { } kept && EnumNames.TryParse<ScreeningDecision>(kept.Decision, out var decision)
                ? new ScreeningOutcome
                {
                    Decision = decision, At = Timestamp.Parse(kept.At), Expires = Timestamp.Parse(kept.Expires), ByClearance = kept.ByClearance,
                    Excluded = [.. kept.Excluded.Select(site => new ExcludedSite(Named<Muscle>(site.Muscle), Named<Side>(site.Side)))],
                }
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static T Named<T>(string name) where T : struct, Enum => EnumNames.TryParse<T>(name, out var value) ? value : throw new FormatException(name);

    private sealed record Kept(string Decision, string At, string Expires, bool ByClearance, IReadOnlyList<Site> Excluded);

    private sealed record Site(string Muscle, string Side);
}

using SensorHub.Core;

namespace SensorHub.Storage.Embedded;

/// <summary>
/// How long the embedded store keeps what comes many times a second. Events (strokes, sets, cues, gaps, sessions) are few and are
/// kept for ever; so are recordings, from which all of this can be computed anew.
/// </summary>
public sealed record RetentionOptions
{
    /// <summary>
    /// Points as they came. Range 1 to 3650, unit d, default 90: a course of therapy is four to twelve weeks, and its sessions can be
    /// looked at in full while it lasts. An hour of two sensors a day is about 45 MB, 4 GB in 90 days.
    /// </summary>
    public int RawDays { get; init; } = 90;

    /// <summary>Roll-ups of a second. Range <see cref="RawDays"/> to 36500, unit d, default 730: this year's curves beside last year's.
    /// About a ninth of the points' size.</summary>
    public int SecondsDays { get; init; } = 730;

    /// <summary>Roll-ups of a minute. Range <see cref="SecondsDays"/> to 36500, unit d; default null, for ever: an hour a day is about 30 MB a year.</summary>
    public int? MinutesDays { get; init; }

    /// <exception cref="UserException">A value is outside its range.</exception>
    public void Validate()
    {
        Require("Retention:RawDays", RawDays, 1, 3650);
        Require("Retention:SecondsDays", SecondsDays, RawDays, 36500);
        if (MinutesDays is { } minutes)
            Require("Retention:MinutesDays", minutes, SecondsDays, 36500);

        static void Require(string key, int value, int least, int most)
        {
            if (value < least || value > most)
                throw new UserException(FormattableString.Invariant($"{key} is '{value}'; it takes {least} to {most} days: what is coarser is kept as long as what is finer, or longer."));
        }
    }
}

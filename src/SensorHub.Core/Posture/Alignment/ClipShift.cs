using SensorHub.Core.Sessions;
using SensorHub.Core.Timing;

namespace SensorHub.Core.Posture.Alignment;

/// <summary>The clip does not lie on the body as it did.</summary>
/// <param name="Angle">By how much, °.</param>
/// <param name="Limit">What it is held against, °.</param>
internal sealed record ClipShift(double Angle, double Limit)
{
    public string Reason => FormattableString.Invariant(
        $"This stand differs by {Angle:0.0}° from the one before: the clip has shifted, or you stand differently. What was measured before does not compare.");

    public Cue Cue(Timestamp time, Slug sensor) => new()
    {
        Time = time,
        Sensor = sensor,
        Code = CueCode.ClipMoved,
        Level = CueLevel.Remind,
        Value = Angle,
        Limit = Limit,
    };
}

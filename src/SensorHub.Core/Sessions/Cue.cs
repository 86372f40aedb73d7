namespace SensorHub.Core.Sessions;

/// <summary>One thing to say to the person now. <see cref="Feature.Time"/> is the sample time that it follows from.</summary>
public sealed record Cue : Feature
{
    /// <summary>The sensor it follows from; none when somebody said it.</summary>
    public required Slug Sensor { get; init; }

    public required CueCode Code { get; init; }

    public required CueLevel Level { get; init; }

    /// <summary>What was measured, in <see cref="Unit"/>; null where nothing is.</summary>
    public double? Value { get; init; }

    /// <summary>What it is held against, in <see cref="Unit"/>.</summary>
    public double? Limit { get; init; }

    /// <summary>Of a <see cref="CueCode.Message"/>: what was said, as it was typed. It may look like markup, and is text.</summary>
    public string? Text { get; init; }

    /// <summary>Of a <see cref="CueCode.Message"/>: who said it.</summary>
    public string? SaidBy { get; init; }

    /// <summary>Of value and limit; null for a code that measures nothing.</summary>
    public string? Unit => Code switch
    {
        CueCode.HipHinge or CueCode.MixedBend or CueCode.LumbarBend or CueCode.Pain => "1",
        CueCode.Slouching or CueCode.ClipMoved => "°",
        CueCode.SittingLong or CueCode.LongHold or CueCode.SetDone => "s",
        CueCode.OverForce => "%",
        CueCode.OverPressure => "kPa",
        _ => null,
    };
}

public enum CueLevel : byte
{
    /// <summary>Praise or information.</summary>
    Info = 0,

    /// <summary>Something to change.</summary>
    Remind = 1,

    /// <summary>Something to change now.</summary>
    Warn = 2,

    Stop = 3,
}

/// <summary>What a cue says, and what its value is.</summary>
public enum CueCode : byte
{
    /// <summary>The bend came from the hips. Lumbar share L/T, 1.</summary>
    HipHinge = 1,

    /// <summary>The bend came from hips and lower back alike. Lumbar share L/T, 1.</summary>
    MixedBend = 2,

    /// <summary>The bend came from the lower back. Lumbar share L/T, 1.</summary>
    LumbarBend = 3,

    /// <summary>Slumped for too long. Posterior change from the calibrated neutral, °.</summary>
    Slouching = 4,

    /// <summary>Sat for too long without a walk. Time, s.</summary>
    SittingLong = 5,

    /// <summary>Pressed too hard for too long. Force, % of body weight.</summary>
    OverForce = 6,

    /// <summary>The same without a known body mass. Mean contact pressure, kPa.</summary>
    OverPressure = 7,

    /// <summary>Held still on one place for too long. Time, s.</summary>
    LongHold = 8,

    /// <summary>A place that must not be rolled.</summary>
    ForbiddenSite = 9,

    /// <summary>Pain that ends the session. Numeric rating, 0 to 10.</summary>
    Pain = 10,

    /// <summary>The clip has shifted on the skin: calibrate again. Angle, °.</summary>
    ClipMoved = 11,

    /// <summary>The clip is not worn.</summary>
    ClipOff = 12,

    /// <summary>The planned dose of this set is done. Time in contact, s.</summary>
    SetDone = 13,

    /// <summary>Somebody who watches says something: <see cref="Cue.Text"/>.</summary>
    Message = 14,
}

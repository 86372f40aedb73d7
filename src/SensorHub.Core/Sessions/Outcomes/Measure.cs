namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>What is measured before and after rolling.</summary>
public enum Measure : byte
{
    /// <summary>How far the pelvis turns forward in a full forward bend, °: the primary outcome. Loosened hamstrings let it go further.</summary>
    PelvicRotation = 1,

    /// <summary>The part of a full forward bend that the lumbar spine gives, %.</summary>
    LumbarShare = 2,

    /// <summary>Lordosis standing, by skin inclinometry, °. Secondary: releasing hamstrings hardly changes it.</summary>
    StandingLordosis = 3,

    /// <summary>Inclination of the sacrum standing, °.</summary>
    SacralInclination = 4,

    /// <summary>Lordosis sitting upright, °.</summary>
    SittingLordosis = 5,

    /// <summary>Lordosis sitting slumped, °.</summary>
    SlumpedLordosis = 6,

    /// <summary>How far the straight leg is raised, lying on the back, °; the clip is on the shin.</summary>
    StraightLegRaise = 7,

    /// <summary>How far the knee is extended, lying with the hip bent, °; the clip is on the shin.</summary>
    KneeExtension = 8,

    /// <summary>Numeric rating, 0 to 10.</summary>
    Pain = 9,
}

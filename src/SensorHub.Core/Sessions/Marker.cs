namespace SensorHub.Core.Sessions;

/// <summary>What a person, a plan or the program says during a session. Part of the recording.</summary>
public abstract record Marker
{
    private Marker()
    {
    }

    /// <param name="BodyMassKg">For % of body weight; null when not told.</param>
    public sealed record SessionBegan(Slug Session, Slug Subject, double? BodyMassKg) : Marker;

    /// <summary>From now on the person stands still and upright for <paramref name="Duration"/>: the posture's zero.</summary>
    public sealed record StandCalibration(TimeSpan Duration) : Marker;

    /// <summary>From now on rolling is meant for this muscle and side.</summary>
    public sealed record MuscleChosen(Muscle Muscle, Side Side) : Marker;

    public sealed record SessionEnded(Slug Session) : Marker;
}

public enum Side : byte
{
    None = 0,
    Left = 1,
    Right = 2,
}

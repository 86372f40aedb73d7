using SensorHub.Core.Posture;
using SensorHub.Core.Timing;
using SensorHub.Core.Units;

namespace SensorHub.Core.Sessions.Guided;

/// <summary>A stretch of a session in which something was done that can be measured.</summary>
public abstract record PostureSegment
{
    private PostureSegment()
    {
    }

    public required Timestamp Start { get; init; }

    public required Timestamp End { get; init; }

    public required Quality Quality { get; init; }

    /// <summary>As <see cref="PostureEstimate.Calibration"/>.</summary>
    public string? Calibration { get; init; }

    /// <summary>As <see cref="PostureEstimate.Attachment"/>.</summary>
    public Slug Attachment { get; init; }

    /// <summary>Still standing or sitting. Means over the stretch, °; their uncertainty is that of the sensor and its place.</summary>
    /// <param name="Sitting">Sitting, upright or not; otherwise standing.</param>
    /// <param name="Pelvis">Inclination of the lower element.</param>
    /// <param name="Upper">Inclination of the upper element; null with one element.</param>
    /// <param name="Lordosis">Lower − upper; null with one element.</param>
    public sealed record Still(bool Sitting, Within? Pelvis, Within? Upper, Within? Lordosis) : PostureSegment;

    /// <summary>A forward bend. Inclinations are means around the middle of its hold, °.</summary>
    /// <param name="Pelvis">Inclination of the lower element.</param>
    /// <param name="Upper">Inclination of the upper element; null with one element.</param>
    public sealed record Bend(Within? Pelvis, Within? Upper) : PostureSegment;

    /// <summary>A leg raised, or a knee extended: how far the shin turned, °.</summary>
    /// <param name="Angle">From where the leg lay, positive.</param>
    public sealed record Raise(ProtocolStep Step, Side Side, Measured Angle) : PostureSegment;
}

/// <summary>An angle, °, as such and to be compared with another of the same wearing, where the place of the clip cancels.</summary>
/// <param name="Absolute">With the uncertainty of the place.</param>
/// <param name="ToCompare">The same value without it.</param>
public readonly record struct Within(Measured Absolute, Measured ToCompare);

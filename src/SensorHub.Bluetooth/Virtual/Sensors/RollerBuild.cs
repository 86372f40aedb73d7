using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>One roller out of many: what its descriptor says of it, and what nobody knows.</summary>
public sealed record RollerBuild
{
    /// <summary>As told by the descriptor.</summary>
    public RollerGeometry Geometry { get; init; } = SensorModels.Roller;

    /// <summary>Load channels; 0 with <see cref="LoadArrangement.None"/>, even with <see cref="LoadArrangement.StrainPairs"/>.</summary>
    public int Cells { get; init; } = 4;

    /// <summary>How far it gives under this body: it rolls on a radius smaller by this share.</summary>
    public double RadiusReduction { get; init; } = 0.03;

    /// <summary>Null = drawn from the session's seed.</summary>
    public ImuErrors? Imu { get; init; }

    /// <summary>Null = drawn from the session's seed.</summary>
    public LoadErrors? Load { get; init; }

    /// <summary>Path along the muscle per radian that it turns, without slip, m.</summary>
    public double RollingRadius => Geometry.Radius * (1 - RadiusReduction);
}

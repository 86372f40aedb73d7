namespace SensorHub.Core.Protocol;

/// <summary>A sensor's own event: a tap, a button, a charger.</summary>
public sealed record DeviceEvent : Feature
{
    public required Slug Sensor { get; init; }

    public required EventCode Code { get; init; }

    public required long Argument { get; init; }
}

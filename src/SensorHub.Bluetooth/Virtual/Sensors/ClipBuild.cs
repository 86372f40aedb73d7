namespace SensorHub.Bluetooth.Virtual.Sensors;

/// <summary>One clip out of many: the errors of its elements. Null = drawn from the session's seed, those of well-made sensors put on with care.</summary>
public sealed record ClipBuild
{
    public ImuErrors? Lower { get; init; }

    public ImuErrors? Upper { get; init; }
}

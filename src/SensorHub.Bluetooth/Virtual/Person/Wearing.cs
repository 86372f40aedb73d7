namespace SensorHub.Bluetooth.Virtual.Person;

/// <summary>How the two elements of a clip sit on the skin, as far as flexion shows it. Lower and upper element each.</summary>
public sealed record Wearing
{
    /// <summary>
    /// Slope of the skin under the element against that of the body's posture, °: the element lies a little higher, or on
    /// a bulge. No sensor on the skin can tell it from posture, so it is part of what is to be measured.
    /// </summary>
    public (double Lower, double Upper) Slope { get; init; }

    /// <summary>How far the element tilts forward over the bone, per degree of lumbar flexion from standing: an error.</summary>
    public (double Lower, double Upper) Slide { get; init; }

    /// <summary>Slow creep of tape and skin, each element: root mean square, °; an error.</summary>
    public double Creep { get; init; }
}

namespace SensorHub.Core.Posture.Alignment;

/// <summary>How an element is worn, as seen by someone who looks at the back: where its X axis points.</summary>
public enum Mounting : byte
{
    /// <summary>Not near any of the others: askew by 30° or more, or not known yet.</summary>
    Unclear = 0,

    /// <summary>X towards the head, Z off the skin.</summary>
    Nominal = 1,

    /// <summary>X towards the feet: turned by 180° about Z.</summary>
    UpsideDown = 2,

    /// <summary>X to the person's left: turned by +90° about Z.</summary>
    SidewaysLeft = 3,

    /// <summary>X to the person's right: turned by −90° about Z.</summary>
    SidewaysRight = 4,

    /// <summary>Z towards the skin. Only bends can tell: a stand looks the same worn like this and upside down.</summary>
    BackToFront = 5,
}

namespace SensorHub.Core.Sessions;

/// <summary>
/// Muscles that are rolled, stretched or strengthened, with the names used in topics, tags and plans. What is known of each
/// is in <see cref="MuscleFacts"/>.
/// </summary>
public enum Muscle : byte
{
    None = 0,

    /// <summary>Semimembranosus, semitendinosus, biceps femoris: from behind the knee to the back of the pelvis.</summary>
    Hamstrings = 1,

    /// <summary>With the rectus femoris.</summary>
    Quadriceps = 2,

    Calf = 3,

    /// <summary>With the piriformis.</summary>
    Glutes = 4,

    Adductors = 5,

    /// <summary>With the vastus lateralis.</summary>
    TensorFasciaeLatae = 6,

    /// <summary>The upper back.</summary>
    Thoracic = 7,

    /// <summary>With the psoas: too deep to be rolled.</summary>
    HipFlexors = 8,

    /// <summary>As a muscle to strengthen; rolled as <see cref="Glutes"/>.</summary>
    GluteusMaximus = 9,

    TibialisAnterior = 10,

    /// <summary>Gluteus medius and minimus, as muscles to strengthen.</summary>
    Abductors = 11,

    /// <summary>The back's extensors beside the lumbar spine: rolled only when a therapist has unlocked it.</summary>
    LumbarParaspinals = 12,
}

namespace SensorHub.Core.Sessions;

/// <summary>Muscles that can be rolled, with the names used in topics, tags and plans (SCIENCE §4).</summary>
public enum Muscle : byte
{
    None = 0,
    Hamstrings = 1,
    Quadriceps = 2,
    Calf = 3,
    Glutes = 4,
    Adductors = 5,
    TensorFasciaeLatae = 6,
    Thoracic = 7,
}

namespace SensorHub.Web.Access;

/// <summary>What a subject has allowed somebody, now.</summary>
[Flags]
public enum ConsentState : byte
{
    /// <summary>Nothing, or not any more, or not yet.</summary>
    None = 0,

    /// <summary>To be guided by this therapist.</summary>
    Care = 1,

    /// <summary>To be part of this researcher's study.</summary>
    Study = 2,
}

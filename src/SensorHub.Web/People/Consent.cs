namespace SensorHub.Web.People;

/// <summary>A subject allows somebody to see and guide (care), or to use their data (study). Never changed but to end it.</summary>
public sealed class Consent
{
    public int Id { get; set; }

    public required string SubjectId { get; set; }

    /// <summary>Account of the therapist or researcher.</summary>
    public required string GrantedTo { get; set; }

    public ConsentPurpose Purpose { get; set; }

    /// <summary>In the subject's words, or the study's name.</summary>
    public string Detail { get; set; } = "";

    public DateTimeOffset From { get; set; }

    /// <summary>From then on it is over by itself.</summary>
    public DateTimeOffset Until { get; set; }

    public DateTimeOffset? WithdrawnAt { get; set; }

    public bool HoldsAt(DateTimeOffset now) => From <= now && now < Until && WithdrawnAt is null;
}

public enum ConsentPurpose : byte
{
    Care = 0,
    Study = 1,
}

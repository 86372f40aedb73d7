using SensorHub.Core.Sessions;

namespace SensorHub.Web.People;

/// <summary>Somebody who is measured. Their name is a pseudonym everywhere else: topics, tags, files.</summary>
public sealed class Subject
{
    /// <summary>The pseudonym: a slug.</summary>
    public required string Id { get; set; }

    /// <summary>What their therapist sees on the board. The subject chooses it.</summary>
    public string Alias { get; set; } = "";

    /// <summary>Their account; null = somebody else runs the hub for them.</summary>
    public string? AccountId { get; set; }

    /// <summary>20 to 300 kg; null = not told.</summary>
    public double? BodyMassKg { get; set; }

    /// <summary>100 to 230 cm; null = not told.</summary>
    public double? HeightCm { get; set; }

    /// <summary>Outcome of the safety screening, as <see cref="KeptScreening"/> writes it; null before the first.</summary>
    public string? Screening { get; set; }

    public DateTimeOffset? ScreenedAt { get; set; }

    /// <summary>How posture is reminded of.</summary>
    public ReminderMode Reminders { get; set; }

    /// <summary>The first run was gone through to its end.</summary>
    public bool IsSetUp { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

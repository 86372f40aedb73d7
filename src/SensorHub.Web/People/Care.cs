namespace SensorHub.Web.People;

/// <summary>A plan or programme that was set for a subject; the newest of each kind holds.</summary>
public sealed class Prescription
{
    public int Id { get; set; }

    public required string SubjectId { get; set; }

    public PrescriptionKind Kind { get; set; }

    /// <summary>As <see cref="Core.Sessions.Plans.PlanFile"/> or <see cref="Core.Sessions.Programmes.ProgrammeFile"/> writes it.</summary>
    public required string Json { get; set; }

    public required string AuthorId { get; set; }

    public DateTimeOffset At { get; set; }
}

public enum PrescriptionKind : byte
{
    Plan = 0,
    Programme = 1,
}

/// <summary>An exercise of the programme was done, as the person says.</summary>
public sealed class ExerciseTick
{
    public int Id { get; set; }

    public required string SubjectId { get; set; }

    /// <summary>Day of the person's calendar.</summary>
    public DateOnly Day { get; set; }

    public required string Exercise { get; set; }

    public DateTimeOffset At { get; set; }
}

/// <summary>What a therapist wrote about a subject, or marked in a session.</summary>
public sealed class Note
{
    public int Id { get; set; }

    public required string SubjectId { get; set; }

    public string? Session { get; set; }

    public required string AuthorId { get; set; }

    /// <summary>When it was so: of a marker, the moment in the session.</summary>
    public DateTimeOffset At { get; set; }

    public NoteKind Kind { get; set; }

    public string Text { get; set; } = "";
}

public enum NoteKind : byte
{
    Note = 0,
    Marker = 1,

    /// <summary>Was sent to the person during the session.</summary>
    Message = 2,
}

/// <summary>Time a therapist spent on a subject, a row a day.</summary>
public sealed class CareTime
{
    public int Id { get; set; }

    public required string TherapistId { get; set; }

    public required string SubjectId { get; set; }

    public DateOnly Day { get; set; }

    public double Minutes { get; set; }
}

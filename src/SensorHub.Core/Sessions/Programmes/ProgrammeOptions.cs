namespace SensorHub.Core.Sessions.Programmes;

/// <summary>Parameters of <see cref="ProgrammeProgress"/>.</summary>
public sealed record ProgrammeOptions
{
    /// <summary>A lasting gain of range takes longer than this.</summary>
    [Constant(1, 26, "weeks", Evidence.Published, "more than four weeks of rolling (PMC9474417)")]
    public int WeeksBeforeGain { get; init; } = 4;
}

namespace SensorHub.Core.Sessions.Screening;

/// <summary>Parameters of the questions before the first session.</summary>
public sealed record ScreeningOptions
{
    /// <summary>After it the questions are asked again.</summary>
    [Constant(1, 365, "d", Evidence.Engineering, "health changes within months")]
    public double ValidDays { get; init; } = 90;

    /// <summary>How long a clinician's clearance holds.</summary>
    [Constant(1, 365, "d", Evidence.Engineering, "a clinician sees the person again in between")]
    public double ClearanceDays { get; init; } = 90;
}

namespace SensorHub.Core.Sessions.Outcomes;

/// <summary>Across what a change is judged.</summary>
public enum Comparison : byte
{
    /// <summary>The clip stayed on.</summary>
    SameAttachment = 1,

    /// <summary>The clip was taken off and put back.</summary>
    NewAttachment = 2,
}

/// <summary>
/// How much a measure differs when nothing has changed. Where studies disagree both ends of their range are kept: a change is likely real
/// beyond the larger detectable change, and none is detectable below the smaller error.
/// </summary>
/// <param name="Sem">Standard error of measurement, in the unit of the measure.</param>
/// <param name="Mdc">Smallest detectable change, in the same unit.</param>
/// <param name="SemEvidence">Published, or derived from the published smallest detectable change.</param>
/// <param name="Source">Of the numbers.</param>
public sealed record DetectableChange(
    Measure Measure, Comparison Comparison, (double Lower, double Upper) Sem, (double Lower, double Upper) Mdc, Evidence SemEvidence, string Source);

/// <summary>The detectable changes that verdicts rest on: published ones, or a site's own where it has measured enough people.</summary>
public sealed class DetectableChanges
{
    /// <summary>Fewest people from which a site may take its own error.</summary>
    public const int FewestSubjects = 30;

    private readonly IReadOnlyList<DetectableChange> _table;

    private DetectableChanges(IReadOnlyList<DetectableChange> table) => _table = table;

    public static DetectableChanges Published { get; } = new(
    [
        new(Measure.PelvicRotation, Comparison.SameAttachment, (2.2, 3.4), (6, 9), Evidence.Published, "PMC3737781"),
        FromMdc(Measure.LumbarShare, Comparison.SameAttachment, (8, 15), Z90, "PMC5034504, 90 % limits"),
        new(Measure.StandingLordosis, Comparison.SameAttachment, (2.13, 2.13), (5.9, 5.9), Evidence.Published, "doi 10.1155/2016/3817270"),
        FromMdc(Measure.StandingLordosis, Comparison.NewAttachment, (10, 15), Z95, "PMC5034504"),
        new(Measure.SacralInclination, Comparison.SameAttachment, (1.61, 1.61), (4.5, 4.5), Evidence.Published, "doi 10.1155/2016/3817270"),
        new(Measure.KneeExtension, Comparison.NewAttachment, (2.6, 2.9), (7, 8), Evidence.Published, "PMID 25364856"),
        new(Measure.StraightLegRaise, Comparison.NewAttachment, (2.2, 4.2), (6, 12), Evidence.Published, "PMID 25364856, PMC3737781"),
        FromMdc(Measure.Pain, Comparison.NewAttachment, (1.77, 1.77), Z95, "doi 10.1055/a-1304-3677"),
    ]);

    private const double Z90 = 1.645;
    private const double Z95 = 1.96;

    /// <summary>The rows, for a table on a page.</summary>
    public IReadOnlyList<DetectableChange> Rows => _table;

    /// <summary>
    /// The row for a comparison; null when nobody has published one. What holds for a clip that was put on again holds for one that
    /// stayed on.
    /// </summary>
    public DetectableChange? Find(Measure measure, Comparison comparison) =>
        _table.FirstOrDefault(row => row.Measure == measure && row.Comparison == comparison)
        ?? (comparison == Comparison.SameAttachment ? _table.FirstOrDefault(row => row.Measure == measure) : null);

    /// <summary>The same table with a site's own error, from measuring people twice with nothing done between.</summary>
    /// <param name="sem">Standard error of measurement, in the unit of the measure.</param>
    /// <param name="subjects">People behind it.</param>
    /// <exception cref="UserException">Too few people, or no error.</exception>
    public DetectableChanges WithSite(Measure measure, Comparison comparison, double sem, int subjects)
    {
        if (subjects < FewestSubjects)
            throw new UserException(FormattableString.Invariant($"An error of {EnumNames.Of(measure)} from {subjects} people is too uncertain to judge by: it takes {FewestSubjects}."));
        if (!(sem > 0 && double.IsFinite(sem)))
            throw new UserException(FormattableString.Invariant($"The error of {EnumNames.Of(measure)} is {sem}; it is above 0."));
        var mdc = Z95 * Math.Sqrt(2) * sem;
        var site = new DetectableChange(measure, comparison, (sem, sem), (mdc, mdc), Evidence.Derived, FormattableString.Invariant($"this site, {subjects} people"));
        return new DetectableChanges([site, .. _table.Where(row => (row.Measure, row.Comparison) != (measure, comparison))]);
    }

    /// <summary>MDC = z·√2·SEM, read backwards.</summary>
    private static DetectableChange FromMdc(Measure measure, Comparison comparison, (double Lower, double Upper) mdc, double z, string source) =>
        new(measure, comparison, (mdc.Lower / (z * Math.Sqrt(2)), mdc.Upper / (z * Math.Sqrt(2))), mdc, Evidence.Derived, source);
}

using Hl7.Fhir.Model;
using SensorHub.Core;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using Measure = SensorHub.Core.Sessions.Outcomes.Measure;

namespace SensorHub.Export.Fhir;

/// <summary>The terms of the bundle: a code system of our own, for no LOINC code says what is measured here; UCUM for units; SNOMED CT for the coarse body site.</summary>
/// <param name="baseUri">That the code system and identifiers are named under, without '/' at its end.</param>
internal sealed class FhirCodes(string baseUri)
{
    public const string Ucum = "http://unitsofmeasure.org";
    private const string Snomed = "http://snomed.info/sct";

    /// <summary>Grows when a code gets another meaning.</summary>
    private const string Version = "1.0.0";

    private static readonly (string Code, string Display, string Definition)[] Others =
    [
        ("rolling-set", "Set of rolling", "Rolling one muscle with a foam roller until a rest."),
        ("standard-uncertainty", "Standard uncertainty", "One standard deviation of the value as an estimate of what was measured (JCGM 100:2008)."),
        ("repetitions", "Repetitions", "Stands, bends or raises behind the value."),
        ("run", "Run of the protocol", "When it was measured: before rolling, or two or ten minutes after it."),
        ("quality", "Quality", "How far the value can be trusted."),
        ("change", "Change from before rolling", "The value minus that before rolling."),
        ("change-standard-uncertainty", "Standard uncertainty of the change", "Of these two measurements."),
        ("smallest-detectable-change", "Smallest detectable change", "A change below it may be the error of measuring; of a published range the larger end."),
        ("verdict", "Verdict on the change", "What the change amounts to against the error of measuring. It is no medical finding."),
        ("contact-time", "Time in contact", "Time with the body on the roller."),
        ("time-in-band", "Time in the target band", "Time in contact with the force, or the pressure, in its band."),
        ("strokes", "Strokes", "One-way strokes along the muscle."),
        ("tempo", "Tempo", "Median duration of a stroke."),
        ("mean-force", "Mean force", "Between body and roller, over the time in contact."),
        ("peak-force", "Peak force", "Between body and roller."),
        ("relative-force", "Mean force relative to body weight", "In percent."),
        ("impulse", "Impulse", "Force integrated over the time in contact."),
        ("force-source", "Source of the force", "Measured by load cells, or modelled from the body mass."),
        ("measured", "Measured", "By load cells."),
        ("modelled", "Modelled", "From the body mass."),
        ("none", "None", "No force is known."),
    ];

    public string System => $"{baseUri}/CodeSystem/sensorhub";

    public string Participants => $"{baseUri}/participant";

    public string Serials => $"{baseUri}/device-serial";

    public CodeableConcept Concept(string code) => new(System, code, Display(code), null);

    public CodeableConcept Concept<T>(T value) where T : struct, Enum => Concept(Code(value));

    /// <summary><c>pelvic-rotation</c>.</summary>
    public static string Code<T>(T value) where T : struct, Enum => EnumNames.Of(value).Replace('_', '-');

    /// <summary>Where on the body; the coarse structure by SNOMED CT, side and muscle by our own code.</summary>
    public CodeableConcept? BodySite(Measure measure, Side side) => measure switch
    {
        Measure.PelvicRotation => new(Snomed, "12921003", "Pelvic structure", null),
        Measure.LumbarShare or Measure.StandingLordosis or Measure.SittingLordosis or Measure.SlumpedLordosis => new(Snomed, "122496007", "Lumbar spine structure", null),
        Measure.SacralInclination => new(Snomed, "54735007", "Bone structure of sacrum", null),
        Measure.StraightLegRaise or Measure.KneeExtension => new()
        {
            Coding = [new Coding(Snomed, "61685007", "Lower limb structure"), .. side == Side.None ? [] : new[] { new Coding(System, $"leg-{Code(side)}", Display($"leg-{Code(side)}")) }],
        },
        _ => null,
    };

    public CodeableConcept? BodySite(Muscle muscle, Side side) => muscle == Muscle.None ? null : Concept(side == Side.None ? Code(muscle) : $"{Code(muscle)}-{Code(side)}");

    /// <summary>A quantity in UCUM.</summary>
    public static Quantity Quantity(double value, string unit) => new(Math.Round((decimal)value, 4), unit, Ucum) { Code = unit };

    public static string Unit(Measure measure) => measure switch
    {
        Measure.Pain => "{score}",
        Measure.LumbarShare => "%",
        _ => "deg",
    };

    public CodeSystem CodeSystem() => new()
    {
        Url = System,
        Version = Version,
        Name = "SensorHub",
        Title = "SensorHub measures",
        Status = PublicationStatus.Active,
        Experimental = false,
        Description = "What SensorHub measures with a lumbar clip and a sensor roller. Angles are of the skin surface; none is a radiographic angle.",
        CaseSensitive = true,
        Content = CodeSystemContentMode.Complete,
        Count = Concepts.Count,
        Concept = [.. Concepts.Select(c => new CodeSystem.ConceptDefinitionComponent { Code = c.Key, Display = c.Value.Display, Definition = c.Value.Definition })],
    };

    public static string Display(string code) => Concepts.TryGetValue(code, out var concept) ? concept.Display : throw new ArgumentOutOfRangeException(nameof(code), code, "The code system has no such code.");

    private static SortedDictionary<string, (string Display, string Definition)> Concepts { get; } = All();

    private static SortedDictionary<string, (string Display, string Definition)> All()
    {
        var all = new SortedDictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var measure in Enum.GetValues<Measure>())
            all.Add(Code(measure), (Capital(OutcomeText.Name(measure)), Capital(OutcomeText.Name(measure)) + (OutcomeText.Unit(measure) == "deg" ? ", by inclination of the skin surface." : ".")));
        foreach (var run in Enum.GetValues<ProtocolRun>())
            all.Add(Code(run), (Capital(EnumNames.Of(run).Replace('_', ' ')), run == ProtocolRun.Before ? "Before rolling." : "After rolling."));
        foreach (var verdict in Enum.GetValues<Verdict>())
            all.Add(Code(verdict), (Capital(OutcomeText.Name(verdict)), verdict switch
            {
                Verdict.LikelyReal => "At least the smallest detectable change.",
                Verdict.Uncertain => "Between the error of measuring and the smallest detectable change.",
                Verdict.NoDetectableChange => "Below the error of measuring.",
                _ => "Not judged.",
            }));
        foreach (var quality in Enum.GetValues<Quality>())
            all.Add(Code(quality), (Capital(EnumNames.Of(quality).Replace('_', ' ')), quality switch
            {
                Quality.Good => "Nothing speaks against it.",
                Quality.Degraded => "Computed, with a reason to doubt.",
                _ => "The sensors there are cannot know it.",
            }));
        foreach (var muscle in Enum.GetValues<Muscle>().Where(m => m != Muscle.None))
            foreach (var side in Enum.GetValues<Side>())
                all.Add(side == Side.None ? Code(muscle) : $"{Code(muscle)}-{Code(side)}",
                    (Capital(MuscleFacts.Of(muscle).Name) + (side == Side.None ? "" : $", {EnumNames.Of(side)}"), "The muscle that was rolled."));
        foreach (var side in new[] { Side.Left, Side.Right })
            all.Add($"leg-{Code(side)}", ($"{Capital(EnumNames.Of(side))} leg", "The leg that was raised or extended."));
        foreach (var method in new[] { "median-of-stands", "mean-of-bends", "mean-of-raises", "still-sitting", "reported" })
            all.Add(method, (Capital(method.Replace('-', ' ')), "How the value was got."));
        foreach (var (code, display, definition) in Others)
            all.Add(code, (display, definition));
        return all;
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

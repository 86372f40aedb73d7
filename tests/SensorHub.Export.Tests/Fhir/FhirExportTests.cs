using System.Text.Json;
using Firely.Fhir.Validation;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Source;
using Hl7.Fhir.Specification.Terminology;
using SensorHub.Bluetooth.Virtual;
using SensorHub.Bluetooth.Virtual.Person;
using SensorHub.Core;
using SensorHub.Export.Fhir;
using SensorHub.Export.Studies;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Export.Tests.Fhir;

/// <summary>The bundle of a virtual person who does the whole protocol: the pelvis goes 10° further in the bends after rolling, 30° and then 40°.</summary>
public sealed class FhirExportTests(SimulatedStudy study)
{
    [Fact]
    public async System.Threading.Tasks.Task A_bundle_is_valid_by_the_models_and_by_the_structure_definitions_of_R4()
    {
        var bundle = Parse(await ExportAsync()); // strictly: whatever the models forbid throws

        var source = new CachedResolver(ZipSource.CreateValidationSource(Path.Combine(AppContext.BaseDirectory, "specification.zip")));
        var validator = new Firely.Fhir.Validation.Validator(source, LocalTerminologyService.CreateDefaultForCore(source), null, new ValidationSettings());
        var outcome = validator.Validate(bundle, null);
        Assert.DoesNotContain(outcome.Issue, issue => issue.Severity is OperationOutcome.IssueSeverity.Error or OperationOutcome.IssueSeverity.Fatal);
        foreach (var issue in outcome.Issue)
            TestContext.Current.TestOutputHelper?.WriteLine($"{issue.Severity}: {issue.Details?.Text} {string.Join(' ', issue.Expression)}");
    }

    [Fact]
    public async System.Threading.Tasks.Task The_measures_are_those_of_the_person_in_UCUM_with_their_uncertainty_and_verdict()
    {
        var bundle = Parse(await ExportAsync());
        var observations = bundle.Entry.Select(e => e.Resource).OfType<Observation>().ToArray();

        var rotations = observations.Where(o => o.Code!.Coding[0].Code == "pelvic-rotation").ToDictionary(o => Code(o, "run"));
        Assert.Equal(["after-two-minutes", "before"], rotations.Keys.Order());
        AssertCovers(rotations["before"], 30);
        AssertCovers(rotations["after-two-minutes"], 40);
        Assert.Contains(Code(rotations["after-two-minutes"], "verdict"), new[] { "likely-real", "uncertain" });
        Assert.Equal("12921003", rotations["before"].BodySite!.Coding[0].Code);
        Assert.Equal(2, observations.Count(o => o.Code!.Coding[0].Code == "rolling-set"));

        var codes = bundle.Entry.Select(e => e.Resource).OfType<CodeSystem>().Single();
        var known = codes.Concept.Select(c => c.Code).ToHashSet();
        var used = observations.SelectMany(o => o.Component.Select(c => c.Code).Concat(o.Component.Select(c => c.Value).OfType<CodeableConcept>()).Append(o.Code).Append(o.BodySite).Append(o.Method))
            .OfType<CodeableConcept>().SelectMany(c => c.Coding).Where(c => c.System == codes.Url);
        Assert.All(used, coding => Assert.Contains(coding.Code, known));

        var urls = bundle.Entry.Select(e => e.FullUrl).ToHashSet();
        Assert.All(observations, o => Assert.Contains(o.Subject!.Reference, urls));
        Assert.All(observations.Where(o => o.Device is not null), o => Assert.Contains(o.Device!.Reference, urls));
    }

    [Fact]
    public async System.Threading.Tasks.Task Nobody_is_named_but_by_the_pseudonym()
    {
        var patient = Parse(await ExportAsync()).Entry.Select(e => e.Resource).OfType<Patient>().Single();
        Assert.Equal("p9", Assert.Single(patient.Identifier).Value);
        Assert.Empty(patient.Name);
        Assert.Null(patient.BirthDate);
        Assert.Null(patient.Gender);
    }

    private static void AssertCovers(Observation observation, double truth)
    {
        var value = (Quantity)observation.Value!;
        Assert.Equal(("deg", "http://unitsofmeasure.org", "deg"), (value.Unit, value.System, value.Code));
        var uncertainty = ((Quantity)observation.Component.Single(c => c.Code!.Coding[0].Code == "standard-uncertainty").Value!).Value!.Value;
        Assert.InRange(Math.Abs((double)value.Value!.Value - truth), 0, 2 * (double)uncertainty);
    }

    private static string Code(Observation observation, string component) =>
        ((CodeableConcept)observation.Component.Single(c => c.Code!.Coding[0].Code == component).Value!).Coding[0].Code!;

    private static Bundle Parse(string file) => JsonSerializer.Deserialize<Bundle>(
        File.ReadAllText(file), new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector).UsingMode(DeserializationMode.Strict))!;

    private async Task<string> ExportAsync()
    {
        var root = study.NewFolder();
        var session = new SimulatedSession(new SimulationOptions { Scenario = Scenario.Protocol, Seed = 11, Session = Slug.Parse("protocol"), Subject = Slug.Parse("p9") });
        using (var recorder = new Recorder(Path.Combine(root, "recordings"), line => Assert.Fail(line)))
        {
            session.Run(recorder.OnNext, TestContext.Current.CancellationToken);
            recorder.OnCompleted();
        }
        var folder = Path.Combine(root, "out");
        await Exported.WriteAsync(folder, FhirExport.Format, f => new FhirExport(f, "https://clinic.example/fhir"), [new StudyEntry(Path.Combine(root, "recordings", "protocol"), "p9", "one", "protocol")]);
        return Directory.GetFiles(folder, "*.fhir.json").Single();
    }
}

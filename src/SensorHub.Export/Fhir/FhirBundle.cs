using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Rolling;
using SensorHub.Core.Sessions.Guided;
using SensorHub.Core.Sessions.Outcomes;
using Measure = SensorHub.Core.Sessions.Outcomes.Measure;
using SensorHub.Core.Timing;
using SensorHub.Export.Recordings;
using Device = SensorHub.Export.Recordings.Device;
using FhirDevice = Hl7.Fhir.Model.Device;

namespace SensorHub.Export.Fhir;

/// <summary>The clinical measures of a session as a FHIR R4 bundle. The same session gives the same bytes: ids are made from the recording.</summary>
internal sealed class FhirBundle
{
    private readonly FhirCodes _codes;
    private readonly Provenance _provenance;
    private readonly Bundle _bundle;
    private readonly ResourceReference _patient;
    private readonly Dictionary<Slug, ResourceReference> _devices = [];

    public FhirBundle(Provenance provenance, FhirCodes codes)
    {
        (_provenance, _codes) = (provenance, codes);
        _bundle = new Bundle
        {
            Id = Identity("bundle"),
            Type = Bundle.BundleType.Collection,
            Timestamp = provenance.Outline.End.ToDateTimeOffset(),
            Identifier = new Identifier($"{codes.System}/bundle", provenance.Outline.Sha256),
        };
        Add("code-system", codes.CodeSystem());
        var pseudonym = provenance.Entry.Participant;
        _patient = Add($"participant {pseudonym}", Told(new Patient { Identifier = [new Identifier(codes.Participants, pseudonym)] }, $"Participant {pseudonym} (a pseudonym)"));
        foreach (var device in provenance.Outline.Devices)
            _devices.Add(device.Sensor, Add($"device {device.Sensor}", Describe(device)));
    }

    /// <summary>A value of a run, with what it changed by against the one before rolling.</summary>
    public void Add(ProtocolRun run, MeasureValue value, Change? change)
    {
        var unit = FhirCodes.Unit(value.Measure);
        var observation = Observation(
            value.Measure == Measure.Pain ? "survey" : "exam", _codes.Concept(value.Measure), new FhirDateTime(Time(value.At)), _codes.BodySite(value.Measure, value.Side),
            value.Measure == Measure.Pain ? null : ClipOf());
        observation.Value = FhirCodes.Quantity(value.Value.Value, unit);
        observation.Method = _codes.Concept(value.Method);
        observation.Component =
        [
            Component("run", _codes.Concept(run)),
            Component("standard-uncertainty", FhirCodes.Quantity(value.Value.StandardUncertainty, unit)),
            Component("repetitions", new Integer(value.Repetitions)),
            Component("quality", _codes.Concept(value.Quality)),
        ];
        if (change is { Difference: { } difference })
        {
            observation.Component.Add(Component("change", FhirCodes.Quantity(difference.Value, unit)));
            observation.Component.Add(Component("change-standard-uncertainty", FhirCodes.Quantity(difference.StandardUncertainty, unit)));
            if (change.Detectable is { } detectable)
                observation.Component.Add(Component("smallest-detectable-change", FhirCodes.Quantity(detectable.Mdc.Upper, unit)));
            observation.Component.Add(Component("verdict", _codes.Concept(change.Verdict)));
            observation.Note = [new Annotation { Text = $"{OutcomeText.Sentence(change)} {OutcomeText.Limits}" }];
        }
        Add($"{EnumNames.Of(run)} {EnumNames.Of(value.Measure)} {EnumNames.Of(value.Side)}", Told(observation, string.Create(CultureInfo.InvariantCulture,
            $"{FhirCodes.Display(FhirCodes.Code(value.Measure))}, {EnumNames.Of(run).Replace('_', ' ')}: {value.Value.Value:0.0} {unit} ± {value.Value.StandardUncertainty:0.0}")));
    }

    public void Add(RollingSet set)
    {
        var observation = Observation(
            "activity", _codes.Concept("rolling-set"), new Period(new FhirDateTime(Time(set.Start)), new FhirDateTime(Time(set.Time))), _codes.BodySite(set.Muscle, set.Side), _devices.GetValueOrDefault(set.Sensor));
        observation.Component =
        [
            Component("contact-time", FhirCodes.Quantity(set.ContactTime.TotalSeconds, "s")),
            Component("time-in-band", FhirCodes.Quantity(set.TimeInBand.TotalSeconds, "s")),
            Component("strokes", FhirCodes.Quantity(set.Strokes, "1")),
            Component("force-source", _codes.Concept(set.Source)),
            Component("quality", _codes.Concept(set.Quality)),
        ];
        AddIf("tempo", set.Tempo, "s");
        AddIf("mean-force", set.MeanForce?.Value, "N");
        AddIf("peak-force", set.PeakForce?.Value, "N");
        AddIf("relative-force", set.BodyWeightPercent?.Value, "%");
        AddIf("impulse", set.Impulse?.Value, "N.s");
        Add($"set {set.Sensor} {set.Start}", Told(observation, string.Create(CultureInfo.InvariantCulture,
            $"Set of rolling, {EnumNames.Of(set.Muscle).Replace('_', ' ')} {EnumNames.Of(set.Side)}: {set.ContactTime.TotalSeconds:0} s in contact, {set.Strokes} strokes")));

        void AddIf(string code, double? value, string unit)
        {
            if (value is { } number)
                observation.Component.Add(Component(code, FhirCodes.Quantity(number, unit)));
        }
    }

    /// <summary>The number of observations.</summary>
    public int Observations => _bundle.Entry.Count(e => e.Resource is Observation);

    public string ToJson() => new FhirJsonSerializer().SerializeToString(_bundle, pretty: true).ReplaceLineEndings("\n") + "\n";

    private Observation Observation(string category, CodeableConcept code, DataType effective, CodeableConcept? site, ResourceReference? device) => new()
    {
        Status = ObservationStatus.Final,
        Category = [new CodeableConcept("http://terminology.hl7.org/CodeSystem/observation-category", category)],
        Code = code,
        Subject = _patient,
        Effective = effective,
        BodySite = site,
        Device = device,
    };

    private Observation.ComponentComponent Component(string code, DataType value) => new() { Code = _codes.Concept(code), Value = value };

    private ResourceReference? ClipOf() =>
        _provenance.Outline.Devices.FirstOrDefault(d => d.Descriptor.Kind == SensorKind.Clip) is { } clip ? _devices[clip.Sensor] : null;

    private FhirDevice Describe(Device device)
    {
        var name = device.Descriptor.Kind == SensorKind.Clip ? "Lumbar clip" : "Sensor roller";
        return Told(
            new FhirDevice
            {
                Identifier = [new Identifier(_codes.Serials, device.Descriptor.Serial)],
                Status = FhirDevice.FHIRDeviceStatus.Active,
                SerialNumber = device.Descriptor.Serial,
                DeviceName = [new FhirDevice.DeviceNameComponent { Name = name, Type = DeviceNameType.UserFriendlyName }],
                Type = new CodeableConcept { Text = $"{name} with inertial measurement units" },
                Version =
                [
                    .. device.Firmwares.Select(f => new FhirDevice.VersionComponent { Type = new CodeableConcept { Text = "firmware" }, Value = f }),
                    new FhirDevice.VersionComponent { Type = new CodeableConcept { Text = "algorithms" }, Value = _provenance.Algorithm },
                ],
            },
            $"{name}, serial number {device.Descriptor.Serial}");
    }

    private static T Told<T>(T resource, string text) where T : DomainResource
    {
        resource.Text = new Narrative($"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{WebUtility.HtmlEncode(text)}</p></div>") { Status = Narrative.NarrativeStatus.Generated };
        return resource;
    }

    private ResourceReference Add(string name, DomainResource resource)
    {
        if (resource.Text is null)
            Told(resource, "Codes of SensorHub");
        var url = $"urn:uuid:{Identity(name)}";
        _bundle.Entry.Add(new Bundle.EntryComponent { FullUrl = url, Resource = resource });
        return new ResourceReference(url);
    }

    /// <summary>A UUID of version 8 (RFC 9562): from the recording, what was made of it, and the name.</summary>
    private string Identity(string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{_provenance.Outline.Sha256} {_provenance.Entry.Name} {name}")).AsSpan(0, 16).ToArray();
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>UTC, to the millisecond.</summary>
    private static string Time(Timestamp time) => time.ToString()[..23] + "Z";
}

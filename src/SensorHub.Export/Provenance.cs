using System.Security.Cryptography;
using System.Text.Json;
using SensorHub.Export.Recordings;
using SensorHub.Export.Studies;
using SensorHub.Pipelines;

namespace SensorHub.Export;

/// <summary>What the numbers of an export come from.</summary>
/// <param name="Software">Name and version of the program.</param>
/// <param name="Algorithm">Version of the estimators.</param>
/// <param name="OptionsSha256">Of everything that can be set of them.</param>
/// <param name="Outline">Of the recording.</param>
/// <param name="Entry">Where it belongs.</param>
public sealed record Provenance(string Software, string Algorithm, string OptionsSha256, SessionOutline Outline, StudyEntry Entry)
{
    /// <summary>Grows when an export of the same recording gives other files.</summary>
    public const int Layout = 1;

    public static Provenance Of(SessionReader reader, StudyEntry entry, FeatureOptions options) =>
        new($"SensorHub {Version}", Version, Hash(options), reader.Outline, entry);

    /// <summary>Version of the estimators, which is that of the assembly they are in.</summary>
    public static string Version { get; } = typeof(FeaturePipeline).Assembly.GetName().Version!.ToString(3);

    /// <summary>Which build it is: of a program under development, estimates change without its version.</summary>
    private static string Build { get; } = string.Join(' ', new[] { typeof(Core.Feature), typeof(FeaturePipeline), typeof(Provenance) }.Select(t => t.Module.ModuleVersionId.ToString("N")));

    /// <summary>Everything that the bytes of an export depend on.</summary>
    public string Key => JsonSerializer.Serialize(new
    {
        Layout,
        Software,
        Build,
        OptionsSha256,
        Outline.Sha256,
        Entry.Name,
        Entry.Task,
        Entry.Protocol,
        Entry.Window,
        Entry.Attributes,
        Imported = Outline.Imported.Select(m => new { At = m.At.UnixNanoseconds, m.SourceSha256 }),
    });

    /// <summary>For people and programs, by name, in a fixed order.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts =>
    [
        ("software", Software),
        ("algorithm_version", Algorithm),
        ("options_sha256", OptionsSha256),
        ("recording_sha256", Outline.Sha256),
        ("recording_bytes", Outline.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("recorded_session", Outline.Session.ToString()),
        ("subject", Outline.Subject.ToString()),
        ("start", Outline.Start.ToString()),
        ("end", Outline.End.ToString()),
        ("participant", Entry.Participant),
        ("session", Entry.Session ?? ""),
        ("task", Entry.Task),
        ("protocol", Entry.Protocol ?? ""),
        .. Outline.Devices.Select(d => ($"firmware.{d.Sensor}", string.Join(' ', d.Firmwares))),
        .. Outline.Devices.Select(d => ($"serial.{d.Sensor}", d.Descriptor.Serial)),
    ];

    /// <summary>SHA-256 of the options as JSON, in hexadecimal.</summary>
    public static string Hash(FeatureOptions options) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(options)));
}

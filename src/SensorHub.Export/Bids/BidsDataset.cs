using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SensorHub.Core;

namespace SensorHub.Export.Bids;

/// <summary>The files of a dataset that are made from all of its recordings.</summary>
internal static class BidsDataset
{
    /// <summary>Of the specification that it follows.</summary>
    public const string Version = "1.10.0";

    private const string ScansHeader = "filename\tacq_time\tduration_s\tgaps\tsamples_lost\tclock_u_ms\tclock_drift_ppm\talgorithm_version\toptions_sha256\trecording_sha256\tprotocol\n";

    private static readonly Dictionary<string, JsonObject> KnownAttributes = new()
    {
        ["age"] = new JsonObject { ["Description"] = "Age of the participant.", ["Units"] = "year" },
        ["sex"] = new JsonObject { ["Description"] = "Sex of the participant as they said it." },
        ["group"] = new JsonObject { ["Description"] = "Arm of the study." },
        ["arm"] = new JsonObject { ["Description"] = "Arm of the study." },
        ["handedness"] = new JsonObject { ["Description"] = "Handedness of the participant as they said it." },
        ["height_cm"] = new JsonObject { ["Description"] = "Height.", ["Units"] = "cm" },
        ["weight_kg"] = new JsonObject { ["Description"] = "Body mass.", ["Units"] = "kg" },
    };

    public static void Write(ExportFolder folder, BidsOptions options)
    {
        var notes = folder.Read();
        var description = new JsonObject
        {
            ["Name"] = options.Name,
            ["BIDSVersion"] = Version,
            ["DatasetType"] = "raw",
        };
        if (options.License is not null)
            description["License"] = options.License;
        if (options.Authors.Count > 0)
            description["Authors"] = new JsonArray([.. options.Authors.Select(a => (JsonNode)a)]);
        description["GeneratedBy"] = new JsonArray(new JsonObject
        {
            ["Name"] = "SensorHub",
            ["Version"] = Provenance.Version,
            ["Description"] = "sensorhub export bids: samples from the recorded frames, on one clock.",
        });
        Write("dataset_description.json", Json.Text(description));
        Write("README", BidsText.Readme);
        var newest = notes.Select(n => n.Facts["end"]).Max(StringComparer.Ordinal) ?? "";
        Write("CHANGES", $"1.0.0 {(newest.Length >= 10 ? newest[..10] : "")}\n  - Exported from SensorHub recordings\n");
        WriteParticipants();
        foreach (var session in notes.GroupBy(n => (Participant: n.Facts["participant"], Session: n.Facts["session"])))
        {
            var (participant, label) = session.Key;
            var stem = label.Length == 0 ? $"sub-{participant}/sub-{participant}" : $"sub-{participant}/ses-{label}/sub-{participant}_ses-{label}";
            var rows = session.SelectMany(n => n.Facts["scans"].Split('\n', StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal);
            Write($"{stem}_scans.tsv", ScansHeader + string.Concat(rows.Select(row => row + "\n")));
            Write($"{stem}_scans.json", BidsText.ScansSidecar());
        }

        void WriteParticipants()
        {
            var people = notes.GroupBy(n => n.Facts["participant"], StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => (Name: g.Key, Attributes: g.SelectMany(n => JsonSerializer.Deserialize<Dictionary<string, string>>(n.Facts["attributes"])!).DistinctBy(a => a.Key).ToDictionary()))
                .ToArray();
            string[] attributes = [.. people.SelectMany(p => p.Attributes.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            var text = new StringBuilder().AppendJoin('\t', ["participant_id", .. attributes]).Append('\n');
            foreach (var (name, values) in people)
                text.AppendJoin('\t', [$"sub-{name}", .. attributes.Select(a => values.TryGetValue(a, out var value) ? value.Replace('\t', ' ') : "n/a")]).Append('\n');
            Write("participants.tsv", text.ToString());
            var dictionary = new JsonObject { ["participant_id"] = BidsText.Described("Pseudonym of the participant.") };
            foreach (var attribute in attributes)
                dictionary[attribute] = KnownAttributes.TryGetValue(attribute, out var known) ? known.DeepClone() : BidsText.Described("As the study has it.");
            Write("participants.json", Json.Text(dictionary));
        }

        void Write(string path, string text) => WholeFile.Write(Path.Combine(folder.Root, path), text);
    }
}

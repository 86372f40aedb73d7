using System.Text.Json.Nodes;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>A dashboard as dashboards/grafana/dashboards has it.</summary>
internal sealed class Dashboard
{
    private Dashboard(string file)
    {
        File = Path.GetFileName(file);
        Json = JsonNode.Parse(System.IO.File.ReadAllText(file))!;
        Panels = [.. Json["panels"]!.AsArray().Select(p => new Panel(p!))];
        Variables = [.. Json["templating"]!["list"]!.AsArray().Select(v => v!)];
    }

    public static IReadOnlyList<Dashboard> All { get; } =
        [.. Directory.GetFiles(Repository.PathOf("dashboards", "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal).Select(f => new Dashboard(f))];

    public string File { get; }

    public JsonNode Json { get; }

    public string Title => (string)Json["title"]!;

    public IReadOnlyList<Panel> Panels { get; }

    public IReadOnlyList<JsonNode> Variables { get; }

    public Panel this[string title] => Panels.Single(p => p.Title == title && !p.IsRow);

    public IEnumerable<Query> Annotations => Json["annotations"]!["list"]!.AsArray().Where(a => a!["target"] is not null).Select(a => new Query((string)a!["name"]!, (string)a["target"]!["query"]!, IsTable: true));

    public override string ToString() => File;
}

internal sealed class Panel(JsonNode json)
{
    public JsonNode Json => json;

    public string Title => (string)json["title"]!;

    public string Type => (string)json["type"]!;

    public bool IsRow => Type == "row";

    public (int X, int Y, int W, int H) Place => ((int)json["gridPos"]!["x"]!, (int)json["gridPos"]!["y"]!, (int)json["gridPos"]!["w"]!, (int)json["gridPos"]!["h"]!);

    public IEnumerable<JsonNode> Targets => (json["targets"] as JsonArray ?? []).Select(t => t!);

    /// <summary>What it asks InfluxDB.</summary>
    public IEnumerable<Query> Queries => Targets.Where(t => t["query"] is not null).Select(t => new Query((string)t["refId"]!, (string)t["query"]!, (string)t["resultFormat"]! == "table"));

    public IEnumerable<double> Thresholds => json["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]!.AsArray().Where(s => s!["value"] is not null).Select(s => (double)s!["value"]!);

    public string Description => (string?)json["description"] ?? "";
}

/// <param name="IsTable">Rows of columns; otherwise a value over time.</param>
internal sealed record Query(string Name, string Text, bool IsTable);

using SensorHub.Testing;
using YamlDotNet.RepresentationModel;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>The YAML files beside the dashboards.</summary>
internal static class Provisioning
{
    public static YamlMappingNode Read(params ReadOnlySpan<string> path)
    {
        using var file = new StreamReader(Repository.PathOf(["dashboards", .. path]));
        var yaml = new YamlStream();
        yaml.Load(file);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    public static YamlNode? Get(this YamlNode node, string key) => node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    public static string Text(this YamlNode node, string key) => ((YamlScalarNode)node.Get(key)!).Value!;

    public static IEnumerable<YamlNode> Items(this YamlNode? node) => node is YamlSequenceNode list ? list.Children : [];

    public static IEnumerable<YamlNode> Rules => Read("grafana", "provisioning", "alerting", "rules.yaml").Get("groups").Items().SelectMany(g => g.Get("rules").Items());

    /// <summary>Rules on what is stored: the query, and what its value is held against.</summary>
    public static IEnumerable<(string Uid, string Query, double Limit, bool Above)> InfluxRules =>
        from rule in Rules
        let data = rule.Get("data").Items().ToList()
        where data[0].Text("datasourceUid") == "sensorhub-influx"
        let evaluator = data[2].Get("model")!.Get("conditions").Items().Single().Get("evaluator")!
        select (rule.Text("uid"), data[0].Get("model")!.Text("query"), double.Parse(((YamlScalarNode)evaluator.Get("params").Items().Single()).Value!, System.Globalization.CultureInfo.InvariantCulture), evaluator.Text("type") == "gt");
}

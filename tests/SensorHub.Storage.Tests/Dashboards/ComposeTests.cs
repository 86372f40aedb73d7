using System.Text.RegularExpressions;
using SensorHub.Testing;
using YamlDotNet.RepresentationModel;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>dashboards/compose.yaml and what it mounts, as far as they can be checked without a container engine.</summary>
public sealed partial class ComposeTests
{
    private static readonly YamlMappingNode Compose = Provisioning.Read("compose.yaml");

    public static TheoryData<string> Services => [.. Names("services")];

    [Fact]
    public void The_full_stack_is_there() =>
        Assert.Superset(new HashSet<string> { "hub", "bridge", "mosquitto", "influxdb", "grafana", "prometheus" }, Names("services").ToHashSet());

    [Theory]
    [MemberData(nameof(Services))]
    public void An_image_is_pinned_to_a_version(string name) => Assert.Matches(@":v?\d+\.\d+\.\d+$", Text(Property(name, "image")!));

    [Theory]
    [MemberData(nameof(Services))]
    public void Nothing_is_published_beyond_loopback(string name) => Assert.All(List(name, "ports"), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));

    /// <summary>Those that share the machine's network listen on its loopback: SensorHub's programs always, the others because they are told to.</summary>
    [Theory]
    [InlineData("prometheus", "command", "--web.listen-address=127.0.0.1:9090")]
    [InlineData("grafana", "environment", "GF_SERVER_HTTP_ADDR=127.0.0.1")]
    public void What_shares_the_machines_network_listens_on_its_loopback(string name, string property, string told) =>
        Assert.Contains(told, property == "environment" ? Environment(name).Select(e => $"{e.Key}={e.Value}") : List(name, property));

    [Theory]
    [MemberData(nameof(Services))]
    public void What_a_service_names_is_declared(string name)
    {
        Assert.Subset(Names("services").ToHashSet(), (Property(name, "depends_on") as YamlMappingNode)?.Children.Keys.Select(Text).ToHashSet() ?? []);
        Assert.Subset(Names("networks").ToHashSet(), List(name, "networks").ToHashSet());
        Assert.Subset(Names("secrets").ToHashSet(), List(name, "secrets").ToHashSet());
        foreach (var source in List(name, "volumes").Select(v => v.Split(':')[0]))
            if (source.StartsWith('.'))
                Assert.True(source.StartsWith("./secrets/", StringComparison.Ordinal) || Path.Exists(Repository.PathOf("dashboards", source)), $"{name} mounts {source}, which is not in the repository.");
            else if (!source.StartsWith('/'))
                Assert.Contains(source, Names("volumes"));
        foreach (var secret in Environment(name).Values.Concat(List(name, "command")).SelectMany(v => Secret().Matches(v)).Select(m => m.Groups[1].Value))
            Assert.Contains(secret, List(name, "secrets"));
        if (Property(name, "build") is { } build)
            Assert.True(File.Exists(Repository.PathOf("dashboards", build.Text("context"), build.Text("dockerfile"))));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void No_password_is_in_the_file(string name) =>
        Assert.All(Environment(name).Where(e => e.Key.Contains("PASSWORD", StringComparison.Ordinal) || e.Key.Contains("TOKEN", StringComparison.Ordinal)), e =>
        {
            Assert.EndsWith("_FILE", e.Key, StringComparison.Ordinal);
            Assert.StartsWith("/run/secrets/", e.Value, StringComparison.Ordinal);
        });

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_that_stays_says_whether_it_is_well(string name) =>
        Assert.True(Text(Property(name, "restart")!) == "no" || Property(name, "healthcheck") is not null, $"{name} has no health check.");

    [Fact]
    public void Secrets_are_files_that_the_repository_does_not_have()
    {
        var secrets = (YamlMappingNode)Compose.Get("secrets")!;

        Assert.All(secrets.Children.Values, secret => Assert.StartsWith("./secrets/", secret.Text("file"), StringComparison.Ordinal));
        Assert.Contains("dashboards/secrets/", File.ReadAllLines(Repository.PathOf(".gitignore")));
    }

    [Fact]
    public void The_programs_container_does_not_run_as_root()
    {
        var lines = File.ReadAllLines(Repository.PathOf("dashboards", "Dockerfile"));

        Assert.Equal(2, lines.Count(l => l.StartsWith("FROM ", StringComparison.Ordinal)));
        Assert.Equal("USER $APP_UID", lines.Last(l => l.StartsWith("USER ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_hub_keeps_what_the_bridge_beside_it_has_not_stored_yet() => Assert.Equal("store,influx", Environment("hub")["SENSORHUB_MQTT__CONFIRM"]);

    [Fact]
    public void Prometheus_asks_hub_and_bridge_where_they_listen()
    {
        var asked = Provisioning.Read("prometheus", "prometheus.yml").Get("scrape_configs").Items().SelectMany(s => s.Get("static_configs").Items()).ToDictionary(
            c => c.Get("labels")!.Text("instance"), c => Text(c.Get("targets").Items().Single()));

        Assert.Equal($"127.0.0.1:{Environment("hub")["SENSORHUB_WEB__PORT"]}", asked["hub"]);
        Assert.Equal($"127.0.0.1:{List("bridge", "command")[List("bridge", "command").IndexOf("--port") + 1]}", asked["bridge"]);
    }

    [Fact]
    public void Grafana_gets_the_variables_and_secrets_that_its_data_sources_ask_for()
    {
        var files = Directory.GetFiles(Repository.PathOf("dashboards", "grafana", "provisioning"), "*.yaml", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();

        Assert.Superset(files.SelectMany(f => Variable().Matches(f)).Select(m => m.Groups[1].Value).ToHashSet(), Environment("grafana").Keys.ToHashSet());
        Assert.Superset(files.SelectMany(f => Secret().Matches(f)).Select(m => m.Groups[1].Value).ToHashSet(), List("grafana", "secrets").ToHashSet());
    }

    [Fact]
    public void Dashboards_and_alerts_use_the_data_sources_that_are_provisioned()
    {
        var sources = Provisioning.Read("grafana", "provisioning", "datasources", "sensorhub.yaml").Get("datasources").Items().ToDictionary(d => d.Text("uid"), d => d.Text("type"));

        Assert.All(Dashboard.All.SelectMany(d => d.Variables).Where(v => (string)v["type"]! == "datasource"), v => Assert.Equal((string)v["query"]!, sources[(string)v["current"]!["value"]!]));
        Assert.All(Provisioning.Rules.SelectMany(r => r.Get("data").Items()).Select(d => d.Text("datasourceUid")), uid => Assert.Contains(uid, sources.Keys.Append("__expr__")));
        Assert.Equal(Provisioning.Rules.Count(), Provisioning.Rules.Select(r => r.Text("uid")).Distinct().Count());
    }

    private static List<string> Names(string section) => [.. ((YamlMappingNode)Compose.Get(section)!).Children.Keys.Select(Text)];

    /// <summary>Of the service, or of the part that it takes over by <c>&lt;&lt;</c>.</summary>
    private static YamlNode? Property(string service, string name)
    {
        var node = Compose.Get("services")!.Get(service)!;
        return node.Get(name) ?? node.Get("<<")?.Get(name);
    }

    private static List<string> List(string service, string name) => [.. Property(service, name).Items().Select(Text)];

    private static Dictionary<string, string> Environment(string service) =>
        (Property(service, "environment") as YamlMappingNode)?.Children.ToDictionary(e => Text(e.Key), e => Text(e.Value)) ?? [];

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    [GeneratedRegex(@"/run/secrets/(\w+)")]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?<!\$__file)\$\{(\w+)\}")]
    private static partial Regex Variable();
}

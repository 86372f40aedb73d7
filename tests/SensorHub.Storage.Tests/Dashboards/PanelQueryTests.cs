using System.Text;
using System.Text.Json.Nodes;
using SensorHub.Core.Timing;
using SensorHub.Testing;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>Every query of every panel, as Grafana sends it, to a real InfluxDB with a week in it.</summary>
public sealed class PanelQueryTests(SimulatedWeek week, ITestOutputHelper output) : IClassFixture<SimulatedWeek>
{
    /// <summary>After a change of the dashboards: UPDATE_GOLDEN=1 and this test.</summary>
    [Fact]
    public async Task Every_panel_gets_the_series_it_should_and_they_have_values()
    {
        var table = new StringBuilder();
        Line("# What each panel gets");
        Line();
        Line("From InfluxDB 1.6.7 with a simulated week of two people at two hubs in it: variables at *All* (where one is to be chosen: the first person), the");
        Line("range the whole week, for the live page the last six minutes. A test runs each query, as Grafana sends it, and keeps this table; `0` is nowhere in it.");
        var empty = new List<string>();
        foreach (var dashboard in Dashboard.All)
        {
            var grafana = await ChosenAsync(dashboard);
            Line();
            Line($"## {dashboard.Title}");
            Line();
            Line("| panel | query | series | columns |");
            Line("| --- | --- | ---: | --- |");
            foreach (var (panel, query) in dashboard.Panels.SelectMany(p => p.Queries.Select(q => (p.Title, q))).Concat(dashboard.Annotations.Select(a => ("annotations", a))))
            {
                var series = await week.AskAsync(grafana.Expand(query.Text));
                var valued = series.Where(HasValues).ToList();
                if (valued.Count == 0)
                    empty.Add($"{dashboard.File}: {panel} {query.Name}: {grafana.Expand(query.Text)}");
                var columns = valued.Count == 0 ? [] : valued[0]["columns"]!.AsArray().Skip(1).Select(c => (string)c!);
                Line($"| {panel} | {query.Name} | {valued.Count} | {string.Join(", ", columns)} |");
            }
        }
        output.WriteLine(table.ToString());
        Assert.Empty(empty);

        var file = Repository.PathOf("dashboards", "panels.md");
        if (Repository.UpdatesGoldenFiles)
            await File.WriteAllTextAsync(file, table.ToString(), TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), table.ToString(), ignoreLineEndingDifferences: true);

        void Line(string line = "") => table.Append(line).Append('\n');
    }

    [Fact]
    public async Task Points_that_were_taken_back_are_counted_where_they_are_asked_for_and_nowhere_else()
    {
        var all = (long)(await week.AskAsync("SELECT count(\"finality\") FROM \"posture\""))[0]["values"]![0]![1]!;
        var valid = (long)(await week.AskAsync("SELECT count(\"finality\") FROM \"posture\" WHERE \"finality\" != 'superseded'"))[0]["values"]![0]![1]!;

        Assert.Equal(100, all - valid);
    }

    [Fact]
    public async Task Alert_rules_get_an_answer_and_fire_on_what_happened_in_the_week()
    {
        var fired = new List<string>();
        foreach (var (uid, query, limit, above) in Provisioning.InfluxRules)
        {
            DashboardTests.AssertOfSchema(query);
            var series = await week.AskAsync(new Grafana(week.From, week.To, new Dictionary<string, IReadOnlyList<string>>()).Expand(query));
            if (series.SelectMany(s => s["values"]!.AsArray()).Any(v => v![1] is { } value && ((double)value > limit) == above))
                fired.Add(uid);
        }

        Assert.Equal(["sensorhub-gap", "sensorhub-over-force", "sensorhub-stop"], fired.Except(["sensorhub-silent"]).Order(StringComparer.Ordinal));
    }

    private static bool HasValues(JsonNode series) => series["values"]!.AsArray().Any(row => row!.AsArray().Skip(1).Any(v => v is not null));

    /// <summary>The values that the variables' own queries give: all of them where several may be chosen, else the first.</summary>
    private async Task<Grafana> ChosenAsync(Dashboard dashboard)
    {
        var live = dashboard.File == "live.json";
        var grafana = new Grafana(live ? week.LastSession : week.From, week.To, new Dictionary<string, IReadOnlyList<string>>());
        foreach (var variable in dashboard.Variables.Where(v => (string)v["type"]! == "query"))
        {
            var series = await week.AskAsync(grafana.Expand((string)variable["query"]!));
            var values = series.SelectMany(s => s["values"]!.AsArray()).Select(v => (string)v![1]!).Distinct().Order(StringComparer.Ordinal).ToList();
            Assert.True(values.Count > 0, $"{dashboard.File}: the variable {variable["name"]} has no values.");
            IReadOnlyList<string> chosen = (string?)variable["allValue"] is { } all ? [all] : (bool)variable["multi"]! ? values : [values.Contains("p1") ? "p1" : values[0]];
            grafana = grafana with { Values = new Dictionary<string, IReadOnlyList<string>>(grafana.Values) { [(string)variable["name"]!] = chosen } };
        }
        return grafana;
    }
}

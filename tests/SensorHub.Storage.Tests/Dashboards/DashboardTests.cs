using System.Globalization;
using System.Text.RegularExpressions;
using SensorHub.Core.Posture;
using SensorHub.Core.Posture.Alignment;
using SensorHub.Core.Posture.Bends;
using SensorHub.Core.Posture.Reminders;
using SensorHub.Core.Rolling;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Tests.Dashboards;

/// <summary>What can be said of the dashboards without a Grafana: they are whole, laid out, and speak of what is stored.</summary>
public sealed partial class DashboardTests
{
    private const int Columns = 24;

    public static TheoryData<string> Files => [.. Dashboard.All.Select(d => d.File)];

    /// <summary>Limits that a panel draws or names, and the constants that the program acts on.</summary>
    public static TheoryData<string, string, double> Limits => new()
    {
        { "live.json", "Pressure", new RollingOptions().OverPressure },
        { "live.json", "Pressure and its target", new RollingOptions().OverPressure },
        { "live.json", "Load", new RollingOptions().OverForce },
        { "live.json", "Still", new RollingOptions().LongestHold.TotalSeconds },
        { "progress.json", "Load by set", new RollingOptions().OverForce },
        { "therapist.json", "Sitting without a break", new ReminderOptions().SittingLong.TotalSeconds },
    };

    public static TheoryData<string, string, string> Said => new()
    {
        { "live.json", "Change from the calibrated stand", $"{new ReminderOptions().SittingEnter}° beyond upright sitting, standing of {new ReminderOptions().StandingEnter}°" },
        { "therapist.json", "Slumped, minutes of an hour", $"{new ReminderOptions().SittingEnter}° beyond upright sitting, {new ReminderOptions().StandingEnter}° beyond standing" },
        { "progress.json", "Slumped and reminded", $"{new ReminderOptions().SittingEnter}° beyond upright sitting, {new ReminderOptions().StandingEnter}° beyond standing" },
        { "therapist.json", "Stops", $"pain of {new RollingOptions().PainLimit.ToString(CultureInfo.InvariantCulture)} or more of 10" },
        { "progress.json", "Lumbar share at the deepest", string.Create(CultureInfo.InvariantCulture, $"Up to {new BendOptions().HipHingeShare:0.00} it is a hip hinge, from {new BendOptions().LumbarShare:0.00} on") },
        { "progress.json", "Standing lordosis by calibration", string.Create(CultureInfo.InvariantCulture, $"differences under {new AlignmentOptions().ShiftLordosis}° of lordosis") },
    };

    [Fact]
    public void There_are_five_with_fixed_uids_of_their_own() =>
        Assert.Equal(["sensorhub-health", "sensorhub-live", "sensorhub-progress", "sensorhub-quality", "sensorhub-therapist"], Dashboard.All.Select(d => (string)d.Json["uid"]!));

    [Theory]
    [MemberData(nameof(Files))]
    public void Panels_have_ids_of_their_own_a_description_and_a_place_that_no_other_has(string file)
    {
        var dashboard = Of(file);
        Assert.InRange((int)dashboard.Json["schemaVersion"]!, 39, 42);
        Assert.Equal(dashboard.Panels.Count, dashboard.Panels.Select(p => (int)p.Json["id"]!).Distinct().Count());
        var taken = new HashSet<(int, int)>();
        foreach (var panel in dashboard.Panels)
        {
            var (x, y, w, h) = panel.Place;
            Assert.True(x >= 0 && x + w <= Columns && w > 0 && h > 0, $"{panel.Title} leaves the page.");
            for (var column = x; column < x + w; column++)
                for (var row = y; row < y + h; row++)
                    Assert.True(taken.Add((column, row)), $"{panel.Title} lies over another panel at {column}, {row}.");
            Assert.True(panel.IsRow || panel.Description.Length > 10, $"{panel.Title} does not say what it shows.");
            Assert.Equal(panel.Targets.Count(), panel.Targets.Select(t => (string)t["refId"]!).Distinct().Count());
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_database_is_the_one_that_was_chosen_above(string file)
    {
        var dashboard = Of(file);
        var chosen = dashboard.Variables.Where(v => (string)v["type"]! == "datasource").ToDictionary(v => $"${{{v["name"]}}}", v => (string)v["query"]!);
        foreach (var source in dashboard.Panels.Where(p => !p.IsRow).SelectMany(p => p.Targets.Select(t => t["datasource"]!).Append(p.Json["datasource"]!)))
            Assert.Equal(chosen[(string)source["uid"]!], (string)source["type"]!);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Queries_ask_for_measurements_tags_and_fields_of_the_schema(string file)
    {
        var dashboard = Of(file);
        var queries = dashboard.Panels.SelectMany(p => p.Queries).Concat(dashboard.Annotations).Select(q => q.Text)
            .Concat(dashboard.Variables.Where(v => (string)v["type"]! == "query").Select(v => (string)v["query"]!)).ToList();
        Assert.NotEmpty(queries);
        foreach (var query in queries)
            AssertOfSchema(query);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_taken_back_is_in_no_panel(string file)
    {
        foreach (var query in Of(file).Panels.Where(p => p.Title != "Live, historical, final, taken back").SelectMany(p => p.Queries).Concat(Of(file).Annotations))
            Assert.Contains("\"finality\" != 'superseded'", query.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void Limits_that_are_drawn_are_those_of_the_program(string file, string panel, double limit) =>
        Assert.Contains(limit, Of(file).Panels.Where(p => p.Title == panel).SelectMany(p => p.Thresholds));

    [Theory]
    [MemberData(nameof(Said))]
    public void Limits_that_are_named_are_those_of_the_program(string file, string panel, string words) =>
        Assert.Contains(words, Of(file)[panel].Description, StringComparison.Ordinal);

    /// <summary>Every name in double quotes is the measurement, one of its tags or fields, or a name that the query gives.</summary>
    internal static void AssertOfSchema(string query)
    {
        var name = Measurement().Match(query).Groups[1].Value;
        var measurement = StorageSchema.Current.Find(name);
        Assert.True(measurement is not null, $"There is no measurement '{name}': {query}");
        var given = Given().Matches(query).Select(m => m.Groups[1].Value).ToHashSet();
        foreach (var quoted in Quoted().Matches(query).Select(m => m.Groups[1].Value).Where(q => q != name && !given.Contains(q)))
            Assert.True(measurement.IndexOfField(quoted) >= 0 || measurement.IndexOfTag(quoted) >= 0, $"'{name}' has no '{quoted}': {query}");
    }

    private static Dashboard Of(string file) => Dashboard.All.Single(d => d.File == file);

    [GeneratedRegex("FROM \"([^\"]+)\"")]
    private static partial Regex Measurement();

    [GeneratedRegex("AS \"([^\"]+)\"")]
    private static partial Regex Given();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}

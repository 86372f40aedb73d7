using System.Text;
using System.Text.Json.Serialization;
using SensorHub.Core;
using SensorHub.Mqtt.Contract;

namespace SensorHub.Mqtt.Broker;

/// <summary>What an account may do at a broker, embedded or mosquitto: <see cref="RoleTable"/> says what.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BrokerRole>))]
public enum BrokerRole
{
    /// <summary>A hub: everything of its own.</summary>
    [JsonStringEnumMemberName("hub")]
    Hub = 1,

    /// <summary>A phone or a page: reads, and sends commands.</summary>
    [JsonStringEnumMemberName("control")]
    Control = 2,

    /// <summary>People's tools: read.</summary>
    [JsonStringEnumMemberName("reader")]
    Reader = 3,

    /// <summary>Stores what hubs say, and tells them what it has.</summary>
    [JsonStringEnumMemberName("bridge")]
    Bridge = 4,

    /// <summary>Home Assistant: reads what it is told of, and says when it is there.</summary>
    [JsonStringEnumMemberName("homeassistant")]
    HomeAssistant = 5,

    /// <summary>A laboratory's programs: read raw frames too.</summary>
    [JsonStringEnumMemberName("lab")]
    Lab = 6,
}

/// <summary>One row of the table of roles. In a topic filter <see cref="OwnHub"/> stands for the hub that the account is of.</summary>
/// <param name="Name">As in files and on the command line.</param>
/// <param name="For">Who has it.</param>
/// <param name="Reads">Topic filters; a subscription has to lie within one of them.</param>
/// <param name="Publishes">Topic filters.</param>
/// <param name="IsOwnPart">
/// A part of the system itself, on this machine or another: its session outlives its connection, publishers wait for it, and neither its
/// rate nor the number of its connections is limited.
/// </param>
/// <param name="Retains">May leave messages that the broker keeps (mosquitto's ACL cannot tell them from others).</param>
public sealed record RolePermissions(BrokerRole Role, string Name, string For, IReadOnlyList<string> Reads, IReadOnlyList<string> Publishes, bool IsOwnPart = false, bool Retains = false)
{
    public const string OwnHub = "<hub>";

    /// <param name="hub">The hub that the account is of; null: any.</param>
    public RolePermissions Of(Slug? hub)
    {
        return this with { Reads = [.. Reads.Select(Named)], Publishes = [.. Publishes.Select(Named)] };

        string Named(string filter) => hub is { } own
            ? filter.Replace(OwnHub, own.ToString(), StringComparison.Ordinal)
            : filter.Replace(OwnHub + "/#", "#", StringComparison.Ordinal).Replace(OwnHub, "+", StringComparison.Ordinal);
    }

    /// <summary>Whether everything that the filter matches may be read.</summary>
    public bool MayRead(string filter) => Reads.Any(allowed => TopicFilters.Covers(allowed, filter));

    /// <summary>Whether the topic may be published to.</summary>
    public bool MayPublish(string topic) => Publishes.Any(allowed => TopicFilters.Covers(allowed, topic));
}

/// <summary>Who may read and publish what. The embedded broker's checks, mosquitto's ACL and the README's table are made from it.</summary>
public static class RoleTable
{
    private const string AnyHub = Topics.Root + "/+";
    private const string Own = Topics.Root + "/" + RolePermissions.OwnHub;

    /// <summary>What is about people and sensors: no raw frames, no commands, no confirmations.</summary>
    private static readonly string[] Estimates = [$"{AnyHub}/status", $"{AnyHub}/clock", $"{AnyHub}/sensors/#", $"{AnyHub}/subjects/#"];

    private static readonly string[] Everything = [.. Estimates, $"{AnyHub}/frames/#"];

    public static IReadOnlyList<RolePermissions> All { get; } =
    [
        new(BrokerRole.Hub, "hub", "a hub", Reads: [$"{Own}/#", "homeassistant/status", "homeassistant/device/+/config"], Publishes: [$"{Own}/#", "homeassistant/device/+/config"], IsOwnPart: true, Retains: true),
        // What a bridge sets aside it tries again at its databases, not by way of the broker: it never speaks for a hub.
        new(BrokerRole.Bridge, "bridge", "a bridge to databases", Reads: [Topics.All], Publishes: [$"{AnyHub}/stored"], IsOwnPart: true),
        new(BrokerRole.Control, "control", "phones and pages", Reads: Everything, Publishes: [$"{AnyHub}/command"]),
        new(BrokerRole.Reader, "reader", "Grafana, Node-RED, `mosquitto_sub`", Reads: Estimates, Publishes: []),
        new(BrokerRole.Lab, "lab", "a laboratory's programs", Reads: Everything, Publishes: []),
        new(BrokerRole.HomeAssistant, "homeassistant", "Home Assistant", Reads: [.. Estimates, $"{AnyHub}/home/#", "homeassistant/#"], Publishes: ["homeassistant/status"], Retains: true),
    ];

    public static RolePermissions Of(BrokerRole role) => All.First(r => r.Role == role);

    public static bool TryParse(string name, out BrokerRole role)
    {
        var found = All.FirstOrDefault(r => r.Name == name);
        role = found?.Role ?? default;
        return found is not null;
    }

    /// <summary>The table as it stands in the README.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("| role | for | reads | publishes |\n| --- | --- | --- | --- |\n");
        foreach (var role in All)
            text.Append($"| `{role.Name}` | {role.For} | {Listed(role.Reads)} | {Listed(role.Publishes)} |\n");
        return text.ToString();

        static string Listed(IReadOnlyList<string> filters) => filters.Count == 0 ? "nothing" : string.Join(", ", filters.Select(f => $"`{f}`"));
    }
}

using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Routing;
using SensorHub.Core;
using SensorHub.Mqtt.Broker;
using SensorHub.Mqtt.Contract;
using SensorHub.Web.Access;

namespace SensorHub.Web.Tests.Access;

/// <summary>docs/access.md: who may do what, computed from the rules that decide it.</summary>
internal static class AccessPage
{
    private static readonly Slug Anna = Slug.Parse("anna");
    private static readonly Slug Home = Slug.Parse("home");

    /// <summary>Every kind of viewer with every state of consent; of a subject's, Anna's.</summary>
    public static readonly (string Who, Viewer Viewer, ConsentState Consent)[] Viewers =
    [
        ("nobody", Viewer.Nobody, ConsentState.None),
        ("subject, own", new("a", "", Role.Subject, Anna), ConsentState.None),
        ("subject, another's", new("b", "", Role.Subject, Slug.Parse("bert")), ConsentState.None),
        ("therapist, no consent", new("c", "", Role.Therapist, default), ConsentState.None),
        ("therapist, care", new("c", "", Role.Therapist, default), ConsentState.Care),
        ("therapist, study", new("c", "", Role.Therapist, default), ConsentState.Study),
        ("researcher, no consent", new("d", "", Role.Researcher, default), ConsentState.None),
        ("researcher, study", new("d", "", Role.Researcher, default), ConsentState.Study),
        ("researcher, care", new("d", "", Role.Researcher, default), ConsentState.Care),
        ("administrator", new("e", "", Role.Admin, default), ConsentState.None),
    ];

    /// <summary>A topic of each kind, of the account's own hub and of another.</summary>
    private static readonly (string Kind, Func<Slug, string> Of)[] Kinds =
    [
        ("status", Topics.HubStatus), ("clock", Topics.HubClock), ("sensors/<sensor>/status", hub => Topics.SensorStatus(hub, Slug.Parse("clip"))), ("subjects/<subject>/posture", hub => Topics.Posture(hub, Anna)),
        ("subjects/<subject>/rolling", hub => Topics.Rolling(hub, Anna)), ("subjects/<subject>/events", hub => Topics.Events(hub, Anna)), ("subjects/<subject>/cues", hub => Topics.Cues(hub, Anna)),
        ("subjects/<subject>/session", hub => Topics.Session(hub, Anna)), ("frames/<sensor>", hub => Topics.Frames(hub, Slug.Parse("clip"))), ("frames/<sensor>/descriptor", hub => Topics.Descriptor(hub, Slug.Parse("clip"))),
        ("home/<sensor>", hub => Topics.Home(hub, Slug.Parse("clip"))), ("command", Topics.Command), ("stored", Topics.Stored), ("delivered", Topics.Delivered),
    ];

    private static readonly string[] Others = ["homeassistant/status", "homeassistant/device/<device>/config", "homeassistant/#", "sensorhub/1/#", "#", "$SYS/#"];

    public static string Write(IEnumerable<RouteEndpoint> endpoints)
    {
        var text = new StringBuilder("""
            # Who may do what

            Written by `AccessPageTests` from the rules that decide it ([`AccessRules`](../src/SensorHub.Web/Access/AccessRules.cs), the endpoints' own `Needs`, and the broker's [table of roles](../src/SensorHub.Mqtt/README.md)); `UPDATE_GOLDEN=1` writes it
            anew. That the program keeps to it is tested over HTTP for each endpoint (`EndpointMatrixTests`) and over MQTT for each topic (`RoleMatrixTests`). [Why it is so](adr/0010-one-gate.md).

            ## On the pages

            Of what belongs to a subject. ✓ allowed; everything else is refused.


            """);
        Row(text, ["to", .. Viewers.Select(v => v.Who)]);
        Row(text, [.. Enumerable.Repeat("---", Viewers.Length + 1)]);
        foreach (var act in Enum.GetValues<Act>())
            Row(text, [$"`{act}`: {Words(act)}", .. Viewers.Select(v => AccessRules.Allows(v.Viewer, act, Anna, v.Consent) ? "✓" : "")]);
        text.Append("""

            - *No consent* is none, one that was withdrawn, one whose day has come, and one to somebody else: they are the same from the next request on, and within a second for what is open.
            - A program with somebody's *key* may do of `WatchLive` and `ReadHistory` what they may, and nothing else, until the key ends or is taken back.
            - A person with several roles may do what any of them may; the owner of a hub at home is subject and administrator.
            - A *closed* account, or one that was signed out everywhere, is nobody from its next request on. An account that is *locked* after five wrong passwords cannot sign in for five minutes; where it has signed in it stays.
            - A hub whose `Web:Accounts` is false, and a replay, is for whoever is at that computer: they may do everything.

            ## Pages and endpoints

            What each needs. One that says nothing is refused to everybody.

            | path | method | needs |
            | --- | --- | --- |

            """);
        foreach (var (path, methods, needs) in Rows(endpoints))
            Row(text, [$"`{path}`", methods, needs]);
        text.Append("""
            | `/alive`, `/health`, `/metrics` | GET | `Enter`: of the machine, and of nobody who is measured |
            | `/mqtt` | GET | `Enter`: MQTT over WebSocket, which asks for an account of the broker |

            ## At the broker

            r: may read, w: may publish. No person has an account at the broker: neither their password nor their cookie opens it, by TCP or by WebSocket. Who holds the data folder holds the broker's accounts, and the pages use the hub's `control`
            account for what `AccessRules` has allowed.


            """);
        var roles = RoleTable.All.Select(r => r.Of(Home)).ToList();
        Row(text, ["topic", "without an account", .. roles.Select(r => $"`{r.Name}`")]);
        Row(text, [.. Enumerable.Repeat("---", roles.Count + 2)]);
        foreach (var (hub, words) in new[] { (Home, "<own hub>"), (Slug.Parse("other"), "<another hub>") })
            foreach (var (kind, of) in Kinds)
                Topic($"sensorhub/1/{words}/{kind}", of(hub));
        foreach (var other in Others)
            Topic(other, other.Replace("<device>", "clip", StringComparison.Ordinal));
        text.Append("\nOf a `hub` account: its own hub is the one that its name says; the accounts of the other roles belong to no hub.\n");
        return text.ToString();

        void Topic(string words, string topic) => Row(text, [$"`{words}`", "", .. roles.Select(role => (role.MayRead(topic) ? "r" : "") + (!topic.Contains('#', StringComparison.Ordinal) && role.MayPublish(topic) ? "w" : ""))]);
    }

    /// <summary>Files that are the same for everybody are one row for each folder.</summary>
    public static IEnumerable<(string Path, string Methods, string Needs)> Rows(IEnumerable<RouteEndpoint> endpoints) => endpoints
        .Select(e => (
            Path: "/" + e.RoutePattern.RawText!.TrimStart('/') is var path && IsFile(path) ? string.Join('/', path.Split('/').Take(path.StartsWith("/_content/", StringComparison.Ordinal) ? 3 : 2)) + "/…" : path,
            Methods: string.Join(", ", (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["any"]).Order(StringComparer.Ordinal)),
            Needs: e.Metadata.GetMetadata<NeedsAttribute>() is { } needs ? $"`{needs.Act}`" : "**says nothing**"))
        .Distinct().OrderBy(r => r.Path, StringComparer.Ordinal).ThenBy(r => r.Methods, StringComparer.Ordinal);

    public static bool IsFile(string path) => path.StartsWith("/_content/", StringComparison.Ordinal) || path.StartsWith("/_framework/", StringComparison.Ordinal);

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |\n");

    private static string Words(Act act) => act switch
    {
        Act.Enter => "the sign-in page, style sheets",
        Act.KeepAccount => "one's own account",
        Act.WatchLive => "see what the sensors say now",
        Act.ReadHistory => "read what was measured",
        Act.Steer => "steer the session",
        Act.KeepProfile => "mass, height, screening, reminders",
        Act.ReadPlan => "read the plan",
        Act.WritePlan => "set plan and programme",
        Act.TickExercise => "tick off exercises",
        Act.SendMessage => "send a message during the session",
        Act.ReadNotes => "read notes",
        Act.WriteNotes => "write notes",
        Act.KeepConsents => "grant and withdraw consents",
        Act.ReadAudit => "read who has looked",
        Act.RunStudy => "begin a visit of a study, mark its tasks and events",
        Act.UseStudies => "the studies that are planned here",
        Act.UseBoard => "the board of those who have consented",
        Act.ManageSensors => "the hub's sensors",
        Act.ManageAccounts => "accounts and invitations",
        _ => throw new ArgumentOutOfRangeException(nameof(act), act, "say what it is"),
    };
}

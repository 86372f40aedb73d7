using SensorHub.Core;
using SensorHub.Web.Access;

namespace SensorHub.Web.Shell;

/// <summary>The main pages, in the order in which they are offered.</summary>
internal sealed record Section(string Path, string Name, Act Needs);

internal static class Sections
{
    private static readonly Section[] All =
    [
        new("", "Live", Act.WatchLive),
        new("roll", "Roll", Act.Steer),
        new("test", "Before / after", Act.Steer),
        new("posture", "Posture", Act.WatchLive),
        new("progress", "Progress", Act.ReadHistory),
        new("board", "Board", Act.UseBoard),
        new("sensors", "Sensors", Act.ManageSensors),
        new("people", "People", Act.ManageAccounts),
    ];

    /// <summary>Those that are of use to the viewer: of the subjects' pages only their own.</summary>
    public static IEnumerable<Section> For(Viewer viewer) => All.Where(s => AccessRules.Allows(viewer, s.Needs, viewer.Subject, ConsentState.None) && (s.Path != "people" || !viewer.IsAlone));
}

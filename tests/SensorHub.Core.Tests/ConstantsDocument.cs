using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SensorHub.Core.Sessions;
using SensorHub.Core.Sessions.Outcomes;
using SensorHub.Pipelines.Quality;

namespace SensorHub.Core.Tests;

/// <summary>docs/constants.md from the options records and their comments.</summary>
internal static partial class ConstantsDocument
{
    private static readonly Assembly[] Assemblies = [typeof(ConstantAttribute).Assembly, typeof(QualityOptions).Assembly];

    /// <summary>Summaries by member id: <c>P:SensorHub.Core.Rolling.RollingOptions.ContactOn</c>.</summary>
    private static readonly Dictionary<string, XElement> Summaries =
        Assemblies.SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
            .Where(m => m.Element("summary") is not null)
            .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary")!);

    /// <summary>All records that hold constants, in the order of their names.</summary>
    public static IEnumerable<Type> OptionsTypes =>
        Assemblies.SelectMany(assembly => assembly.GetExportedTypes()).Where(t => t.GetProperties().Any(p => p.IsDefined(typeof(ConstantAttribute)))).OrderBy(t => t.FullName, StringComparer.Ordinal);

    public static string Write()
    {
        var text = new StringBuilder();
        Line("# Constants");
        Line();
        Line("Every number that the estimates rest on, generated from the options records in `src/SensorHub.Core` and `src/SensorHub.Pipelines`. Durations are in seconds. A value out");
        Line("of its range is refused at the start, with one line that names it.");
        Line();
        Line("| evidence | |");
        Line("| --- | --- |");
        Line("| published | a published figure; the source says where |");
        Line("| derived | follows from published figures or from mechanics |");
        Line("| engineering | a default without clinical validation: a choice, within its range |");
        foreach (var type in OptionsTypes)
        {
            Line();
            Line($"## {type.Name}");
            Line();
            Line($"{Meaning($"T:{type.FullName}")} [{type.Namespace!.Split('.')[^1]}](../{File(type)})");
            Line();
            Line("| constant | default | range | unit | evidence | meaning and source |");
            Line("| --- | --- | --- | --- | --- | --- |");
            var defaults = Activator.CreateInstance(type)!;
            foreach (var property in type.GetProperties())
                if (property.GetCustomAttribute<ConstantAttribute>() is { } c)
                    Line(string.Create(CultureInfo.InvariantCulture,
                        $"| {property.Name} | {Value(property, defaults)} | {c.Min} to {c.Max} | {c.Unit} | {c.Evidence.ToString().ToLowerInvariant()} | {$"{Meaning($"P:{type.FullName}.{property.Name}")} *{c.Source}*".Trim()} |"));
                else if (property.PropertyType == typeof(bool))
                    Line($"| {property.Name} | {(property.GetValue(defaults) is true ? "yes" : "no")} | yes, no | | | {Meaning($"P:{type.FullName}.{property.Name}")} |");
        }
        WriteTables(Line);
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }

    /// <summary>Numbers that come as tables.</summary>
    private static void WriteTables(Action<string> line)
    {
        line("");
        line("## Doses of muscles");
        line("");
        line($"{Meaning($"T:{typeof(MuscleTarget).FullName}")} [Sessions](../src/SensorHub.Core/Sessions/MuscleTarget.cs)");
        line("");
        line("| muscle | % of body weight | soft, kPa | firm, kPa | sets | s a set | stroke, m | evidence |");
        line("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var t in MuscleTarget.Defaults)
            line(string.Create(CultureInfo.InvariantCulture,
                $"| {EnumNames.Of(t.Muscle)} | {Span(t.BodyWeightPercent)} | {Span(t.SoftKpa)} | {Span(t.FirmKpa)} | {t.Sets} | {t.SetDuration.TotalSeconds} | {t.StrokeLength} | engineering |"));
        line("");
        line("## Detectable changes");
        line("");
        line($"{Meaning($"T:{typeof(DetectableChange).FullName}")} [Sessions](../src/SensorHub.Core/Sessions/Outcomes/DetectableChange.cs)");
        line("");
        line("| measure | across | standard error | smallest detectable change | evidence of the error | source |");
        line("| --- | --- | --- | --- | --- | --- |");
        foreach (var row in DetectableChanges.Published.Rows)
            line($"| {EnumNames.Of(row.Measure)} | {EnumNames.Of(row.Comparison)} | {Span(row.Sem)} | {Span(row.Mdc)} | {row.SemEvidence.ToString().ToLowerInvariant()} | {row.Source} |");

        static string Span((double Lower, double Upper) span) => span.Lower == span.Upper
            ? string.Create(CultureInfo.InvariantCulture, $"{span.Lower:0.##}")
            : string.Create(CultureInfo.InvariantCulture, $"{span.Lower:0.##} to {span.Upper:0.##}");
    }

    private static string File(Type type)
    {
        var project = type.Assembly.GetName().Name!;
        return $"src/{project}/{type.Namespace![(project.Length + 1)..].Replace('.', '/')}/{type.Name}.cs";
    }

    private static string Value(PropertyInfo property, object options) => property.GetValue(options) switch
    {
        TimeSpan span => span.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>The summary as plain text; a reference becomes the last part of its name.</summary>
    private static string Meaning(string member)
    {
        if (!Summaries.TryGetValue(member, out var summary))
            return "";
        var words = string.Concat(summary.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.', '(')[^1]}`",
            XElement element => element.Value,
            _ => "",
        }));
        return Space().Replace(words, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Web.Studies;

namespace SensorHub.Studies;

/// <summary>
/// The studies of a data folder: <c>studies/&lt;id&gt;.json</c> as it is now, and under <c>studies/former/</c> each version of the protocol that it had before, so that
/// a recording's version can be looked up.
/// </summary>
public sealed class StudyFolder(string path) : IStudies
{
    public bool HasAny => Files.Any();

    /// <summary>By id.</summary>
    /// <exception cref="UserException">One is no study; one line says where and why.</exception>
    public IReadOnlyList<Study> All => [.. Files.Order(StringComparer.Ordinal).Select(StudyFile.Load)];

    private IEnumerable<string> Files => Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.json") : [];

    /// <exception cref="UserException">There is none of this id, or it is no study.</exception>
    public Study Find(Slug id) => File.Exists(FileOf(id)) ? StudyFile.Load(FileOf(id)) : throw new UserException(
        $"There is no study '{id}' in {path}{(All is { Count: > 0 } all ? $"; there are {string.Join(", ", all.Select(s => s.Id))}" : "")}. 'sensorhub study add FILE' takes one in.");

    /// <summary>Takes the study in, in place of the one of the same id.</summary>
    /// <returns>The one that it replaces; null = it is new.</returns>
    /// <exception cref="UserException">Other things are done under the same version of the protocol; or it cannot be written.</exception>
    public Study? Add(Study study)
    {
        var before = File.Exists(FileOf(study.Id)) ? Find(study.Id) : null;
        if (before?.Protocol == study.Protocol && !before.DoesTheSame(study))
            throw new UserException($"Study '{study.Id}' has other arms, visits or tasks than it had under protocol {study.Protocol}: give the protocol a new version, so that each recording tells which one it followed.");
        var former = before is null || before.Protocol == study.Protocol ? null : FormerOf(before);
        if (File.Exists(FormerOf(study)))
            throw new UserException($"Study '{study.Id}' had a protocol {study.Protocol} before: give it a new version.");
        if (former is not null)
            WholeFile.Write(former, StudyFile.Write(before!) + "\n");
        WholeFile.Write(FileOf(study.Id), StudyFile.Write(study) + "\n");
        return before;
    }

    private string FileOf(Slug id) => Path.Combine(path, $"{id}.json");

    private string FormerOf(Study study) => Path.Combine(path, "former", $"{study.Id}-{study.Protocol}.json");
}

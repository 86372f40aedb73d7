using SensorHub.Core;
using SensorHub.Core.Sessions.Studies;
using SensorHub.Rights.Exporting;

namespace SensorHub.Rights.Places;

/// <summary>Participants of studies, in each version of a study that is kept. Other names that they have there, the participant's, go with them.</summary>
/// <param name="folder">Of the studies.</param>
internal sealed class StudiesPlace(string folder) : ISubjectPlace
{
    public string Kind => "studies";

    public string Unit => "participants";

    public string Where => folder;

    public Task<IReadOnlyCollection<Slug>> SubjectsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<Slug>>([.. All().SelectMany(s => s.Study.Participants).Select(p => p.Subject).Distinct()]);

    public Task<Holding> FindAsync(SubjectScope scope, CancellationToken cancellationToken) => Task.FromResult(new Holding(Of(scope).Count));

    public Task ExportAsync(SubjectScope scope, SubjectExport to, CancellationToken cancellationToken)
    {
        foreach (var (file, study) in Of(scope))
            to.Write($"studies/{Path.GetFileName(file)}", StudyFile.Write(study with { Participants = [study.Of(scope.Subject)!] }), "A study that you take part in: what is done in it, and what it says of you.");
        return Task.CompletedTask;
    }

    public Task<long> EraseAsync(SubjectScope scope, Action<string> say, CancellationToken cancellationToken)
    {
        var theirs = Of(scope);
        foreach (var (file, study) in theirs)
            WholeFile.Write(file, StudyFile.Write(study with { Participants = [.. study.Participants.Where(p => p.Subject != scope.Subject)] }) + "\n");
        return Task.FromResult((long)theirs.Count);
    }

    public Task<PlaceScan> ScanAsync(SubjectScope scope, Traces traces, CancellationToken cancellationToken) =>
        Task.FromResult(PlaceScan.Of("studies", All().Count(), Of(scope).Select(s => s.File)));

    private IEnumerable<(string File, Study Study)> All() =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => (f, StudyFile.Load(f))) : [];

    private List<(string File, Study Study)> Of(SubjectScope scope) => scope.IsWhole ? [.. All().Where(s => s.Study.Of(scope.Subject) is not null)] : [];
}

using System.Security.Cryptography;
using System.Text.Json;
using SensorHub.Commands;
using SensorHub.Core;
using SensorHub.Rights;
using SensorHub.Rights.Erasing;
using SensorHub.Rights.Exporting;

namespace SensorHub.EndToEnd.Tests.Rights;

/// <summary>Everything of a person, to take along; and copies that erasing has to find.</summary>
public sealed class SubjectExportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_of_one_person_can_be_read_nothing_of_another_and_the_same_again_gives_the_same_bytes()
    {
        await using var hub = await FilledHub.MakeAsync(servers: false);
        var (to, again) = (HubProgram.NewFolder(), HubProgram.NewFolder());
        try
        {
            await ExportAsync(hub, to);
            await ExportAsync(hub, again);
            Assert.Equal(Hashes(to), Hashes(again));
            await ExportAsync(hub, to);
            Assert.Equal(Hashes(again), Hashes(to));

            foreach (var session in FilledHub.SessionsOfLeaver)
                foreach (var file in Directory.GetFiles(Path.Combine(hub.Recordings, session)))
                    Assert.Equal(await File.ReadAllBytesAsync(file, Token), await File.ReadAllBytesAsync(Path.Combine(to, "recordings", session, Path.GetFileName(file)), Token));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(to, "estimates"), "posture.csv", SearchOption.AllDirectories).Length);
            Assert.Equal(2, Directory.GetFiles(Path.Combine(to, "reports"), "*.html", SearchOption.AllDirectories).Length);
            Assert.True((await File.ReadAllLinesAsync(Path.Combine(to, "store.jsonl"), Token)).Length > 100);
            using var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to, "people.json"), Token));
            Assert.Equal("Ottilie Quast", people.RootElement.GetProperty("account").GetProperty("display_name").GetString());
            Assert.Equal(["access_keys", "account", "audit", "care_times", "consents", "exercise_ticks", "notes", "prescriptions", "subjects"], people.RootElement.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
            var said = await File.ReadAllTextAsync(Path.Combine(to, "README.txt"), Token);
            Assert.All(Directory.GetFileSystemEntries(to).Select(Path.GetFileName).Where(f => f is not (".sensorhub" or "README.txt" or "index.html")), file => Assert.Contains(file!, said, StringComparison.Ordinal));
            Assert.Empty(IndependentScan.Find(to, FilledHub.Stayer, FilledHub.SessionOfStayer, "hash-of-account-1"));
        }
        finally
        {
            Directory.Delete(to, recursive: true);
            Directory.Delete(again, recursive: true);
        }
    }

    [Fact]
    public async Task Copies_go_with_the_person_and_one_of_several_people_is_named_until_it_was_made_anew()
    {
        await using var hub = await FilledHub.MakeAsync(servers: false);
        var copies = HubProgram.NewFolder();
        string Recording(string session) => Path.Combine(hub.Recordings, session);
        string To(string name) => Path.Combine(copies, name);
        var (leaver, stayer) = (Recording(FilledHub.SessionsOfLeaver[0]), Recording(FilledHub.SessionOfStayer));
        await RunAsync("export", "csv", leaver, "--out", To("alone"));
        await RunAsync("export", "csv", leaver, stayer, "--out", To("tables"));
        await RunAsync("export", "bids", leaver, stayer, "--out", To("dataset"));
        await RunAsync("subject", "export", FilledHub.Leaver, "--out", To("everything"), "--data", hub.Data);
        try
        {
            var said = new List<string>();
            var record = await EraseAsync(hub, said);

            Assert.Equal(["dataset", "tables"], Directory.GetDirectories(copies).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.DoesNotContain(Directory.GetFiles(To("tables"), "*", SearchOption.AllDirectories), f => f.Contains("kestrel41", StringComparison.Ordinal));
            Assert.NotEmpty(Directory.GetFiles(To("tables"), "posture.csv", SearchOption.AllDirectories));
            Assert.False(record.Complete);
            Assert.Contains(said, line => line.Contains($"{To("dataset")}: this export of several people still has something of them: make it anew with 'sensorhub export bids", StringComparison.Ordinal));

            await RunAsync("export", "bids", stayer, "--out", To("dataset"));
            said.Clear();
            Assert.True((await EraseAsync(hub, said)).Complete, string.Join('\n', said));
            Assert.Empty(IndependentScan.Find(copies, FilledHub.Leaver, "kestrel41", FilledHub.SessionsOfLeaver[0]));
            Assert.Empty(IndependentScan.Find(hub.Data, FilledHub.Leaver));
        }
        finally
        {
            Directory.Delete(copies, recursive: true);
        }
    }

    [Fact]
    public async Task The_list_says_who_is_known_and_what_is_held_where()
    {
        await using var hub = await FilledHub.MakeAsync(servers: false);
        var said = await HubProgram.SaysAsync("subject", "list", "--data", hub.Data);
        Assert.Equal([FilledHub.Leaver, FilledHub.Stayer], said.Where(line => !line.StartsWith(' ')));
        Assert.Contains(said, line => line.StartsWith("  recordings    2 recordings, ", StringComparison.Ordinal) && line.Contains("2026-11-02 to 2026-11-04", StringComparison.Ordinal));
        foreach (var place in new[] { "store", "outbox", "quarantine", "retained", "people", "sensors" })
            Assert.Contains(said, line => line.StartsWith($"  {place} ", StringComparison.Ordinal));
        var before = Hashes(hub.Data);
        Assert.Contains("2 recordings", string.Join('\n', await HubProgram.SaysAsync("subject", "erase", FilledHub.Leaver, "--dry-run", "--data", hub.Data)), StringComparison.Ordinal);
        Assert.Equal(before.Keys.Where(f => f.EndsWith(".shr", StringComparison.Ordinal)), Hashes(hub.Data).Keys.Where(f => f.EndsWith(".shr", StringComparison.Ordinal)));
    }

    /// <summary>As the program does, in this process: it starts many times.</summary>
    private static async Task RunAsync(params string[] arguments) => Assert.Equal(0, await CommandLine.RunAsync(arguments));

    private static async Task ExportAsync(FilledHub hub, string to)
    {
        using var places = new SubjectPlaces(hub.Options, allHubs: false, TimeProvider.System);
        var scope = SubjectScope.Whole(Slug.Parse(FilledHub.Leaver), FilledHub.SessionsOfLeaver.Select(Slug.Parse));
        using var export = new SubjectExport(to, line => Assert.Fail(line));
        foreach (var place in places.All)
            await place.ExportAsync(scope, export, Token);
        export.Complete(scope.Subject, "SensorHub");
    }

    private static async Task<ErasureRecord> EraseAsync(FilledHub hub, List<string> said)
    {
        using var places = new SubjectPlaces(hub.Options, allHubs: false, TimeProvider.System);
        return await new Erasure(places, TimeProvider.System, said.Add).RunAsync(SubjectScope.Whole(Slug.Parse(FilledHub.Leaver)), Token);
    }

    private static SortedDictionary<string, string> Hashes(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("/lock", StringComparison.Ordinal))
            .ToDictionary(f => Path.GetRelativePath(folder, f), f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))), StringComparer.Ordinal);
}

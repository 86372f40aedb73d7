using SensorHub.Core;
using SensorHub.Export.Bids;
using SensorHub.Export.Csv;
using SensorHub.Export.Fhir;
using SensorHub.Export.Parquet;
using SensorHub.Export.Reports;
using SensorHub.Export.Tables;
using SensorHub.Exporting;

namespace SensorHub.Export.Tests;

public sealed class ExportFolderTests(SimulatedStudy study)
{
    public static TheoryData<string> Formats => ["bids", "parquet", "csv", "fhir", "report"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_same_recordings_give_the_same_bytes_also_when_it_was_cut_off_and_begun_again(string format)
    {
        var entries = study.Entries.Take(3).ToArray();
        var (whole, cut) = (study.NewFolder(), study.NewFolder());
        Assert.Equal(3, await Exported.WriteAsync(whole, format, f => Create(format, f), entries));

        // In the middle of the second recording somebody stops it.
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Exported.WriteAsync(
            cut, format, f => Create(format, f), entries, progress => { if (progress.Entry == entries[1] && progress.Done > progress.Of / 2) stop.Cancel(); }, stop.Token));
        var left = Exported.Hashes(cut);
        var finished = Exported.Hashes(whole);
        Assert.All(left.Where(f => !f.Key.EndsWith(ExportFolder.Unfinished, StringComparison.Ordinal)), file => Assert.Equal(finished[file.Key], file.Value));

        // It goes on behind the first.
        Assert.Equal(2, await Exported.WriteAsync(cut, format, f => Create(format, f), entries));
        Assert.Equal(finished, Exported.Hashes(cut));
        Assert.Equal(0, await Exported.WriteAsync(cut, format, f => Create(format, f), entries));
        Assert.Equal(finished, Exported.Hashes(cut));
    }

    [Fact]
    public async Task A_recording_that_was_told_more_of_is_written_anew_and_leaves_nothing_behind()
    {
        var folder = study.NewFolder();
        var entry = study.Entries[1];
        await Exported.BidsAsync(folder, [entry]);
        Assert.Equal(1, await Exported.BidsAsync(folder, [entry with { Attributes = new Dictionary<string, string> { ["age"] = "40" } }]));
        Assert.Contains("sub-p1\t40", File.ReadAllLines(Path.Combine(folder, "participants.tsv")));
    }

    [Fact]
    public async Task A_file_that_somebody_cut_short_is_written_anew()
    {
        var folder = study.NewFolder();
        await Exported.BidsAsync(folder, [study.Entries[1]]);
        var before = Exported.Hashes(folder);
        var motion = Directory.GetFiles(folder, "*clip_motion.tsv", SearchOption.AllDirectories).Single();
        using (var file = File.OpenWrite(motion))
            file.SetLength(1000);
        Assert.Equal(1, await Exported.BidsAsync(folder, [study.Entries[1]]));
        Assert.Equal(before, Exported.Hashes(folder));
    }

    [Fact]
    public void Two_exports_into_one_folder_are_refused_in_one_line()
    {
        var folder = study.NewFolder();
        using var one = ExportFolder.Open(folder, "csv");
        Assert.Contains("another export is writing to it", Assert.Throws<UserException>(() => ExportFolder.Open(folder, "csv")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_left_alone()
    {
        var folder = study.NewFolder();
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "thesis.tmp"), "mine");
        Assert.Contains("there is something in it that no export has written", Assert.Throws<UserException>(() => ExportFolder.Open(folder, "csv")).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "thesis.tmp")));
    }

    private static IExport Create(string format, ExportFolder folder) => format switch
    {
        "bids" => new BidsExport(folder, new BidsOptions { Authors = ["A", "B"] }),
        "parquet" => new TablesExport(folder, new ParquetFormat(), StoredEstimates.Create()),
        "csv" => new TablesExport(folder, new CsvFormat(), StoredEstimates.Create()),
        "fhir" => new FhirExport(folder),
        _ => new ReportExport(folder),
    };
}

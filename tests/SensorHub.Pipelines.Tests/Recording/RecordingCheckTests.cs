using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Recording;
using SensorHub.Pipelines.Tests.Completing;

namespace SensorHub.Pipelines.Tests.Recording;

public sealed class RecordingCheckTests : IClassFixture<RecomputerTests.Sessions>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recording-").FullName;
    private readonly SensorRecord[] _records;
    private readonly List<string> _reports = [];

    public RecordingCheckTests(RecomputerTests.Sessions sessions)
    {
        _records = [.. sessions.Lossless.Take(3000), sessions.Lossless.Last(r => r is SensorRecord.Marked { Marker: Marker.SessionEnded })];
        using var writer = new RecordingWriter(_folder, _reports.Add, new RecordingOptions { SegmentSize = 64 << 10 });
        foreach (var record in _records)
            writer.Append(record);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_whole_recording_is_what_its_manifest_says()
    {
        Assert.Contains("no manifest.json", Assert.Single(RecordingCheck.Verify(_folder)), StringComparison.Ordinal);
        RecordingManifest.Of(_folder, ["7"]).WriteTo(_folder);

        Assert.Equal([], RecordingCheck.Verify(_folder));
        var manifest = RecordingManifest.Read(_folder)!;
        Assert.True(manifest.Segments.Count > 2);
        Assert.Equal(["7"], manifest.Consents);
        Assert.Equal(_records.Length, manifest.Records.Values.Sum());
        Assert.Equal(_records.OfType<SensorRecord.Marked>().Select(m => m.At), manifest.Markers.Select(m => m.At));
        Assert.Equal(manifest.Write(), (RecordingManifest.Of(_folder, ["7"])).Write());
        Assert.Equal(manifest.Write(), File.ReadAllText(Path.Combine(_folder, RecordingManifest.FileName)));
    }

    [Fact]
    public void Other_bytes_a_missing_segment_and_one_too_many_are_named()
    {
        RecordingManifest.Of(_folder).WriteTo(_folder);
        var files = RecordingReader.FilesOf(_folder);
        var bytes = File.ReadAllBytes(files[1]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(files[1], bytes);
        File.Copy(files[0], Path.Combine(_folder, "99999.shr"));
        File.Delete(files[^1]);

        var found = RecordingCheck.Verify(_folder);

        Assert.Contains(found, line => line.StartsWith(files[1], StringComparison.Ordinal) && line.Contains("corrupt", StringComparison.Ordinal));
        Assert.Contains($"{files[1]}: other bytes than manifest.json says (SHA-256).", found);
        Assert.Contains($"{files[^1]}: missing; manifest.json lists it.", found);
        Assert.Contains($"{Path.Combine(_folder, "99999.shr")}: manifest.json does not know it.", found);
    }

    [Fact]
    public void A_torn_end_in_the_middle_of_the_recording_is_cut_off_too()
    {
        using (var first = File.OpenWrite(RecordingReader.FilesOf(_folder)[0]))
            first.SetLength(first.Length - 3);
        var before = RecordingReader.Read(_folder).ToList();

        RecordingCheck.Repair(_folder, _reports.Add);

        Assert.Equal([], RecordingCheck.Verify(_folder));
        Assert.Equal(before.Select(r => r.ToString()), RecordingReader.Read(_folder).Select(r => r.ToString()));
    }

    [Fact]
    public void What_was_cut_off_anywhere_is_whole_again_after_the_repair_with_every_whole_record()
    {
        var last = RecordingReader.FilesOf(_folder)[^1];
        var whole = File.ReadAllBytes(last);
        for (var cut = 0; cut < whole.Length; cut += 1 + whole.Length / 50)
        {
            File.WriteAllBytes(last, whole[..cut]);
            var before = RecordingReader.Read(_folder).ToList();
            Assert.NotEmpty(RecordingCheck.Verify(_folder));

            RecordingCheck.Repair(_folder, _reports.Add);

            Assert.Empty(RecordingCheck.Verify(_folder));
            var after = RecordingReader.Read(_folder).ToList();
            Assert.Equal(before.Select(r => r.ToString()), after.SkipLast(1).Select(r => r.ToString()));
            Assert.IsType<Marker.SessionEnded>(Assert.IsType<SensorRecord.Marked>(after[^1]).Marker);
        }
    }
}

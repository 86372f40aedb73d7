using System.Diagnostics;
using System.Globalization;
using SensorHub.Core;
using SensorHub.Core.Protocol;
using SensorHub.Core.Sessions;
using SensorHub.Pipelines.Recording;

namespace SensorHub.Pipelines.Tests.Recording;

public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 50;

    [Fact]
    public async Task After_each_of_fifty_kills_at_random_moments_the_repaired_recording_has_every_frame_that_was_acknowledged()
    {
        var random = new Random(2026); // of how many frames to wait for; where in the next ones it strikes is the computer's affair
        var (acknowledged, kept, torn) = (0L, 0L, 0);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var root = Directory.CreateTempSubdirectory("killed-").FullName;
            try
            {
                var said = await RecordAndKillAsync(root, random.Next(1, 3000));
                var folder = Path.Combine(root, "killed");
                RecordingCheck.Repair(folder, line => torn += line.Contains("torn", StringComparison.Ordinal) ? 1 : 0);

                var frames = RecordingReader.Read(folder, damage => Assert.Fail($"kill {kill}: {damage}")).OfType<SensorRecord.Frame>().ToArray();
                Assert.True(frames.Length >= said, $"kill {kill}: {said} frames were acknowledged, {frames.Length} are there.");
                for (var i = 0; i < frames.Length; i++)
                    Assert.True(KilledRecorder.Frame(i + 1) is var sent && sent.At == frames[i].At && sent.Bytes.Span.SequenceEqual(frames[i].Bytes.Span), $"kill {kill}: frame {i + 1} is another.");
                Assert.Equal([], RecordingCheck.Verify(folder)); // its end included
                (acknowledged, kept) = (acknowledged + said, kept + frames.Length);
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Kills} kills: {acknowledged} frames acknowledged, {kept} in the repaired recordings, {torn} torn ends cut off"));
    }

    /// <summary>This test's own executable is the process: see <see cref="KilledRecorder"/>.</summary>
    /// <returns>How many frames it had acknowledged.</returns>
    private static async Task<int> RecordAndKillAsync(string root, int after)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.ChangeExtension(typeof(KilledRecorder).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null))
        {
            Environment = { [KilledRecorder.Variable] = root }, RedirectStandardOutput = true,
        })!;
        var said = 0;
        while (said < after && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            said = int.Parse(line, CultureInfo.InvariantCulture);
        process.Kill();
        // What it had said before it was killed counts too; a line that was cut off does not.
        foreach (var line in (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n')[..^1])
            said = int.Parse(line, CultureInfo.InvariantCulture);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said;
    }
}

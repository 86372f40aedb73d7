using System.Diagnostics;
using System.Text.Json;
using SensorHub.Testing;

namespace SensorHub.Export.Tests.Bids;

/// <summary>The common validator of BIDS datasets.</summary>
internal static class Validator
{
    /// <summary>No error, and no warning but that it takes the first row of a motion file, which has no header by the standard, for names of columns.</summary>
    public static async Task PassesAsync(string dataset)
    {
        var (node, script) = Require.BidsValidator();
        var start = new ProcessStartInfo(node, [script, dataset, "--json"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        using var json = JsonDocument.Parse(output);
        var issues = json.RootElement.GetProperty("issues");
        Assert.Empty(issues.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("key").GetString()));
        foreach (var warning in issues.GetProperty("warnings").EnumerateArray())
        {
            Assert.Equal("CUSTOM_COLUMN_WITHOUT_DESCRIPTION", warning.GetProperty("key").GetString());
            Assert.All(warning.GetProperty("files").EnumerateArray(), file => Assert.EndsWith("_motion.tsv", file.GetProperty("file").GetProperty("name").GetString(), StringComparison.Ordinal));
        }
    }
}

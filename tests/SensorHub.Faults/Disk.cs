using System.Diagnostics;
using SensorHub.Core;

namespace SensorHub.Faults;

/// <summary>A small disk of a part's own, in memory, that can be full.</summary>
internal sealed class Disk : IAsyncDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    private Task _filling = Task.CompletedTask;
    private volatile bool _full;

    private Disk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Filler => Path.Combine(Folder, ".full");

    /// <exception cref="UserException">It cannot be mounted.</exception>
    public static async Task<Disk> MountAsync(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        var error = await RunAsync("mount", "-t", "tmpfs", "-o", FormattableString.Invariant($"size={megabytes}m,mode=0700"), "tmpfs", folder);
        return error is null ? new Disk(folder) : throw new UserException(
            $"A small disk could not be mounted ({error}): run it as root, or in a namespace of its own, 'unshare --map-root-user --mount dotnet run …'.");
    }

    /// <summary>Not a byte more fits when this ends, and what others free later is taken as well.</summary>
    public async Task FillAsync()
    {
        _full = true;
        await Task.Run(TakeAll);
        _filling = Task.Run(async () =>
        {
            for (; _full; await Task.Delay(Again, TimeProvider.System, CancellationToken.None))
                TakeAll();
        });
    }

    public async Task FreeAsync()
    {
        _full = false;
        await _filling;
        File.Delete(Filler);
    }

    public async ValueTask DisposeAsync()
    {
        await FreeAsync();
        for (var tries = 0; await RunAsync("umount", Folder) is not null && tries < 20; tries++) // somebody still has a file open
            await Task.Delay(Again, TimeProvider.System, CancellationToken.None);
    }

    private void TakeAll()
    {
        var block = new byte[1 << 20];
        using var file = File.OpenHandle(Filler, FileMode.OpenOrCreate, FileAccess.Write);
        for (var size = block.Length; size >= 512; size /= 2)
        {
            try
            {
                while (_full)
                    RandomAccess.Write(file, block.AsSpan(0, size), RandomAccess.GetLength(file));
            }
            catch (IOException)
            {
                // A smaller piece may fit.
            }
        }
    }

    /// <returns>Null = done; else what it said.</returns>
    private static async Task<string?> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : error.Trim().ReplaceLineEndings(" ");
    }
}

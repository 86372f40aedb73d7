using System.Runtime.CompilerServices;

namespace SensorHub.Bluetooth.Portable;

/// <summary>A central over a portable library, which is believed as little as possible.</summary>
public sealed class PortableCentral(IPortableLibrary library, TimeProvider time) : ICentral, IAsyncDisposable
{
    /// <summary>Whether the radio can be used now.</summary>
    /// <exception cref="RadioException">It cannot; the message says what mends it.</exception>
    public Task CheckAsync() => library.GuardAsync("The radio cannot be used", library.CheckAsync);

    public async IAsyncEnumerable<Advertisement> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = new ScanFilter();
        await using var heard = library.ListenAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await library.GuardAsync("The scan failed", async () => await heard.MoveNextAsync()))
            if (filter.Take(heard.Current) is { } advertisement)
                yield return advertisement;
    }

    public async Task<IConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        var peripheral = await library.GuardAsync("The sensor could not be looked up", () => library.FindAsync(address, cancellationToken))
            ?? throw new LinkException("The radio has not heard this sensor: switch it on, hold it near, and scan again.");
        var connection = new PortableConnection(library, peripheral, time);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public Task ForgetAsync(string address, CancellationToken cancellationToken) =>
        library.GuardAsync("The sensor could not be forgotten", () => library.ForgetAsync(address, cancellationToken));

    public Task PowerCycleAsync(CancellationToken cancellationToken) =>
        library.GuardAsync("The adapter could not be switched off and on", () => library.PowerCycleAsync(cancellationToken));

    public ValueTask DisposeAsync()
    {
        (library as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}

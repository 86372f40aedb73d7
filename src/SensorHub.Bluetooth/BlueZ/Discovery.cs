using SensorHub.Bluetooth.BlueZ.Bus;
using SensorHub.Core.Protocol;

namespace SensorHub.Bluetooth.BlueZ;

/// <summary>The discovery of one adapter: runs while somebody wants it and nobody holds it, for it disturbs connecting with some controllers.</summary>
#pragma warning disable CA1001 // a semaphore whose wait handle nobody takes holds nothing
internal sealed class Discovery(BlueZSession session, string adapter, BlueZOptions options)
#pragma warning restore CA1001
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private const int Retries = 10;

    private readonly SemaphoreSlim _gate = new(1);
    private int _wanted;
    private int _held;
    private bool _runs;
    private volatile bool _ended;

    /// <summary>Runs until disposed.</summary>
    /// <exception cref="BusErrorException">BlueZ could not.</exception>
    public Task<IAsyncDisposable> WantAsync(CancellationToken cancellationToken) => CountAsync(() => _wanted++, () => _wanted--, cancellationToken);

    /// <summary>Rests until disposed.</summary>
    public Task<IAsyncDisposable> HoldAsync(CancellationToken cancellationToken) => CountAsync(() => _held++, () => _held--, cancellationToken);

    /// <summary>The bluetoothd that it ran in is gone: what comes after is another one's.</summary>
    public void End() => _ended = true;

    /// <summary>Starts it again when it stopped by itself.</summary>
    public async Task MendAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            // BlueZ says that it discovers a moment after it has answered that it will.
            _runs = _runs && await session.UntilAsync(() => session.Objects.Find<bool>(adapter, Names.Adapter, "Discovering"), Settling, CancellationToken.None).ConfigureAwait(false);
            await ApplyAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BusErrorException or LinkException)
        {
            // The adapter is off or gone: whoever waits for advertisements finds out from its own signs.
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<IAsyncDisposable> CountAsync(Action enter, Action leave, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            enter();
            try
            {
                await ApplyAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                leave();
                throw;
            }
        }
        finally
        {
            _gate.Release();
        }
        return new Leaving(async () =>
        {
            await _gate.WaitAsync().ConfigureAwait(false);
            try
            {
                leave();
                await ApplyAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is BusErrorException or LinkException)
            {
                _runs = false; // with the adapter or BlueZ, discovery went too
            }
            finally
            {
                _gate.Release();
            }
        });
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var shall = _wanted > 0 && _held == 0;
        if (shall == _runs || _ended)
            return;
        if (shall)
        {
            var filter = new BusDictionary
            {
                ["UUIDs"] = new Variant("as", new[] { Gatt.Service.ToString() }),
                ["Transport"] = (Variant)"le",
                ["DuplicateData"] = (Variant)true,
            };
            await CallAsync("SetDiscoveryFilter", BusBody.Of("a{sv}", filter), cancellationToken).ConfigureAwait(false);
            await CallAsync("StartDiscovery", default, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            try
            {
                await CallAsync("StopDiscovery", default, cancellationToken).ConfigureAwait(false);
            }
            catch (BusErrorException)
            {
                // "No discovery started": that is what was wanted.
            }
        }
        _runs = shall;
    }

    /// <summary>
    /// InProgress has two meanings: another program's start or stop is under way, which passes, or ours runs already, which is fine.
    /// </summary>
    private async Task CallAsync(string member, BusBody body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await session.CallAsync(adapter, Names.Adapter, member, body, Patience, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (BusErrorException e) when (e.Kind() == "InProgress")
            {
                if (attempt > Retries)
                    return;
                await Task.Delay(RetryAfter, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private sealed class Leaving(Func<Task> leave) : IAsyncDisposable
    {
        private Func<Task>? _leave = leave;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _leave, null) is { } once)
                await once().ConfigureAwait(false);
        }
    }
}

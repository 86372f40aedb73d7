using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SensorHub.Core.Timing;
using SensorHub.Storage.Schema;

namespace SensorHub.Storage.Embedded;

/// <summary>
/// Keeps house in an embedded store: rolls up what has come, deletes what is older than it is kept, gives space back. In steps of
/// some milliseconds, between which batches are written.
/// </summary>
/// <remarks>
/// A minute is rolled up some seconds after its end, and again when a point of it comes late or is taken back: so the roll-ups of a
/// minute are always what its points give. Until then it is on a list in the store, and history reads its points.
/// </remarks>
public sealed class StoreKeeper
{
    /// <summary>Most of what belongs to a minute is there so long after its end.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    /// <summary>Rows deleted in one step: about 10 ms.</summary>
    private const int RowsAtOnce = 2_000;

    /// <summary>Pages of 4 KiB given back in one step.</summary>
    private const int PagesAtOnce = 256;

    private readonly SqliteStore _store;
    private readonly RetentionOptions? _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="options">Null: nothing is deleted, as in the replay of an old recording.</param>
    /// <exception cref="Core.UserException">An option is outside its range.</exception>
    public StoreKeeper(SqliteStore store, RetentionOptions? options, TimeProvider time, ILogger<StoreKeeper>? logger = null)
    {
        options?.Validate();
        (_store, _options, _time, _logger) = (store, options, time, logger ?? NullLogger<StoreKeeper>.Instance);
    }

    /// <summary>Keeps house every ten seconds until it is stopped. A store that cannot be used now is said once, and tried again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        string? said = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await KeepAsync(stopping).ConfigureAwait(false);
                said = null;
            }
            catch (OutputException e)
            {
                if (said != e.Message)
                    _logger.LogWarning("Roll-ups and retention wait. {Fault}", said = e.Message);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Between, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does all that is to be done now.</summary>
    /// <exception cref="OutputException">The store cannot be written.</exception>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        var now = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
        while (await _store.RollUpNextAsync(now - Settling, cancellationToken).ConfigureAwait(false))
            await Task.Yield();
        if (_options is not { } options)
            return;
        foreach (var measurement in _store.RolledUp)
        {
            await DropAsync(measurement, null, now, options.RawDays, cancellationToken).ConfigureAwait(false);
            await DropAsync(measurement, Tier.Second, now, options.SecondsDays, cancellationToken).ConfigureAwait(false);
            if (options.MinutesDays is { } days)
                await DropAsync(measurement, Tier.Minute, now, days, cancellationToken).ConfigureAwait(false);
        }
        while (await _store.ReclaimAsync(PagesAtOnce, cancellationToken).ConfigureAwait(false))
            await Task.Yield();
    }

    private async Task DropAsync(MeasurementSchema measurement, Tier? tier, Timestamp now, int days, CancellationToken cancellationToken)
    {
        var before = new Timestamp(Tier.Minute.Floor((now - TimeSpan.FromDays(days)).UnixNanoseconds)); // whole minutes
        var all = 0L;
        int dropped;
        do
        {
            dropped = await _store.DropOldestAsync(measurement, tier, before, RowsAtOnce, cancellationToken).ConfigureAwait(false);
            all += dropped;
            await Task.Yield();
        }
        while (dropped >= RowsAtOnce);
        if (all > 0)
            _logger.LogInformation("{Rows} rows of {Table} are older than {Days} days and were deleted.", all, tier?.Table(measurement) ?? measurement.Name, days);
    }
}

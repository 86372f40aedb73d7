namespace SensorHub.Bluetooth.Link;

/// <summary>
/// When to exchange time over one connection: several exchanges after connecting, then a few every
/// <see cref="LinkOptions.TimeExchangeInterval"/>.
/// </summary>
/// <remarks>
/// A request waits for the next connection event, and each answer ends right behind one. Asked again at once, or after
/// whole seconds, the hub would keep step with the events, so that every request waited the same time and the bound that
/// an exchange puts on the clock never became tighter. So each is put off by a part of
/// <see cref="LinkOptions.TimeExchangeSpread"/>: the fractional parts of the multiples of the golden ratio, of
/// which any n in a row divide the interval most evenly (the three-distance theorem). Nobody has to know the interval.
/// </remarks>
public sealed class ExchangeSchedule(LinkOptions options)
{
    private const double GoldenRatio = 0.6180339887498949;

    private int _exchanges;

    /// <summary>What to wait from the end of the exchange before (first: from now) to the next.</summary>
    public TimeSpan Next()
    {
        var part = ++_exchanges * GoldenRatio % 1;
        var later = _exchanges - options.FirstTimeExchanges - 1;
        var beginsRound = later >= 0 && later % options.TimeExchangesPerRound == 0;
        return (beginsRound ? options.TimeExchangeInterval : TimeSpan.Zero) + TimeSpan.FromTicks((long)(part * options.TimeExchangeSpread.Ticks));
    }
}
